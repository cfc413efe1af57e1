"""Fields of forms that more than one page reads, and how one is refused."""

from decimal import Decimal

from functions.operator_page.language import _, said_by_code
from shared.logistics import Unreadable, read_pesos, read_units


class FormError(Exception):
    """A field can't be right; the text says which and what to write, in the visitor's language."""


def pesos_of(text: str) -> Decimal | None:
    """Return the pesos that were typed; None where nothing was.

    Raises:
        FormError: it is no amount without doubt.
    """
    pesos = read_pesos(text) if text else None
    if isinstance(pesos, Unreadable):
        raise FormError(_("“{text}” is no amount in pesos. Write it like 89900 or 89.900.").format(text=text[:40]))
    return pesos.amount if pesos else None


def units_of(text: str) -> int | None:
    """Return how many pieces were typed; None where nothing was.

    Raises:
        FormError: it is no number of pieces.
    """
    units = read_units(text) if text else None
    if isinstance(units, Unreadable):
        raise FormError(said_by_code(units.code, units.about(_("Pieces"))))
    return units
