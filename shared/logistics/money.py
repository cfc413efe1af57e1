"""Amounts of Colombian pesos, as spreadsheets, people and programs write them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from shared.logistics.unreadable import TextCode, Unreadable, quoted

#: A float's noise: how far from a whole cent a number that a program computed may be.
FLOAT_NOISE = Decimal("0.000001")
#: What the database holds: 14 digits, two of them decimals.
AMOUNT_BELOW = Decimal(10**12)
_CENT = Decimal("0.01")
#: Nobody has less collected: below it thousands were meant.
_LEAST_COLLECTED = 1_000
_PREFIX = re.compile(r"(?:(?:\$|COP)[ \u00a0\u202f]*){0,2}", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:[ \u00a0\u202f]*(?:\$|COP)){0,2}$", re.IGNORECASE)
_SPACE = "[ \u00a0\u202f]"
_AMOUNT = re.compile(
    rf"""(?:
        (?P<plain>0|[1-9][0-9]*)
      | (?P<points>[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}})+)
      | (?P<commas>[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+)
      | (?P<spaces>[1-9][0-9]{{0,2}}(?:{_SPACE}[0-9]{{3}})+)
    )(?:(?P<decimal>[.,])(?P<cents>[0-9]{{1,2}}))?""",
    re.VERBOSE,
)
#: The separator of each kind of whole part.
_THOUSANDS: dict[str, str | None] = {"plain": None, "points": ".", "commas": ",", "spaces": " "}
_SEPARATORS = re.compile(r"[., \u00a0\u202f]")


@dataclass(frozen=True)
class Pesos:
    """An amount, and how it was written."""

    amount: Decimal
    #: `.`, `,` or a space between groups of three digits; None where there are none.
    thousands: str | None = None
    #: `.` or `,` before the decimals; None where there are none.
    decimal: str | None = None

    def contradicts(self, other: "Pesos") -> bool:
        """Tell whether nobody who writes the one amount this way writes the other that way."""
        thousands, decimals = {self.thousands, other.thousands} - {None}, {self.decimal, other.decimal} - {None}
        return len(thousands) > 1 or len(decimals) > 1 or not thousands.isdisjoint(decimals)


def is_odd_amount(amount: Decimal | None) -> bool:
    """Tell whether an amount to collect is rather a slip: under 1,000 pesos, or with cents, which nobody pays."""
    return amount is not None and amount != 0 and (amount < _LEAST_COLLECTED or amount != int(amount))


def read_pesos(text: str) -> Pesos | Unreadable:
    """Return the pesos that a cell's text means.

    Thousands are one to three digits, not beginning with 0, then groups of exactly three, all separated by a point, a
    comma or a space: `89.900`, `1,234,567`. A separator before the last one or two digits is decimals, unless it is the
    one of the thousands: `89.900,50`, `89900.5`. `$`, `COP` and outer spaces fall away. All else is refused.
    """
    written = text.strip()
    digits = _SUFFIX.sub("", _PREFIX.sub("", written, count=1), count=1)
    found = _AMOUNT.fullmatch(digits)
    if found is None:
        return _refused(written)
    kind = next(name for name in _THOUSANDS if found[name])
    thousands = _THOUSANDS[kind]
    if thousands is not None and thousands == found["decimal"]:
        return _refused(written)
    amount = Decimal(f"{_SEPARATORS.sub('', found[kind])}.{found['cents'] or '0'}")
    if amount >= AMOUNT_BELOW:
        return Unreadable(
            TextCode.INVALID_AMOUNT, f"is {quoted(written)}, more than a shipment can be worth; correct it"
        )
    return Pesos(amount, thousands, found["decimal"])


def contradiction(column: Iterable[tuple[int, Pesos]]) -> tuple[int, int] | None:
    """Return two lines of a column that can't both be read by one convention, the first ones; None where all can.

    `89.900` has its thousands separated by what `89.9` has before its decimals: one of them is not what it seems.
    """
    ways: dict[tuple[str | None, str | None], tuple[int, Pesos]] = {}
    for line, pesos in column:
        way = (pesos.thousands, pesos.decimal)
        if way in ways:
            continue
        for earlier, other in ways.values():
            if pesos.contradicts(other):
                return earlier, line
        ways[way] = (line, pesos)
    return None


def pesos_of_number(value: float | Decimal) -> Decimal | Unreadable:
    """Return a number from JSON or a number cell as pesos, rounded to the cent only where it is a float's noise.

    134500.30000000002 is 134500.30; 134500.305 has three decimals and is refused, as is what is negative or no number.
    """
    # A float is what its shortest spelling says: 0.1, not the binary fraction next to it.
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if isinstance(value, bool) or not number.is_finite() or number >= AMOUNT_BELOW or number < -FLOAT_NOISE:
        return Unreadable(TextCode.INVALID_AMOUNT, f"must be a number, zero or more and less than {AMOUNT_BELOW}")
    cents = number.quantize(_CENT)
    if abs(cents - number) > FLOAT_NOISE:
        return Unreadable(TextCode.INVALID_AMOUNT, "must have at most 2 decimals")
    return abs(cents)


def _refused(written: str) -> Unreadable:
    return Unreadable(
        TextCode.INVALID_AMOUNT,
        f"is {quoted(written)}, no amount in pesos that is understood without doubt;"
        " write it like 89900, 89.900 or 89.900,50",
    )
