"""Files of orders: bytes in, orders or refusals by line, column and name out; no disk and no database."""

from shared.intake.columns import COLUMNS
from shared.intake.notes import FileCode, Note
from shared.intake.orders import (
    MAX_REFUSALS,
    MAX_ROWS,
    Heading,
    OrderFile,
    OrderRow,
    RefusedFile,
    read_headings,
    read_order_file,
)

__all__ = [
    "COLUMNS",
    "MAX_REFUSALS",
    "MAX_ROWS",
    "FileCode",
    "Heading",
    "Note",
    "OrderFile",
    "OrderRow",
    "RefusedFile",
    "read_headings",
    "read_order_file",
]
