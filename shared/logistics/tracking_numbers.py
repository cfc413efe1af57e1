"""Tracking numbers that a person types or pastes, having looked for them at the carrier."""

import re

from shared.logistics.fields import FieldKind, read_field
from shared.logistics.unreadable import TextCode, Unreadable, quoted

#: A blank, or what separates cells: the text is more than one cell.
_MORE_THAN_ONE = re.compile(r"[\s;,]")
#: `0` is what a formula leaves that found nothing.
_DIGIT = re.compile(r"[1-9]")


def read_tracking_number(text: str) -> str | Unreadable | None:
    """Return a number without what a table tool made of it; None where there is none, or a placeholder.

    Words are no number: what says that nothing was found must never become the number of a shipment.
    """
    number = read_field(text, FieldKind.NUMBER)
    if isinstance(number, str) and (_MORE_THAN_ONE.search(number) or not _DIGIT.search(number)):
        why = f"is {quoted(number)}, which is no tracking number; write the number alone, which has digits and no blank"
        return Unreadable(TextCode.INVALID_NUMBER, why)
    return number
