"""What Colombian logistics know by themselves: texts from outside, places, people, and the carrier's form.

Texts of files, programs and people are read here and nowhere else: what is understood without doubt, or an
`Unreadable` that says what to do about it. Each name is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.logistics.characters import clean_line, clean_text, id_form, reported_line, reported_text
    from shared.logistics.departments import (
        DEPARTMENTS,
        Department,
        department_abbreviation,
        find_department,
        read_department,
    )
    from shared.logistics.fields import FieldKind, read_field, read_sent_field
    from shared.logistics.identifications import read_identification
    from shared.logistics.money import Pesos, contradiction, pesos_of_number, read_pesos
    from shared.logistics.order_ids import derived_order_id, known_order_ids
    from shared.logistics.pedido import (
        CoveredCity,
        Parcel,
        PedidoInput,
        Recipient,
        RejectionCode,
        ShipmentDefaults,
        Unshippable,
        build_pedido,
    )
    from shared.logistics.people import split_name
    from shared.logistics.phones import mobile_number, read_phone
    from shared.logistics.placeholders import is_placeholder, is_spreadsheet_error
    from shared.logistics.places import coverage_candidates, place_suggestion
    from shared.logistics.reports import read_reported_number
    from shared.logistics.table_numbers import formula_text, plain_number
    from shared.logistics.text import carrier_text, normalise
    from shared.logistics.unreadable import TextCode, Unreadable, quoted

__all__ = [
    "DEPARTMENTS",
    "CoveredCity",
    "Department",
    "FieldKind",
    "Parcel",
    "PedidoInput",
    "Pesos",
    "Recipient",
    "RejectionCode",
    "ShipmentDefaults",
    "TextCode",
    "Unreadable",
    "Unshippable",
    "build_pedido",
    "carrier_text",
    "clean_line",
    "clean_text",
    "contradiction",
    "coverage_candidates",
    "department_abbreviation",
    "derived_order_id",
    "find_department",
    "formula_text",
    "id_form",
    "is_placeholder",
    "is_spreadsheet_error",
    "known_order_ids",
    "mobile_number",
    "normalise",
    "pesos_of_number",
    "place_suggestion",
    "plain_number",
    "quoted",
    "read_department",
    "read_field",
    "read_identification",
    "read_pesos",
    "read_phone",
    "read_reported_number",
    "read_sent_field",
    "reported_line",
    "reported_text",
    "split_name",
]

#: The module that each name is in.
_HOMES = {
    "DEPARTMENTS": "departments",
    "CoveredCity": "pedido",
    "Department": "departments",
    "FieldKind": "fields",
    "Parcel": "pedido",
    "PedidoInput": "pedido",
    "Pesos": "money",
    "Recipient": "pedido",
    "RejectionCode": "pedido",
    "ShipmentDefaults": "pedido",
    "TextCode": "unreadable",
    "Unreadable": "unreadable",
    "Unshippable": "pedido",
    "build_pedido": "pedido",
    "carrier_text": "text",
    "clean_line": "characters",
    "clean_text": "characters",
    "contradiction": "money",
    "coverage_candidates": "places",
    "department_abbreviation": "departments",
    "derived_order_id": "order_ids",
    "find_department": "departments",
    "formula_text": "table_numbers",
    "id_form": "characters",
    "is_placeholder": "placeholders",
    "is_spreadsheet_error": "placeholders",
    "known_order_ids": "order_ids",
    "mobile_number": "phones",
    "normalise": "text",
    "pesos_of_number": "money",
    "place_suggestion": "places",
    "plain_number": "table_numbers",
    "quoted": "unreadable",
    "read_department": "departments",
    "read_field": "fields",
    "read_identification": "identifications",
    "read_pesos": "money",
    "read_phone": "phones",
    "read_reported_number": "reports",
    "read_sent_field": "fields",
    "reported_line": "characters",
    "reported_text": "characters",
    "split_name": "people",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value
