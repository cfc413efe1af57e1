"""JSON as the database gives it back: what is compared and measured is what is stored."""

import json
from decimal import Decimal
from typing import Any

from shared.domain import refusal_page as page
from shared.domain.validation import json_text

#: Everything that comes from a caller is smaller; what is stored may be larger than what was sent, or smaller.
_ANY_SIZE = 1_000_000_000


def stored_json(value: object, name: str, *, at_most_bytes: int) -> dict[str, Any]:
    """Return an object as a jsonb column gives it back, of at most so many bytes there.

    PostgreSQL writes numbers out: 1e23 is a whole number of 24 digits, and 1e-7 is 0.0000001.

    Raises:
        RefusedError: it is no object, too large, or holds what JSON or the database can't.
    """
    written_out = 0

    def as_stored(digits: str) -> int | float:
        nonlocal written_out
        number = Decimal(digits)
        if number == number.to_integral_value() and "." not in format(number, "f"):
            return int(number)
        written_out += len(format(number, "f")) - len(digits)
        return float(digits)

    # As JSON has them: keys are texts, tuples are lists.
    stored: dict[str, Any] = json.loads(json_text(value, name, at_most_bytes=_ANY_SIZE), parse_float=as_stored)
    count = len(json.dumps(stored, ensure_ascii=False).encode()) + written_out
    if count > at_most_bytes:
        raise page.invalid_value(name, count, at_most_bytes)
    return stored
