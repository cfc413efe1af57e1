"""Files of orders: bytes in, orders or refusals by line, column and name out; no disk and no database."""

from shared.intake.notes import FileCode, Note
from shared.intake.orders import MAX_REFUSALS, MAX_ROWS, OrderFile, OrderRow, RefusedFile, read_order_file

__all__ = [
    "MAX_REFUSALS",
    "MAX_ROWS",
    "FileCode",
    "Note",
    "OrderFile",
    "OrderRow",
    "RefusedFile",
    "read_order_file",
]
