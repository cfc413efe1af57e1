"""The portal's form, as the robot fills it in: it refuses what it can't use, and sometimes more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from local.robot.sayings import BAD_ADDRESS, REFUSALS
from local.robot.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from local.robot.settings import Settings

_Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Amount = Annotated[float, Field(ge=0)]


class Form(BaseModel):
    """What a pedidoInput must hold for a shipment to be made."""

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

    @property
    def typed_identificacion(self) -> str:
        """What the robot types: the form takes digits only, so anything else is replaced by the phone."""
        is_typed = self.identificacion.isascii() and self.identificacion.isdecimal()
        return self.identificacion if is_typed else self.celular


@dataclass(frozen=True)
class FormProblem:
    """Why nothing was saved."""

    error_type: Literal["validation", "portal"]
    message: str


def fill_in(pedido: Mapping[str, object], settings: Settings, chance: Random) -> Form | FormProblem:
    """The form, ready to be saved, or what stops it.

    Exactly one number is drawn for an order, so that an order's luck does not depend on what others held.
    """
    luck = chance.random()
    try:
        form = Form.model_validate(pedido)
    except ValidationError as error:
        return FormProblem("validation", in_words(error))
    if luck < settings.portal_error_rate:
        # The same luck says in which words: it is drawn once.
        return FormProblem("portal", REFUSALS[int(luck * 1_000_000) % len(REFUSALS)])
    if luck < settings.portal_error_rate + settings.validation_error_rate:
        return FormProblem("validation", BAD_ADDRESS)
    return form
