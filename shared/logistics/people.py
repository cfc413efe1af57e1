"""Names and phone numbers, as a carrier's form asks for them."""

import re

_MOBILE = re.compile(r"(?:00)?(?:57)?(3[0-9]{9})")
_SEPARATORS = re.compile(r"[/,;|]")
_NO_DIGIT = re.compile(r"[^0-9]")
#: Words that belong to the one after them: `de la Cruz`, `San Martín`.
_PARTICLES = frozenset({"DE", "DEL", "LA", "LAS", "LOS", "SAN", "SANTA", "Y", "VAN", "VON", "DA", "DI", "DOS"})
_WORDS_WITH_ONE_GIVEN_NAME = 3


def mobile_number(text: str) -> str | None:
    """Return the first Colombian mobile number in the text as ten digits; None where there is none.

    Source: Colombia's numbering plan: mobile numbers have ten digits and begin with 3; the country code is 57.
    """
    for part in _SEPARATORS.split(text):
        found = _MOBILE.fullmatch(_NO_DIGIT.sub("", part))
        if found:
            return found[1]
    return None


def split_name(name: str) -> tuple[str, str]:
    """Return given names and surnames: two of each where there are four words or more, one given name of two or three.

    `Pérez Gómez, Ana` is read as surnames first. A single word is a given name, and the surname is empty.
    """
    surnames, comma, given = (part.strip() for part in name.partition(","))
    if comma and surnames and given:
        return " ".join(given.replace(",", " ").split()), " ".join(surnames.split())
    units = _units(name.replace(",", " ").split())
    given_count = 1 if len(units) <= _WORDS_WITH_ONE_GIVEN_NAME else 2
    return " ".join(units[:given_count]), " ".join(units[given_count:])


def _units(words: list[str]) -> list[str]:
    units: list[str] = []
    pending: list[str] = []
    for word in words:
        pending.append(word)
        if word.upper() not in _PARTICLES:
            units.append(" ".join(pending))
            pending = []
    return units + ([" ".join(pending)] if pending else [])
