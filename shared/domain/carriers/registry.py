"""The carriers that there are robots for."""

from shared.domain.refusals import not_found
from shared.domain.validation import require_text

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
        raise not_found("carrier_not_found", f"There is no such carrier; use {' or '.join(CARRIERS)}.")
    return carrier
