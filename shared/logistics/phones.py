"""Phone numbers that a carrier in Colombia can call."""

import re
from unicodedata import normalize

from shared.logistics.characters import clean_line
from shared.logistics.placeholders import is_placeholder
from shared.logistics.table_numbers import plain_number
from shared.logistics.unreadable import TextCode, Unreadable, quoted

_MOBILE = re.compile(r"(?:57)?(3[0-9]{9})")
#: Where a number begins, and what is usual inside one: `+57 (310) 452-8817`. A word inside may begin another number.
_BEGINNING = re.compile(r"[(+][(+ \u00a0]*[0-9]|[0-9]")
_NUMBER = re.compile(r"[0-9 ()+.\u00a0\u2010-\u2013-]+")
_PLUS_INSIDE = re.compile(r"[0-9].*\+")
#: Digits and signs of other scripts and widths: not read, and not passed over either.
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_SIGN = re.compile(r"[0-9+]")
_WORDS_AFTER = re.compile(r"[^0-9]*$")
_SEVERAL = re.compile(r"[/,;|&]|\b[yoYO]\b")
#: `3456789 310` is a landline of the old plan with its extension, `300123456.7` no phone at all.
_SOMETHING_ELSE = re.compile(r"[0-9]{7}[^0-9]+[0-9]{3}|[0-9]{5,}\.[0-9]{1,2}")
_NO_DIGIT = re.compile(r"[^0-9]")
_HOW = "a Colombian mobile number has ten digits and begins with 3"


def read_phone(text: str) -> str | Unreadable:
    """Return the Colombian mobile number that a text holds, as ten digits, with or without 57 before it.

    A number with `+` or `00` and another country is never read as a Colombian one (`+3001234567` is in Greece), nor are
    two numbers in one text, nor one with other scripts' digits.

    Source: Colombia's numbering plan: mobile numbers have ten digits and begin with 3; the country code is 57.
    """
    if plain := _MOBILE.fullmatch(text):
        return plain[1]
    cleaned = clean_line(text)
    written = cleaned if isinstance(cleaned, Unreadable) else plain_number(cleaned)
    if isinstance(written, Unreadable):
        return written
    parts = [part for part in _SEVERAL.split(written) if _SIGN.search(part)]
    numbers = {_mobile(part) for part in parts}
    number = numbers.pop() if len(numbers) == 1 else None
    return _refusal(written, parts) if number is None else number


def mobile_number(text: str) -> str | None:
    """Return the Colombian mobile number in the text as ten digits; None where `read_phone` finds none."""
    phone = read_phone(text)
    return None if isinstance(phone, Unreadable) else phone


def _mobile(part: str) -> str | None:
    number = _number(part)
    if number is None:
        return None
    digits = _NO_DIGIT.sub("", number)
    if "+" in number or digits.startswith("00"):
        national = digits.removeprefix("00")
        return national[2:] if national.startswith("57") and _MOBILE.fullmatch(national) else None
    mobile = _MOBILE.fullmatch(digits)
    return mobile[1] if mobile and not _SOMETHING_ELSE.fullmatch(number) else None


def _number(part: str) -> str | None:
    """Return the one number of a text without the words around it, `Cel.` or a name."""
    beginning = _BEGINNING.search(part)
    has_other_signs = _OTHER_DIGIT.search(part) or len(_SIGN.findall(part)) < len(
        _SIGN.findall(normalize("NFKC", part))
    )
    if beginning is None or has_other_signs:
        return None
    number = _WORDS_AFTER.sub("", part[beginning.start() :], count=1)
    is_one = "+" not in part[: beginning.start()] and _NUMBER.fullmatch(number) and not _PLUS_INSIDE.search(number)
    return number if is_one else None


def _refusal(written: str, parts: list[str]) -> Unreadable:
    if is_placeholder(written):
        return Unreadable(TextCode.PLACEHOLDER, f"is {quoted(written)}, which is no phone; {_HOW}")
    if len(parts) > 1:
        return Unreadable(TextCode.TWO_PHONES, f"is {quoted(written)}, more than one phone; keep one of them")
    if _is_foreign(written):
        return Unreadable(TextCode.FOREIGN_PHONE, f"is {quoted(written)}, a phone of another country; {_HOW}")
    return Unreadable(TextCode.INVALID_PHONE, f"is {quoted(written)}, no Colombian mobile number: {_HOW}")


def _is_foreign(written: str) -> bool:
    digits = _NO_DIGIT.sub("", written)
    return ("+" in written or digits.startswith("00")) and not digits.removeprefix("00").startswith("57")
