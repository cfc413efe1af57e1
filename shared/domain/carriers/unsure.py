"""What the words of a carrier's robot prove of a shipment: that nothing was made, or nothing at all."""

import re
import unicodedata
from functools import cache

from shared.carriers.registry import CARRIERS

#: Only these types of an error can prove anything.
PROVING = frozenset({"validation", "portal"})
_NUMBER = re.compile(r"\d+")


def proves_none(carrier: str, error_type: str, words: str | None) -> bool:
    """Tell whether a robot's error proves that no shipment was made; what is in doubt proves nothing."""
    if error_type not in PROVING:
        return False
    said = _plain(words or "")
    return not any(unsure in said for unsure in _unsure(carrier))


def _unsure(carrier: str) -> tuple[str, ...]:
    known = CARRIERS.get(carrier)
    return _all_plain(known.unsure_words) if known else ()


@cache
def _all_plain(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_plain, words))


def _plain(text: str) -> str:
    spelled = unicodedata.normalize("NFD", " ".join(text.casefold().split()))
    return _NUMBER.sub("0", "".join(each for each in spelled if not unicodedata.combining(each)))
