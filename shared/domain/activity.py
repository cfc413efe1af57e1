"""Read who did what, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain.context import DomainContext
from shared.domain.cursor import AFTER_ALL, DEFAULT_PAGE, decode_cursor, encode_cursor, require_limit
from shared.domain.function import domain_query
from shared.domain.validation import require_uuid
from shared.words import Action, JobKind


@dataclass(frozen=True)
class ListActivityParams:
    """Of which job or order (None: all), and which page (1 to 500 entries)."""

    job_id: UUID | None = None
    order_id: UUID | None = None
    limit: int = DEFAULT_PAGE
    cursor: str | None = None


@dataclass(frozen=True)
class ActivityEntry:
    """One command that changed something."""

    id: UUID
    at: datetime
    #: None where it was removed with other personal data, or nobody gave the command.
    actor: str | None
    source: str
    action: Action
    job_id: UUID | None
    order_id: UUID | None
    details: dict[str, Any]
    #: What a person knows the order and the job by.
    order_name: str | None
    job_created_at: datetime | None
    job_kind: JobKind | None


@dataclass(frozen=True)
class ActivityPage:
    """Entries, newest first, and the cursor of the next page (None: this was the last)."""

    entries: list[ActivityEntry]
    next_cursor: str | None


@domain_query
def list_activity(conn: Connection, ctx: DomainContext, params: ListActivityParams) -> ActivityPage:
    """Return a page of the workspace's commands, newest first; those of an order include those of its jobs.

    Unknown ids find none. Refused: a bad page (`INVALID`).
    """
    job_id = None if params.job_id is None else require_uuid(params.job_id, "job_id")
    order_id = None if params.order_id is None else require_uuid(params.order_id, "order_id")
    limit = require_limit(params.limit)
    scope = f"activity/{ctx.workspace_id}/{job_id}/{order_id}"
    row = {
        "workspace_id": ctx.workspace_id,
        "job_id": job_id,
        "order_id": order_id,
        "before": AFTER_ALL if params.cursor is None else decode_cursor(scope, params.cursor),
        "limit": limit + 1,
    }
    query = _LIST_OF_ORDER if order_id else _LIST_OF_JOB if job_id else _LIST
    entries = conn.cursor(row_factory=class_row(ActivityEntry)).execute(query, row).fetchall()
    shown = entries[:limit]
    return ActivityPage(shown, encode_cursor(scope, shown[-1].id) if len(entries) > limit else None)


def _named(query: str) -> str:
    """Return a list with the names of what its entries are about."""
    return f"""
SELECT entry.*, coalesce(orders.name, orders.external_id) AS order_name, job.created_at AS job_created_at,
       job.kind AS job_kind
  FROM ({query}) AS entry
  LEFT JOIN orders ON orders.id = entry.order_id
  LEFT JOIN robot_jobs AS job ON job.id = entry.job_id
 ORDER BY entry.id DESC
"""


_COLUMNS = "id, at, actor, source, action, job_id, order_id, details"

_LIST = _named(f"""
SELECT {_COLUMNS}
  FROM activity
 WHERE workspace_id = %(workspace_id)s AND id < %(before)s
 ORDER BY id DESC
 LIMIT %(limit)s
""")

_LIST_OF_JOB = _named(f"""
SELECT {_COLUMNS}
  FROM activity
 WHERE job_id = %(job_id)s AND (workspace_id = %(workspace_id)s) IS TRUE AND id < %(before)s
 ORDER BY id DESC
 LIMIT %(limit)s
""")

# Those about the order itself, and those about jobs that hold it; of one job alone, where that is asked for too.
_LIST_OF_ORDER = _named(f"""
SELECT {_COLUMNS}
  FROM (SELECT {_COLUMNS}
          FROM activity
         WHERE order_id = %(order_id)s AND (workspace_id = %(workspace_id)s) IS TRUE AND id < %(before)s
           AND (%(job_id)s::uuid IS NULL OR job_id = %(job_id)s)
        UNION ALL
        SELECT {", ".join(f"entry.{name}" for name in _COLUMNS.split(", "))}
          FROM (SELECT DISTINCT item.job_id FROM robot_job_items AS item
                 WHERE item.order_id = %(order_id)s AND (item.workspace_id = %(workspace_id)s) IS TRUE
                   AND (%(job_id)s::uuid IS NULL OR item.job_id = %(job_id)s)) AS job
         CROSS JOIN LATERAL (
             SELECT {_COLUMNS}
               FROM activity
              WHERE activity.job_id = job.job_id AND (workspace_id = %(workspace_id)s) IS TRUE AND id < %(before)s
              ORDER BY id DESC
              LIMIT %(limit)s) AS entry) AS found
 ORDER BY id DESC
 LIMIT %(limit)s
""")
