"""Texts that a program writes where it has no value, and that no person means."""

import unicodedata

#: What JavaScript, Python, SQL and spreadsheets call nothing.
_NOTHING = frozenset({"undefined", "null", "none", "nan", "n/a", "[object object]"})
_LONGEST = max(map(len, _NOTHING))
#: Source: the error values of Excel and LibreOffice, in English and in Spanish.
_ERRORS = frozenset(
    {
        "#n/a", "#n/d", "#ref!", "#¡ref!", "#value!", "#¡valor!", "#name?", "#¿nombre?", "#div/0!", "#¡div/0!",
        "#num!", "#¡num!", "#null!", "#¡nulo!", "#error!", "#spill!", "#calc!",
    }
)  # fmt: skip


def is_placeholder(text: str) -> bool:
    """Tell whether a text is `undefined`, `null`, `none`, `nan`, `n/a`, `[object Object]` or a lone dash, in any case.

    The text is one that `clean_line` gave. Such a text is no value where something is identified or addressed; a person
    and an order may be called Null.
    """
    return len(text) <= _LONGEST and (text.casefold() in _NOTHING or _is_dash(text))


def is_spreadsheet_error(text: str) -> bool:
    """Tell whether a cell holds a spreadsheet's error value, `#REF!`, where its formula had no answer."""
    return text.startswith("#") and text.casefold() in _ERRORS


def _is_dash(text: str) -> bool:
    return len(text) == 1 and (text == "\N{MINUS SIGN}" or unicodedata.category(text) == "Pd")
