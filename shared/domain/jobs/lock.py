"""Locks in the one order that everyone takes them in: the workspace's line, orders, all items of these orders, jobs.

Whoever may close a wave, or change whose turn it is, holds the workspace's line first: so waves are made, claimed,
noted and closed one after the other. Whoever can move the hold on an order locks the order before its items: a new
item of it can then only come before or after, never in between. Each kind is locked by id, in a statement of its own,
so that the next one sees what is so then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection

from shared.db.arrays import uuid_array
from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.words import ENDED_STATUSES, JobKind, JobStatus, Priority


@dataclass(frozen=True)
class JobState:
    """What a structural change has to know of its job."""

    status: JobStatus
    carrier: str
    kind: JobKind
    allow_reshipment: bool
    priority: Priority
    paused_at: datetime | None

    @property
    def has_ended(self) -> bool:
        """Whether every item is closed."""
        return self.status in ENDED_STATUSES


@dataclass(frozen=True)
class Target:
    """The open items of one dispatch, or of the whole job (`dispatch` None)."""

    workspace_id: UUID
    job_id: UUID
    dispatch: int | None


def lock_line(conn: Connection, workspace_id: UUID) -> None:
    """Hold the line of waves before the workspace's robots until the transaction ends.

    It is no row, so that it is there before anything else of a workspace is; two workspaces of one hash share theirs.
    """
    conn.execute(LOCK_LINE, {"workspace_id": workspace_id})


def try_lock_line(conn: Connection, workspace_id: UUID) -> bool:
    """Hold the line as `lock_line` does if nobody holds it now, and tell whether it is held."""
    [(held,)] = conn.execute(TRY_LOCK_LINE, {"workspace_id": workspace_id}).fetchall()
    return bool(held)


def read_job(conn: Connection, ctx: DomainContext, job_id: UUID) -> JobState:
    """Return the job's state; where its open items matter, the caller has locked them before.

    Raises:
        RefusedError: the workspace has no such job.
    """
    found = conn.execute(_SELECT_JOB, {"job_id": job_id, "workspace_id": ctx.workspace_id}).fetchone()
    if found is None:
        raise page.job_not_found(job_id=job_id)
    return JobState(*found)


def lock_orders(conn: Connection, workspace_ids: Sequence[UUID], order_ids: Sequence[UUID]) -> None:
    """Lock orders, all their items, and the jobs of those that are open or hold, until the transaction ends."""
    row = {"workspace_ids": list(workspace_ids), "order_ids": uuid_array(order_ids)}
    conn.execute(_LOCK_ORDERS, row)
    conn.execute(_LOCK_ITEMS_OF_ORDERS, row)
    conn.execute(_LOCK_JOBS_OF_ORDERS, row)


def lock_items(conn: Connection, ctx: DomainContext, item_ids: Sequence[UUID]) -> None:
    """Lock the orders of items, all items of these orders, and the jobs of those that may move."""
    row = {"workspace_id": ctx.workspace_id, "item_ids": uuid_array(item_ids)}
    conn.execute(_LOCK_ORDERS_OF_ITEMS, row)
    conn.execute(_LOCK_ITEMS_BESIDE_ITEMS, row)
    conn.execute(_LOCK_JOBS_OF_ITEMS, row)


def lock_open_items(conn: Connection, targets: Sequence[Target]) -> None:
    """Lock the orders of the targets' open and unsettled items, all items of these orders, and the targets' jobs.

    Reports that are on their way come before; later ones wait until the transaction ends.
    """
    row = columns_of(targets)
    conn.execute(_LOCK_ORDERS_OF_OPEN_ITEMS, row)
    conn.execute(_LOCK_ITEMS_BESIDE_OPEN_ITEMS, row)
    conn.execute(_LOCK_JOBS, row)


def columns_of(targets: Sequence[Target]) -> dict[str, object]:
    """Return targets as one list a column, as the statements take them."""
    return {
        "workspace_ids": [target.workspace_id for target in targets],
        "job_ids": [target.job_id for target in targets],
        "dispatches": [target.dispatch for target in targets],
    }


# The number keeps these locks apart from those that other programs may take in this database.
_LINE = "hashtextextended(%(workspace_id)s::uuid::text, 7315064201)"
LOCK_LINE = f"SELECT pg_advisory_xact_lock({_LINE})"
TRY_LOCK_LINE = f"SELECT pg_try_advisory_xact_lock({_LINE})"

# The job as it is now.
_SELECT_JOB = """
SELECT status, carrier, kind, allow_reshipment, priority, paused_at
  FROM robot_jobs
 WHERE id = %(job_id)s AND workspace_id = %(workspace_id)s
