"""The form that the robot fills in, and the orders that have none."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.logistics import (
    CoveredCity,
    Parcel,
    PedidoInput,
    Recipient,
    ShipmentDefaults,
    Unshippable,
    build_pedido,
    mobile_number,
    split_name,
    uncovered,
)

PARCEL = Parcel(
    name="A-1001",
    total_value=Decimal("189900.00"),
    address="Calle 72 # 10-34,  apto 502",
    city="Bogotá",
    department="Bogotá D.C.",
    email="valentina@example.com",
)
RECIPIENT = Recipient(
    name="Valentina Rojas Cárdenas", phone="+57 310 452 8817", email="otra@example.com", identification="1020745318"
)
BOGOTA = CoveredCity("BOGOTA", "C/MARCA", supports_cod=True)
DEFAULTS = ShipmentDefaults(
    declared_value=Decimal("55000.00"),
    weight_kg=Decimal("1.500"),
    height_cm=Decimal(10),
    length_cm=Decimal(20),
    width_cm=Decimal(30),
    reference="TIENDA",
)


def built(
    parcel: Parcel = PARCEL,
    recipient: Recipient | None = RECIPIENT,
    covered: CoveredCity | None = BOGOTA,
    defaults: ShipmentDefaults = DEFAULTS,
) -> PedidoInput:
    pedido = build_pedido(parcel, recipient, covered, defaults)
    assert isinstance(pedido, PedidoInput), pedido
    return pedido


def refused(
    parcel: Parcel = PARCEL, recipient: Recipient | None = RECIPIENT, covered: CoveredCity | None = BOGOTA
) -> str:
    unshippable = build_pedido(parcel, recipient, covered, DEFAULTS)
    assert isinstance(unshippable, Unshippable), unshippable
    assert unshippable.reason.endswith(".")
    return unshippable.code


def test_a_pedido_has_the_order_the_contact_the_city_and_the_workspaces_defaults() -> None:
    assert built().as_dict() == {
        "identificacion": "1020745318",
        "nombres": "Valentina",
        "apellidos": "Rojas Cárdenas",
        "direccion": "Calle 72 # 10-34, apto 502",
        "ciudad": "BOGOTA (C/MARCA)",
        "departamento": "C/MARCA",
        "celular": "3104528817",
        "email": "valentina@example.com",
        "referencia": "TIENDA",
        "unidades": 1,
        "totalConIva": 189900,
        "valorDeclarado": 55000,
        "esRecaudoContraentrega": True,
        "peso": 1.5,
        "alto": 10,
        "largo": 20,
        "ancho": 30,
    }


@pytest.mark.parametrize(
    ("total", "prepaid", "collects"),
    [(Decimal(1), False, True), (Decimal(1), True, False), (Decimal(0), False, False), (None, False, False)],
)
def test_cash_on_delivery_is_a_value_that_was_not_prepaid(
    *, total: Decimal | None, prepaid: bool, collects: bool
) -> None:
    parcel = replace(PARCEL, total_value=total, prepaid=prepaid)
    assert built(parcel).esRecaudoContraentrega is collects


@pytest.mark.parametrize("prepaid", [False, True])
@pytest.mark.parametrize("total", [Decimal(0), Decimal("0.00"), None])
def test_an_order_worth_nothing_goes_ahead_and_nothing_is_collected(*, total: Decimal | None, prepaid: bool) -> None:
    """Naive: zero is something to collect, and the order is refused where the carrier collects nothing."""
    without = replace(BOGOTA, supports_cod=False)
    pedido = built(replace(PARCEL, total_value=total, prepaid=prepaid), covered=without)
    assert (pedido.totalConIva, pedido.esRecaudoContraentrega, pedido.valorDeclarado) == (0, False, 55000)


@pytest.mark.parametrize(
    ("total", "sent"), [(Decimal("0.01"), 0.01), (Decimal(1), 1), (Decimal("89.90"), 89.9), (Decimal("89.00"), 89)]
)
def test_what_is_collected_is_the_order_s_value_to_the_cent(total: Decimal, sent: float) -> None:
    pedido = built(replace(PARCEL, total_value=total))
    assert (pedido.totalConIva, type(pedido.totalConIva), pedido.esRecaudoContraentrega) == (sent, type(sent), True)


def test_the_contacts_email_stands_in_for_the_orders() -> None:
    assert built(replace(PARCEL, email=None)).email == "otra@example.com"


@pytest.mark.parametrize("missing", [None, "", " "])
def test_the_workspaces_email_stands_in_where_neither_has_one(missing: str | None) -> None:
    defaults = replace(DEFAULTS, email="tienda@example.com")
    parcel, recipient = replace(PARCEL, email=missing), replace(RECIPIENT, email=missing)
    assert built(parcel, recipient, defaults=defaults).email == "tienda@example.com"
    assert built(parcel, defaults=defaults).email == "otra@example.com"
    assert built(recipient=recipient, defaults=defaults).email == "valentina@example.com"


def test_the_pieces_are_the_orders_and_else_the_workspaces() -> None:
    defaults = replace(DEFAULTS, units=4)
    assert built(replace(PARCEL, units=3), defaults=defaults).unidades == 3
    assert built(defaults=defaults).unidades == 4


@pytest.mark.parametrize("blank", ["", " ", "\N{PACKAGE}"])
def test_a_blank_reference_of_the_workspace_is_none(blank: str) -> None:
    """Naive: nobody finds the shipment again in the portal, when its outcome was lost."""
    assert built(defaults=replace(DEFAULTS, reference=blank)).referencia == "A-1001"


def test_without_a_reference_of_the_workspace_the_orders_name_is_it() -> None:
    assert built(defaults=replace(DEFAULTS, reference=None)).referencia == "A-1001"


def test_what_is_optional_and_missing_is_empty_not_made_up() -> None:
    parcel = replace(PARCEL, email=None, name=None)
    pedido = built(parcel, Recipient("Ana", "3104528817"), defaults=replace(DEFAULTS, reference=None))
    assert (pedido.email, pedido.identificacion, pedido.referencia, pedido.apellidos) == ("", "", "", "")


@pytest.mark.parametrize("address", ["Calle 72 N° 10-34 `B` ^ ¨", "Avenida 6ª # 2²", "شارع 5"])
def test_what_a_form_takes_reaches_it_as_it_is(address: str) -> None:
    assert built(replace(PARCEL, address=address)).direccion == address


def test_pictures_and_controls_do_not_reach_the_carriers_form() -> None:
    pedido = built(replace(PARCEL, address="Calle 1\n# 2-3 \N{PACKAGE}\N{RIGHT-TO-LEFT OVERRIDE}\N{SOFT HYPHEN}\x07"))
    assert pedido.direccion == "Calle 1 # 2-3"


@pytest.mark.parametrize("sign", ["\ue000", "\u0378", "\ud800", "\N{EMOJI MODIFIER FITZPATRICK TYPE-3}", "\x1b"])
def test_what_no_form_takes_is_left_out_of_it(sign: str) -> None:
    """A private or unassigned sign, half a surrogate pair, the colour of a picture's skin, a control."""
    pedido = built(replace(PARCEL, address=f"Calle{sign} 1"), replace(RECIPIENT, name=f"{sign}Ana Pé{sign}rez"))
    assert (pedido.direccion, pedido.nombres, pedido.apellidos) == ("Calle 1", "Ana", "Pérez")


