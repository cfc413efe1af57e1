# ruff: noqa: N815 - PedidoInput's fields are named by the robot's contract
"""PedidoInput: what the robot types into Coordinadora's portal for one order, and why an order has none."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from shared.logistics.departments import read_department
from shared.logistics.identifications import read_identification
from shared.logistics.people import split_name
from shared.logistics.phones import read_phone
from shared.logistics.text import carrier_text
from shared.logistics.unreadable import Unreadable

Number = int | float


@dataclass(frozen=True)
class PedidoInput:
    """One shipment, in the portal's words: pesos, kilograms and centimetres."""

    identificacion: str
    nombres: str
    apellidos: str
    direccion: str
    #: `CITY (DEPT)`, as the portal lists it.
    ciudad: str
    departamento: str
    #: Ten digits.
    celular: str
    email: str
    referencia: str
    unidades: int
    totalConIva: Number
    valorDeclarado: Number
    esRecaudoContraentrega: bool
    peso: Number
    alto: Number
    largo: Number
    ancho: Number

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name, as they go into JSON."""
        return dict(vars(self))


class RejectionCode(StrEnum):
    """Why an order can't be shipped as it is."""

    ALREADY_SHIPPED = "already_shipped"
    MISSING_ADDRESS = "missing_address"
    MISSING_CITY = "missing_city"
    MISSING_DEPARTMENT = "missing_department"
    UNKNOWN_DEPARTMENT = "unknown_department"
    CITY_NOT_COVERED = "city_not_covered"
    NO_CASH_ON_DELIVERY = "no_cash_on_delivery"
    MISSING_NAME = "missing_name"
    MISSING_PHONE = "missing_phone"
    INVALID_PHONE = "invalid_phone"


@dataclass(frozen=True)
class Unshippable:
    """The order is left out of the job; the reason says what to change."""

    code: RejectionCode
    reason: str
    #: What else is to be changed, so that nobody corrects one thing to be told of the next.
    further: tuple["Unshippable", ...] = ()

    @property
    def all(self) -> tuple["Unshippable", ...]:
        """This reason, and the further ones."""
        return (self, *self.further)


@dataclass(frozen=True)
class Parcel:
    """What is shipped, and where to."""

    name: str | None = None
    total_value: Decimal | None = None
    prepaid: bool = False
    #: Pieces, 1 to 999.
    units: int | None = None
    address: str | None = None
    city: str | None = None
    department: str | None = None
    email: str | None = None

    @property
    def is_cash_on_delivery(self) -> bool:
        """Whether the carrier has to collect the order's value."""
        return not self.prepaid and (self.total_value or 0) > 0


