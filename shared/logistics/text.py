"""Texts as they are compared: `Bogotá, D.C.` and `BOGOTA DC` are the same place."""

import re
import unicodedata
from functools import lru_cache

_NO_LETTER_OR_DIGIT = re.compile(r"[^\w/]|_")
_AROUND_SLASH = re.compile(r" ?/ ?")
_BETWEEN_SINGLE_LETTERS = re.compile(r"(?<=\b[A-Z]) (?=[A-Z]\b)")
#: Latin letters, digits, signs (the `°` of `N° 10` too) and space; all but the soft hyphen.
_LATIN = re.compile(r"[\s!-~\u00a1-\u00ac\u00ae-\u024f]*")
#: Controls, private and unassigned code points, surrogates, and the pictures that no portal's form takes.
_UNPRINTABLE_FOR_A_CARRIER = {"Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk"}


@lru_cache(maxsize=65_536)
def normalise(text: str) -> str:
    """Return the text in upper case without diacritics or punctuation, with single spaces; Ñ becomes N.

    A slash stays, since abbreviations are written with it (`N/STDER`), and initials join (`D. C.` is `DC`).
    """
    letters = "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(character) and unicodedata.category(character) != "Cf"
    )
    words = " ".join(_NO_LETTER_OR_DIGIT.sub(" ", letters.upper()).split())
    return _BETWEEN_SINGLE_LETTERS.sub("", _AROUND_SLASH.sub("/", words))


def carrier_text(text: str | None) -> str:
    """Return the text as a carrier's form takes it: one line, single spaces, no pictures; empty where there is none."""
    if text is None:
        return ""
    # Nearly every text is Latin; the others are looked at one character at a time.
    if not _LATIN.fullmatch(text):
        text = "".join(character for character in text if _is_printable(character))
    return " ".join(text.split())


def _is_printable(character: str) -> bool:
    return _LATIN.fullmatch(character) is not None or unicodedata.category(character) not in _UNPRINTABLE_FOR_A_CARRIER