@pytest.mark.parametrize("missing", [None, "", "  ", "\N{PACKAGE}"])
def test_a_missing_address_or_city_is_a_rejection_never_a_placeholder(missing: str | None) -> None:
    assert refused(replace(PARCEL, address=missing)) == "missing_address"
    assert refused(replace(PARCEL, city=missing)) == "missing_city"


@pytest.mark.parametrize("missing", [None, "", " ", ","])
def test_a_missing_phone_or_name_is_a_rejection(missing: str | None) -> None:
    assert refused(recipient=replace(RECIPIENT, phone=missing)) in {"missing_phone", "invalid_phone"}
    assert refused(recipient=replace(RECIPIENT, name=missing)) == "missing_name"


def test_an_order_without_a_contact_has_no_phone() -> None:
    assert refused(recipient=None) == "missing_phone"


def test_a_phone_that_is_no_mobile_number_is_a_rejection() -> None:
    assert refused(recipient=replace(RECIPIENT, phone="601 234 5678")) == "invalid_phone"


def test_an_identification_reaches_the_form_as_its_digits_or_not_at_all() -> None:
    """Without it, the letters of a passport fall away, and its digits are somebody's."""
    assert built(recipient=replace(RECIPIENT, identification="CC 1.020.745.318")).identificacion == "1020745318"
    assert built(recipient=replace(RECIPIENT, identification="1020745318.0")).identificacion == "1020745318"
    assert built(recipient=replace(RECIPIENT, identification="PA 1020745")).identificacion == ""