@dataclass(frozen=True)
class Recipient:
    """Who gets it."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    identification: str | None = None


@dataclass(frozen=True)
class CoveredCity:
    """A city of the carrier's list, in the carrier's own spelling."""

    city: str
    department_abbrev: str
    supports_cod: bool


@dataclass(frozen=True)
class ShipmentDefaults:
    """What each shipment of a workspace has in common: pesos, kilograms, centimetres, pieces."""

    declared_value: Decimal
    weight_kg: Decimal
    height_cm: Decimal
    length_cm: Decimal
    width_cm: Decimal
    reference: str | None = None
    units: int = 1
    #: Where neither the order nor its contact has one.
    email: str | None = None


def build_pedido(
    parcel: Parcel, recipient: Recipient | None, covered: CoveredCity | None, defaults: ShipmentDefaults
) -> PedidoInput | Unshippable:
    """Return what the robot types in, or why the order can't be shipped; nothing missing is made up.

    `covered` is the city of the carrier's list that the parcel's city and department mean, None where there is none.
    """
    recipient = recipient or Recipient()
    address = _address(parcel)
    place = _place(parcel, covered)
    phone = _phone(recipient)
    names = _names(recipient)
    parts = address, place, phone, names
    # One expression tells the types apart; the reasons are told in this order, the first being the order's own.
    if (
        isinstance(address, Unshippable)
        or isinstance(place, Unshippable)
        or isinstance(phone, Unshippable)
        or isinstance(names, Unshippable)
    ):
        first, *others = (why for each in parts if isinstance(each, Unshippable) for why in each.all)
        return replace(first, further=tuple(replace(each, further=()) for each in others))
    given_names, surnames = names
    return PedidoInput(
        identificacion=_identification(recipient),
        nombres=given_names,
        apellidos=surnames,
        direccion=address,
        ciudad=f"{place.city} ({place.department_abbrev})",
        departamento=place.department_abbrev,
        celular=phone,
        email=carrier_text(parcel.email) or carrier_text(recipient.email) or carrier_text(defaults.email),
        # The workspace's own reference; without one the order's name finds the shipment again.
        referencia=carrier_text(defaults.reference) or carrier_text(parcel.name),
        unidades=parcel.units or defaults.units,
        # What the carrier collects: nothing, where the order is paid.
        totalConIva=0 if parcel.prepaid else _number(parcel.total_value or Decimal(0)),
        valorDeclarado=_number(defaults.declared_value),
        esRecaudoContraentrega=parcel.is_cash_on_delivery,
        peso=_number(defaults.weight_kg),
        alto=_number(defaults.height_cm),
        largo=_number(defaults.length_cm),
        ancho=_number(defaults.width_cm),
    )


def uncovered(city: str | None, department: str | None) -> Unshippable:
    """Return why a place is none that the carrier serves: what is missing of it, is not known, or is not listed."""
    city, department = carrier_text(city), carrier_text(department)
    wrong = _wrong_department(city, department)
    if not city:
        return Unshippable(
            RejectionCode.MISSING_CITY,
            "The order has no shipping city; add one and submit it again.",
            (wrong,) if wrong else (),
        )
    return wrong or Unshippable(
        RejectionCode.CITY_NOT_COVERED,
        f"The carrier does not serve {city} ({department}); correct the city and department.",
    )


def _wrong_department(city: str, department: str) -> Unshippable | None:
    if not department:
        which = f"and several cities may be named {city}" if city else "which the city's name alone does not tell"
        return Unshippable(
            RejectionCode.MISSING_DEPARTMENT, f"The order has no shipping department, {which}; add the department."
        )
    read = read_department(department)
    if isinstance(read, Unreadable):
        return Unshippable(RejectionCode.UNKNOWN_DEPARTMENT, read.about("The order's department"))
    return None


def _address(parcel: Parcel) -> str | Unshippable:
    return carrier_text(parcel.address) or Unshippable(
        RejectionCode.MISSING_ADDRESS, "The order has no shipping address; add one and submit it again."
    )


def _names(recipient: Recipient) -> tuple[str, str] | Unshippable:
    given_names, surnames = split_name(carrier_text(recipient.name))
    if not given_names:
        return Unshippable(RejectionCode.MISSING_NAME, "The order's contact has no name; add one.")
    return given_names, surnames


def _place(parcel: Parcel, covered: CoveredCity | None) -> CoveredCity | Unshippable:
    if covered is None or not carrier_text(parcel.city):
        return uncovered(parcel.city, parcel.department)
    if parcel.is_cash_on_delivery and not covered.supports_cod:
        return Unshippable(
            RejectionCode.NO_CASH_ON_DELIVERY,
            f"The carrier does not collect cash on delivery in {covered.city} ({covered.department_abbrev});"
            " the order must be prepaid.",
        )
    return covered


def _phone(recipient: Recipient) -> str | Unshippable:
    written = carrier_text(recipient.phone)
    if not written:
        return Unshippable(
            RejectionCode.MISSING_PHONE, "The order's contact has no phone; add a Colombian mobile number."
        )
    phone = read_phone(written)
    if isinstance(phone, Unreadable):
        return Unshippable(RejectionCode.INVALID_PHONE, phone.about("The contact's phone"))
    return phone


def _identification(recipient: Recipient) -> str:
    # The robot puts the phone where it finds no digits: better than those of a passport with letters.
    read = read_identification(carrier_text(recipient.identification))
    return "" if isinstance(read, Unreadable) else read


def _number(value: Decimal) -> Number:
    return int(value) if value == value.to_integral_value() else float(value)
