"""Every POST carries a ticket that only a page for this person and workspace has.

It outlives a session, so that a form which was typed when the session ended can be sent after signing in again; and it
is of one workspace, so that a tab of another one changes nothing here.
"""

import hashlib
import hmac
import time

from functions.operator_page.keys import keys_for
from functions.operator_page.visit import Visitor, here

FIELD = "_ticket"
#: 4 MB of a file, and the form around it.
MAX_BODY_BYTES = 4_300_000
_LASTS_S = 24 * 3600


def ticket() -> str:
    """Return the ticket for the visitor's forms; empty before somebody has signed in."""
    visitor = here().visitor
    if visitor is None:
        return ""
    # The same for an hour: a part of a page that has not changed is not sent again because of it.
    until = (int(time.time()) // 3600 + 1) * 3600 + _LASTS_S
    return f"{until}.{_sign(keys_for('ticket')[0], visitor, until)}"


def fits() -> bool:
    """Tell whether the form comes from a page of ours, for this person and workspace."""
    visit = here()
    until, _, signature = visit.field(FIELD).partition(".")
    if visit.visitor is None or not until.isascii() or not until.isdigit() or int(until) < time.time():
        return False
    # A signature may hold anything; only bytes of any kind can be compared in constant time.
    signs = (_sign(key, visit.visitor, int(until)) for key in keys_for("ticket"))
    return any(hmac.compare_digest(sign.encode(), signature.encode(errors="replace")) for sign in signs)


def _sign(key: bytes, visitor: Visitor, until: int) -> str:
    content = f"{until}\n{visitor.workspace_id}\n{visitor.subject}"
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()