"""


def _locking(table: str, condition: str) -> str:
    return f"""
SELECT count(*)
  FROM (SELECT FROM {table}
         WHERE {condition}
         ORDER BY id
           FOR NO KEY UPDATE) AS locked
"""


# Lookups move no hold: of an order only those of its shipments are locked, beside what was named.
_OF_SHIPMENTS = "shipment IS NOT NULL"
_IN_WORKSPACE = "(workspace_id = %(workspace_id)s) IS TRUE"
_IN_WORKSPACES = "(workspace_id = ANY(%(workspace_ids)b::uuid[])) IS TRUE"

_OF_ORDERS = f"order_id = ANY(%(order_ids)b::uuid[]) AND {_OF_SHIPMENTS} AND {_IN_WORKSPACES}"
_LOCK_ORDERS = _locking("orders", f"id = ANY(%(order_ids)b::uuid[]) AND {_IN_WORKSPACES}")
_LOCK_ITEMS_OF_ORDERS = _locking("robot_job_items", _OF_ORDERS)
_LOCK_JOBS_OF_ORDERS = _locking(
    "robot_jobs", f"id IN (SELECT job_id FROM robot_job_items WHERE {_OF_ORDERS} AND holds)"
)

_ORDERS_OF_ITEMS = f"SELECT order_id FROM robot_job_items WHERE id = ANY(%(item_ids)b::uuid[]) AND {_IN_WORKSPACE}"
_LOCK_ORDERS_OF_ITEMS = _locking("orders", f"id IN ({_ORDERS_OF_ITEMS}) AND {_IN_WORKSPACE}")
_LOCK_ITEMS_BESIDE_ITEMS = _locking(
    "robot_job_items",
    f"order_id IN ({_ORDERS_OF_ITEMS}) AND ({_OF_SHIPMENTS} OR id = ANY(%(item_ids)b::uuid[])) AND {_IN_WORKSPACE}",
)
#: Whether one of the items may take the hold on its order from another: it has none, and was not shipped.
MAY_TAKE_HOLDS = f"""(SELECT bool_or(NOT holds AND status <> 'success' AND NOT is_lookup) FROM robot_job_items
                 WHERE id = ANY(%(item_ids)b::uuid[]) AND {_IN_WORKSPACE})"""
# Theirs and those of the items that hold their orders, where a success may take the hold from one of another job. Where
# none may, the jobs are locked as they are counted.
_LOCK_JOBS_OF_ITEMS = _locking(
    "robot_jobs",
    f"""{MAY_TAKE_HOLDS}
           AND id IN (SELECT beside.job_id
                        FROM robot_job_items AS item
                        JOIN robot_job_items AS beside
                          ON beside.order_id = item.order_id AND (beside.holds OR beside.id = item.id)
                       WHERE item.id = ANY(%(item_ids)b::uuid[]) AND (item.workspace_id = %(workspace_id)s) IS TRUE)""",
)

_ORDERS_OF_OPEN_ITEMS = """
SELECT item.order_id
  FROM unnest(%(job_ids)b::uuid[], %(dispatches)b::int[]) AS target (job_id, dispatch)
  JOIN robot_job_items AS item
    ON item.job_id = target.job_id AND (target.dispatch IS NULL OR target.dispatch = item.dispatch)
 WHERE (item.status IN ('pending', 'processing') OR (item.status = 'error' AND item.shipment = 'possible'))
   AND (item.workspace_id = ANY(%(workspace_ids)b::uuid[])) IS TRUE
"""
_LOCK_ORDERS_OF_OPEN_ITEMS = _locking("orders", f"id IN ({_ORDERS_OF_OPEN_ITEMS})")
_LOCK_ITEMS_BESIDE_OPEN_ITEMS = _locking(
    "robot_job_items",
    f"order_id IN ({_ORDERS_OF_OPEN_ITEMS}) AND ({_OF_SHIPMENTS} OR job_id = ANY(%(job_ids)b::uuid[]))",
)
_LOCK_JOBS = _locking("robot_jobs", f"id = ANY(%(job_ids)b::uuid[]) AND {_IN_WORKSPACES}")
