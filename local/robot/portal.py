"""The carrier's portal as the robot meets it: it refuses what it can't use and sometimes fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from local.robot.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from local.robot.settings import Settings

_Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Amount = Annotated[float, Field(ge=0)]


class _Form(BaseModel):
    """The portal's form: what a pedidoInput must hold for a shipment to be made."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, allow_inf_nan=False)

    identificacion: str
    nombres: _Filled
    apellidos: str
    direccion: _Filled
    #: CITY (DEPT)
    ciudad: Annotated[str, StringConstraints(pattern=r"^[^()]+ \([^()]+\)$")]
    departamento: _Filled
    celular: Annotated[str, StringConstraints(pattern=r"^\d{10}$")]
    email: str
    referencia: str
    unidades: Annotated[int, Field(ge=1)]
    total_con_iva: _Amount
    valor_declarado: _Amount
    es_recaudo_contraentrega: bool
    peso: _Amount
    alto: _Amount
    largo: _Amount
    ancho: _Amount


@dataclass(frozen=True)
class PortalProblem:
    """Why the portal made no shipment."""

    error_type: Literal["validation", "portal"]
    message: str


def find_problem(pedido: Mapping[str, object], settings: Settings, chance: Random) -> PortalProblem | None:
    """What stops the portal from making this shipment, if anything does.

    Exactly one number is drawn for an order, so that an order's luck does not depend on what others held.
    """
    luck = chance.random()
    try:
        _Form.model_validate(pedido)
    except ValidationError as error:
        return PortalProblem("validation", in_words(error))
    if luck < settings.portal_error_rate:
        return PortalProblem("portal", "no answer while saving the order")
    if luck < settings.portal_error_rate + settings.validation_error_rate:
        return PortalProblem("validation", "the recipient's address was not accepted")
    return None
