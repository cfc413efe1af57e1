"""Weights and sizes, as people write them."""

import re
from decimal import Decimal

from shared.logistics.unreadable import TextCode, Unreadable, quoted

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
