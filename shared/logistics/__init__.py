"""What Colombian logistics know by themselves: places, names, phone numbers, and the carrier's form."""

from shared.logistics.departments import DEPARTMENTS, Department, department_abbreviation, find_department
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
from shared.logistics.people import mobile_number, split_name
from shared.logistics.places import coverage_candidates
from shared.logistics.text import carrier_text, normalise

__all__ = [
    "DEPARTMENTS",
    "CoveredCity",
    "Department",
    "Parcel",
    "PedidoInput",
    "Recipient",
    "RejectionCode",
    "ShipmentDefaults",
    "Unshippable",
    "build_pedido",
    "carrier_text",
    "coverage_candidates",
    "department_abbreviation",
    "find_department",
    "mobile_number",
    "normalise",
    "split_name",
]
