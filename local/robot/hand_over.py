"""What a hand-over to the robot looks like."""

from __future__ import annotations

from typing import Any

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, strict=True)


class Credentials(_Wire):
    """The operator's login at the carrier's portal."""

    username: str = Field(min_length=1)
    password: str = Field(min_length=1, repr=False)


class HandedOrder(_Wire):
    """One order to ship; what its pedidoInput holds is the portal's business."""

    item_id: str = Field(min_length=1)
    order_id: str = Field(min_length=1)
    pedido_input: dict[str, Any]


class HandOver(_Wire):
    """A batch of orders of one workspace, with the place and the secret to report to."""

    workspace_id: str = Field(min_length=1)
    job_id: str = Field(min_length=1)
    credentials: Credentials
    callback_url: AnyHttpUrl
    callback_secret: str = Field(min_length=1, repr=False)
    orders: list[HandedOrder] = Field(min_length=1)


def parse_hand_over(body: bytes) -> HandOver:
    """The hand-over in a request's body.

    Raises:
        ValidationError: a field is missing or malformed.
    """
    return HandOver.model_validate_json(body)
