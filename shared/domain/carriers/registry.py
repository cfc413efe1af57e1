"""The carriers that there are robots for."""

from shared.domain import refusal_page as page
from shared.domain.refusals import RefusedError
from shared.domain.validation import require_text
from shared.words import JobKind

COORDINADORA = "coordinadora"
CARRIERS = (COORDINADORA,)
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


def carriers_able_to(kind: JobKind) -> list[str]:
    """Return the carriers that can do what jobs of this kind ask for."""
    return list(CARRIERS) if kind else []


def require_ability(name: str, kind: JobKind) -> None:
    """Refuse what a carrier can't do."""


def no_such_carrier() -> RefusedError:
    """Return the refusal of a carrier that there is no robot for."""
    return page.carrier_not_found(" or ".join(CARRIERS))
