"""Weights, sizes and pieces, as people write them."""

import re
from decimal import Decimal

from shared.logistics.unreadable import TextCode, Unreadable, quoted

#: Of one order or shipment; a robot's form has three digits for them.
MAX_UNITS = 999
# A table's way to write a whole number has zeros behind the comma.
_UNITS = re.compile(r"0*([1-9][0-9]{0,2})(?:[.,]0{1,2})?")
_MEASURE = re.compile(r"[1-9][0-9]{0,4}(?:[.,][0-9]{1,2})?|0(?:[.,][0-9]{1,3})?")


def read_measure(text: str) -> Decimal | Unreadable:
    """Return a weight or a size: digits, and after a comma or a point one or two more, or three where a 0 comes first.

    Else three digits there are thousands to one and a part to another: refused, as all else.
    """
    written = text.strip()
    if not _MEASURE.fullmatch(written):
        why = f"is {quoted(written)}, no weight or size that is understood without doubt; write it like 2, 2.5 or 2,5"
        return Unreadable(TextCode.INVALID_AMOUNT, why)
    return Decimal(written.replace(",", "."))


def read_units(text: str) -> int | Unreadable:
    """Return how many pieces a text says, 1 to 999, in digits; a part of a piece or a word is refused."""
    found = _UNITS.fullmatch(text.strip())
    if not found:
        why = f"is {quoted(text)}, no number of pieces; write 1 to {MAX_UNITS} in digits, or leave it empty"
        return Unreadable(TextCode.INVALID_UNITS, why)
    return int(found[1])
