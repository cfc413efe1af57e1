"""Identification numbers, as the carrier's form takes them."""

import re

from shared.logistics.characters import clean_line
from shared.logistics.placeholders import is_placeholder
from shared.logistics.table_numbers import plain_number
from shared.logistics.unreadable import TextCode, Unreadable, quoted

_KIND = r"(?:C\.? ?C\.?|N\.? ?I\.? ?T\.?)"
_NUMBER = re.compile(
    rf"(?:{_KIND}[ :.\-]*)?(?P<number>[0-9][0-9 .\u00a0\u2010-\u2013\-]*?)(?:[ .\-]*{_KIND})?[ .]*", re.IGNORECASE
)
#: Ungrouped digits with one or two behind a point are a number with decimals, not a grouped one.
_WITH_DECIMALS = re.compile(r"[0-9]{4,}\.[0-9]{1,2}")
_NO_DIGIT = re.compile(r"[^0-9]")


def read_identification(text: str) -> str | Unreadable:
    """Return the digits of an identification; dots, spaces, dashes, `CC` and `NIT` fall away.

    Anything else in it (a passport's letters) is refused: those digits would be another person's number.
    """
    cleaned = clean_line(text)
    written = cleaned if isinstance(cleaned, Unreadable) else plain_number(cleaned)
    if isinstance(written, Unreadable):
        return written
    if is_placeholder(written):
        return Unreadable(TextCode.PLACEHOLDER, f"is {quoted(written)}, which is no identification; leave it empty")
    found = _NUMBER.fullmatch(written)
    digits = plain_number(found["number"].strip()) if found else ""
    if isinstance(digits, Unreadable) or not digits or _WITH_DECIMALS.fullmatch(digits):
        return Unreadable(
            TextCode.INVALID_IDENTIFICATION, f"is {quoted(written)}, no identification number; write its digits alone"
        )
    return _NO_DIGIT.sub("", digits)
