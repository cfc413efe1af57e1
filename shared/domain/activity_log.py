"""Who did what: each command that changes something leaves one entry, in its own transaction."""

import json
from uuid import UUID

from psycopg import Connection

from shared.domain.context import DomainContext
from shared.domain.ids import uuid7
from shared.domain.validation import storable_text
from shared.words import Action

MAX_ACTOR = 200


def log_activity(
    conn: Connection,
    ctx: DomainContext,
    action: Action,
    *,
    job_id: UUID | None = None,
    order_id: UUID | None = None,
    **details: object,
) -> None:
    """Write an entry, without waiting for the database; details are counts and names, never values of people."""
    row = {
        "id": uuid7(),
        "workspace_id": ctx.workspace_id,
        "actor": None if ctx.actor is None else storable_text(ctx.actor, "actor", at_most=MAX_ACTOR),
        "source": storable_text(ctx.source, "source", at_most=MAX_ACTOR),
        "action": action,
        "job_id": job_id,
        "order_id": order_id,
        "details": json.dumps(details),
    }
    conn.execute(_INSERT, row)


_INSERT = """
INSERT INTO activity (id, workspace_id, actor, source, action, job_id, order_id, details)
VALUES (%(id)s, %(workspace_id)s, %(actor)s, %(source)s, %(action)s, %(job_id)s, %(order_id)s, %(details)s::jsonb)
"""
