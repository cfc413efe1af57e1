"""Refusals by what carriers there are, and what they can do."""

from shared.carriers.registry import CARRIERS
from shared.domain import refusal_page as page
from shared.domain.refusals import RefusedError
from shared.domain.validation import require_text
from shared.words import JobKind

MAX_CARRIER = 100


def require_carrier(value: object) -> str:
    """Return the value when it names a carrier.

    Raises:
        RefusedError: it is no text (`INVALID`), or names none (`NOT_FOUND`).
    """
    carrier = require_text(value, "carrier", at_least=1, at_most=MAX_CARRIER)
    if carrier not in CARRIERS:
        raise no_such_carrier()
    return carrier


def require_ability(carrier: str, kind: JobKind) -> None:
    """Refuse a job that its carrier can't do.

    Raises:
        RefusedError: it makes no shipments, or finds no guides (`INVALID`).
    """
    known = CARRIERS.get(carrier)
    if known is not None and kind not in known.abilities:
        raise page.carrier_unable(_WORK[kind], carrier=carrier)


def carriers_able_to(kind: JobKind) -> list[str]:
    """Return the names of the carriers that can do jobs of this kind."""
    return [name for name, carrier in CARRIERS.items() if kind in carrier.abilities]


def no_such_carrier() -> RefusedError:
    """Return the refusal of a carrier that there is no robot for."""
    return page.carrier_not_found(" or ".join(CARRIERS))


_WORK: dict[JobKind, str] = {"shipment": "makes no shipments", "guide_lookup": "finds no guides"}
