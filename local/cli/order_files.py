"""Orders in a CSV file, as an operator keeps them in a spreadsheet."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from local.cli.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path

_ORDER_COLUMNS = {
    "name": "name",
    "carrier": "carrier",
    "address": "shippingAddress",
    "city": "shippingCity",
    "department": "shippingDepartment",
}
_CONTACT_COLUMNS = {
    "recipient": "name",
    "phone": "phone",
    "email": "email",
    "identification": "identification",
}
_COLUMNS = {"id", "total_value", "prepaid", *_ORDER_COLUMNS, *_CONTACT_COLUMNS}
_YES_OR_NO = {
    "yes": True, "true": True, "1": True, "si": True, "sí": True,
    "no": False, "false": False, "0": False,
}  # fmt: skip


@dataclass(frozen=True)
class OrderRow:
    """One order of a file."""

    id: UUID
    name: str
    city: str
    #: As `POST /orders` takes it; an empty cell is left out.
    body: dict[str, Any]


def read_orders(file: Path, workspace: UUID | None) -> list[OrderRow]:
    """The orders of a CSV file whose first line names its columns.

    Without an id column an order's id follows from the workspace and its name, so that a file that is imported
    again updates its orders.

    Raises:
        CommandError: the file can't be read, or naming the line that is wrong.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as source:
            header = source.readline()
            source.seek(0)
            # Spreadsheets of countries with a decimal comma separate by semicolons.
            separator = ";" if ";" in header and "," not in header else ","
            reader = csv.DictReader(source, delimiter=separator, strict=True)
            columns = {(column or "").strip() for column in reader.fieldnames or ()}
            if unknown := sorted(columns - _COLUMNS):
                raise CommandError(f"{file}: unknown column {unknown[0]!r}; known are {', '.join(sorted(_COLUMNS))}.")
            return [_order(row, workspace, f"{file} line {reader.line_num}") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{file} can't be read as CSV in UTF-8: {error}.") from error


def _order(row: dict[str | None, Any], workspace: UUID | None, place: str) -> OrderRow:
    if None in row:
        raise CommandError(f"{place}: more cells than columns.")
    cells = {(column or "").strip(): (value or "").strip() for column, value in row.items()}
    body: dict[str, Any] = {field: cells[column] for column, field in _ORDER_COLUMNS.items() if cells.get(column)}
    if total := cells.get("total_value"):
        body["totalValue"] = _amount(total, place)
    if prepaid := cells.get("prepaid"):
        if prepaid.lower() not in _YES_OR_NO:
            raise CommandError(f"{place}: prepaid is yes or no, not {prepaid!r}.")
        body["prepaid"] = _YES_OR_NO[prepaid.lower()]
    contact = {field: cells[column] for column, field in _CONTACT_COLUMNS.items() if cells.get(column)}
    if contact:
        body["contact"] = contact
    order_id = _id(cells, workspace, place)
    return OrderRow(order_id, cells.get("name", ""), cells.get("city", ""), {"id": str(order_id), **body})


def _id(cells: dict[str, str], workspace: UUID | None, place: str) -> UUID:
    if given := cells.get("id"):
        try:
            return UUID(given)
        except ValueError as error:
            raise CommandError(f"{place}: {given!r} is no UUID.") from error
    if not cells.get("name"):
        raise CommandError(f"{place}: an order needs an id or a name.")
    if workspace is None:
        raise CommandError(f"{place}: an order needs an id, since the token does not tell its workspace.")
    return uuid5(workspace, cells["name"])


def _amount(text: str, place: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CommandError(f"{place}: total_value is a number like 189900 or 189900.50, not {text!r}.")
    return int(value) if value.is_integer() else value
