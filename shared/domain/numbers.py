"""Checks of amounts and measures."""

from decimal import Decimal

from shared.domain import refusal_page as page
from shared.logistics import Unreadable, pesos_of_number


def require_number(value: object, name: str, *, decimals: int, below: int) -> Decimal:
    """Return the value as an exact number of at most `decimals` decimals, above zero and under `below`.

    Raises:
        RefusedError: it is no such number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise page.no_number(name)
    # A float is what its shortest spelling says: 0.1, not the binary fraction next to it.
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or not 0 < number < below:
        raise page.number_out_of_range(name, "more than zero", below)
    if number != round(number, decimals):
        raise page.invalid_number(name, decimals)
    return round(number, decimals)


def require_pesos(value: object, name: str) -> Decimal:
    """Return the value as exact pesos, zero or more and of at most 14 digits, without a float's noise.

    Raises:
        RefusedError: it is no such number, or has more than two decimals.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise page.no_number(name)
    pesos = pesos_of_number(value)
    if isinstance(pesos, Unreadable):
        raise page.unreadable_amount(name, pesos.why)
    return pesos