@pytest.mark.parametrize("department", ["Chiapas", "SA", "0"])
def test_an_unknown_department_is_said_to_be_unknown_not_that_it_is_not_served(department: str) -> None:
    assert refused(replace(PARCEL, department=department), covered=None) == "unknown_department"


def test_a_city_that_is_not_covered_is_a_rejection() -> None:
    assert refused(covered=None) == "city_not_covered"


def test_a_missing_department_is_told_apart_from_a_city_that_is_not_covered() -> None:
    assert refused(replace(PARCEL, department=None), covered=None) == "missing_department"
    assert uncovered("Cali", None).reason == (
        "The order has no shipping department, and several cities may be named Cali; add the department."
    )
    [department] = uncovered(None, None).further
    assert department.reason == (
        "The order has no shipping department, which the city's name alone does not tell; add the department."
    )


def test_all_that_is_wrong_is_told_at_once_the_first_being_the_order_s_reason() -> None:
    """Naive: somebody corrects one thing to be told of the next."""
    unshippable = build_pedido(Parcel(), None, None, DEFAULTS)
    assert isinstance(unshippable, Unshippable)
    assert [str(each.code) for each in unshippable.all] == [
        "missing_address",
        "missing_city",
        "missing_department",
        "missing_phone",
        "missing_name",
    ]
    assert all(each.further == () for each in unshippable.further)
    elsewhere = build_pedido(replace(PARCEL, city="Macondo"), replace(RECIPIENT, phone="601 234 5678"), None, DEFAULTS)
    assert isinstance(elsewhere, Unshippable)
    assert [str(each.code) for each in elsewhere.all] == ["city_not_covered", "invalid_phone"]


def test_cash_on_delivery_where_there_is_none_is_a_rejection_and_prepaid_goes_ahead() -> None:
    without = replace(BOGOTA, supports_cod=False)
    assert refused(covered=without) == "no_cash_on_delivery"
    assert built(replace(PARCEL, prepaid=True), covered=without).esRecaudoContraentrega is False


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("3104528817", "3104528817"),
        ("+57 310 452 88 17", "3104528817"),
        ("57-310-452-8817", "3104528817"),
        ("0057 (310) 4528817", "3104528817"),
        ("Cel. 310 4528817", "3104528817"),
        ("p:+573104528817", "3104528817"),
        ("\N{LEFT-TO-RIGHT MARK}+57 310 452 8817", "3104528817"),
        ("3104528817 / +57 310 452 8817", "3104528817"),
        ("6012345678 / 310 452 8817", None),
        ("310452881", None),
        ("31045288177", None),
        ("6012345678", None),
        ("+1 310 452 8817", None),
        ("no tiene", None),
        ("", None),
    ],
)
def test_a_mobile_number_is_ten_digits_that_begin_with_3(written: str, number: str | None) -> None:
    assert mobile_number(written) == number


@pytest.mark.parametrize(
    ("name", "given", "surnames"),
    [
        ("Ana", "Ana", ""),
        ("Ana Pérez", "Ana", "Pérez"),
        ("Valentina Rojas Cárdenas", "Valentina", "Rojas Cárdenas"),
        ("Luz Marina Ospina Díaz", "Luz Marina", "Ospina Díaz"),
        ("Ana de la Cruz Pérez", "Ana", "de la Cruz Pérez"),
        ("Juan José San Martín Gil", "Juan José", "San Martín Gil"),
        ("Pérez Gómez, Ana María", "Ana María", "Pérez Gómez"),
        ("  Ana   Pérez ", "Ana", "Pérez"),
        ("de la", "de la", ""),
        (",", "", ""),
        ("Ana,", "Ana", ""),
        (", Ana Pérez", "Ana", "Pérez"),
    ],
)
def test_a_name_is_split_into_given_names_and_surnames(name: str, given: str, surnames: str) -> None:
    assert split_name(name) == (given, surnames)


@pytest.mark.parametrize(
    "particle", ["de", "del", "la", "las", "los", "san", "Santa", "y", "van", "von", "da", "di", "dos", "DE LOS"]
)
def test_a_particle_belongs_to_the_surname_behind_it(particle: str) -> None:
    assert split_name(f"Luz Ospina {particle} Cruz") == ("Luz", f"Ospina {particle} Cruz")
