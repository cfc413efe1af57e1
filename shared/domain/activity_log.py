"""Who did what: each command that changes something leaves one entry, in its own transaction."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from psycopg import Connection

from shared.domain.context import DomainContext
from shared.domain.ids import uuid7, uuid7s
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
    row = {"id": uuid7(), "job_id": job_id, "order_id": order_id, "details": json.dumps(details)}
    conn.execute(_INSERT, _who(ctx, action) | row)


def log_changes(conn: Connection, ctx: DomainContext, fields_of: Mapping[UUID, Sequence[str]]) -> None:
    """Write for each order that a command changed which of its fields it did, in one statement."""
    row = {
        "ids": uuid7s(len(fields_of)),
        "order_ids": list(fields_of),
        "details": [json.dumps({"fields": list(fields)}) for fields in fields_of.values()],
    }
    conn.execute(_INSERT_OF_ORDERS, _who(ctx, "order_changed") | row)


def _who(ctx: DomainContext, action: Action) -> dict[str, object]:
    return {
        "workspace_id": ctx.workspace_id,
        "actor": None if ctx.actor is None else storable_text(ctx.actor, "actor", at_most=MAX_ACTOR),
        "source": storable_text(ctx.source, "source", at_most=MAX_ACTOR),
        "action": action,
    }


_INSERT = """
INSERT INTO activity (id, workspace_id, actor, source, action, job_id, order_id, details)
VALUES (%(id)s, %(workspace_id)s, %(actor)s, %(source)s, %(action)s, %(job_id)s, %(order_id)s, %(details)s::jsonb)
"""

_INSERT_OF_ORDERS = """
INSERT INTO activity (id, workspace_id, actor, source, action, order_id, details)
SELECT entry.id, %(workspace_id)s, %(actor)s, %(source)s, %(action)s, entry.order_id, entry.details::jsonb
  FROM unnest(%(ids)b::uuid[], %(order_ids)b::uuid[], %(details)b::text[]) AS entry (id, order_id, details)
"""
