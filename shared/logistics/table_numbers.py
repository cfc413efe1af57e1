"""Numbers that are names, as table tools write them: `1003.0`, `="300…"`, `1.02E+09`."""

import re

from shared.logistics.unreadable import TextCode, Unreadable, quoted

_ZERO_DECIMALS = (".0", ",0")
_WHOLE_FLOAT = re.compile(r"([0-9]+)[.,]0")
#: With its sign or a fraction; without either, `12E5` may be what somebody calls an order.
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+|[+-]?[0-9]+[.,][0-9]+[eE]-?[0-9]+")
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')


def formula_text(text: str) -> str:
    """Return the text that `="…"` holds, which is how a table tool keeps a cell from becoming a number."""
    found = _TEXT_FORMULA.fullmatch(text) if text.startswith("=") else None
    return found[1].replace('""', '"').strip() if found else text


def plain_number(text: str) -> str | Unreadable:
    """Return a cleaned name, phone or identification without what a table tool made of its digits.

    Digits followed by `.0` or `,0` are those digits; `="300…"` is its text. `1.02E+09` is refused: digits are lost.
    """
    written = formula_text(text)
    if written.endswith(_ZERO_DECIMALS) and (found := _WHOLE_FLOAT.fullmatch(written)):
        return found[1]
    if _SCIENTIFIC.fullmatch(written):
        return Unreadable(
            TextCode.LOST_DIGITS,
            f"is {quoted(written)}: a table tool has shortened the number and lost digits of it;"
            " format the column as text and enter the whole number again",
        )
    return written
