"""Pages of lists: how long they are, and opaque cursors that say where one ended, and of which list."""

import base64
import binascii
import hashlib
from uuid import UUID

from shared.domain import refusal_page as page

MAX_PAGE = 500
DEFAULT_PAGE = 50
#: Where a list of ids begins, and where one that goes back does. Statements get them as they are: under row-level
#: security an index is not used for a condition with an expression such as COALESCE.
BEFORE_ALL, AFTER_ALL = UUID(int=0), UUID(int=2**128 - 1)
_UUID_BYTES = 16
_CHECK_BYTES = 8


def require_limit(value: object) -> int:
    """Return the value when it can be the length of a page.

    Raises:
        RefusedError: it can't.
    """
    if type(value) is int and 1 <= value <= MAX_PAGE:
        return value
    raise page.invalid_limit(MAX_PAGE)


def encode_cursor(scope: str, last_id: UUID) -> str:
    """Return the cursor of the page after `last_id` in the list that `scope` names."""
    return base64.urlsafe_b64encode(last_id.bytes + _check(scope, last_id.bytes)).decode()


def decode_cursor(scope: str, cursor: object) -> UUID:
    """Return the id that a cursor stands for.

    The checksum tells a cursor that was changed, or that belongs to another list, from one of ours. It guards
    nothing secret: a page shows the caller's own rows whatever the cursor says.

    Raises:
        RefusedError: it is no cursor of this list.
    """
    try:
        raw = base64.b64decode(cursor, altchars=b"-_", validate=True) if isinstance(cursor, str) else b""
    except (binascii.Error, ValueError):
        raw = b""
    last_id, check = raw[:_UUID_BYTES], raw[_UUID_BYTES:]
    if len(last_id) < _UUID_BYTES or check != _check(scope, last_id):
        raise page.invalid_cursor()
    return UUID(bytes=last_id)


def _check(scope: str, last_id: bytes) -> bytes:
    return hashlib.sha256(scope.encode() + last_id).digest()[:_CHECK_BYTES]
