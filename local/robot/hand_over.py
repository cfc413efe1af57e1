"""What a hand-over to the robot looks like: a batch of orders to ship, or of shipments to find the guides of."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.words import JobKind


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, strict=True)


class Credentials(_Wire):
    """The operator's login at the carrier's portal."""

    username: str = Field(min_length=1)
    password: str = Field(min_length=1, repr=False)


class Entry(_Wire):
    """One order of a hand-over."""

    item_id: str = Field(min_length=1)
    order_id: str = Field(min_length=1)

    @property
    def names(self) -> frozenset[str]:
        """What the order is known by."""
        return frozenset({self.item_id, self.order_id})


class HandedOrder(Entry):
    """One order to ship; what its pedidoInput holds is the portal's business."""

    pedido_input: dict[str, Any]

    @property
    def names(self) -> frozenset[str]:
        """What the order is known by, the reference in its form too."""
        return super().names | {str(self.pedido_input.get("referencia"))}


class AskedGuide(Entry):
    """One shipment whose guide is asked for."""

    pedido_number: str = Field(min_length=1)

    @property
    def names(self) -> frozenset[str]:
        """What the order is known by, its number too."""
        return super().names | {self.pedido_number}


class Task(_Wire):
    """What every hand-over has: whose it is, the login, and the place and the secret to report to."""

    kind: ClassVar[JobKind]

    workspace_id: str = Field(min_length=1)
    job_id: str = Field(min_length=1)
    credentials: Credentials
    callback_url: AnyHttpUrl
    callback_secret: str = Field(min_length=1, repr=False)

    @property
    @abstractmethod
    def entries(self) -> Sequence[Entry]:
        """What it is to be done for, in this order."""


class HandOver(Task):
    """A batch of orders of one workspace, to be shipped."""

    kind = "shipment"
    orders: list[HandedOrder] = Field(min_length=1)

    @property
    def entries(self) -> Sequence[Entry]:
        """The orders."""
        return self.orders


class GuideLookup(Task):
    """Shipments of one workspace, whose guides are asked for."""

    kind = "guide_lookup"
    pedido_numbers: list[AskedGuide] = Field(min_length=1)

    @property
    def entries(self) -> Sequence[Entry]:
        """The shipments."""
        return self.pedido_numbers
