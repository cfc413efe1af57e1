"""After a database was restored to an earlier moment: what it may have forgotten becomes unsettled.

It has forgotten hand-overs, and would make them again. So every order that is not known to be shipped waits until a
person has looked at the carrier, and no wave has a number that a robot may remember. Hand-overs are off meanwhile.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.carriers.registry import DEFAULT_CARRIER
from shared.db.transaction import system_transaction
from shared.domain import refusal_page as page
from shared.domain.activity_log import log_activity
from shared.domain.context import DomainContext
from shared.domain.cursor import BEFORE_ALL
from shared.domain.function import domain_function
from shared.domain.ids import uuid7, uuid7s
from shared.domain.jobs import restored_sql as sql
from shared.domain.jobs.close import close_open_items
from shared.domain.jobs.lock import Target, lock_line, lock_open_items, lock_orders, read_job
from shared.domain.jobs.retry import RELEASE_LIFTED
from shared.domain.validation import require_uuid

#: Orders in one transaction, and at most in one job of those that had none.
BATCH = 1_000


@dataclass(frozen=True)
class UnsettleJobParams:
    """A job, and the moment, with its time zone, to which the database was restored."""

    job_id: UUID
    restored_to: datetime


@dataclass(frozen=True)
class UnsettleOrdersParams:
    """The moment to which the database was restored, and after which order to go on."""

    restored_to: datetime
    after: UUID = BEFORE_ALL


@dataclass(frozen=True)
class UnsettledOrders:
    """How many orders became unsettled by an item that had failed, and by a new one of `job_id`."""

    by_failed: int
    by_new: int
    job_id: UUID | None
    #: After which to go on; None: these were the last.
    last_id: UUID | None


@dataclass(frozen=True)
class _Fate:
    id: UUID
    failed_id: UUID | None
    is_done: bool
    is_unsettled: bool
    is_made: bool


def find_workspaces() -> list[UUID]:
    """Return every workspace that has orders; row-level security lets only the system role see any."""
    with system_transaction() as conn:
        return [workspace_id for (workspace_id,) in conn.execute(sql.SELECT_WORKSPACES)]


@domain_function
def pass_numbers_over(conn: Connection, ctx: DomainContext) -> int:
    """Have the next wave of each of the workspace's jobs leave out 1,000 numbers, and return how many jobs there are.

    Robots answer a number that they remember without working.
    """
    lock_line(conn, ctx.workspace_id)
    [(jobs,)] = conn.execute(sql.PASS_OVER, {"workspace_id": ctx.workspace_id}).fetchall()
    return int(jobs)


@domain_function
def unsettle_job(conn: Connection, ctx: DomainContext, params: UnsettleJobParams) -> int:
    """Close a job's open items as unsettled, and return how many: each may have been shipped, and is sent no more.

    Of one that a robot had at that moment, the hand-over is over when it would have been. Refused: an unknown job
    (`NOT_FOUND`), a moment without its time zone (`INVALID`).
    """
    job_id, restored_to = require_uuid(params.job_id, "job_id"), _moment(params.restored_to)
    lock_line(conn, ctx.workspace_id)
    read_job(conn, ctx, job_id)
    target = Target(ctx.workspace_id, job_id, None)
    lock_open_items(conn, [target])
    row = {"workspace_id": ctx.workspace_id, "job_id": job_id, "restored_to": restored_to, "words": _words(restored_to)}
    conn.execute(sql.UNSETTLE_OPEN, row)
    closed = close_open_items(conn, [target], error_type="unknown", error_message=_words(restored_to))
    conn.execute(sql.CLOSE_WAVES, row)
    if closed:
        log_activity(conn, ctx, "job_ended", job_id=job_id, items=closed, restored_to=restored_to.isoformat())
    return closed


@domain_function
def unsettle_orders(conn: Connection, ctx: DomainContext, params: UnsettleOrdersParams) -> UnsettledOrders:
    """Make the next 1,000 orders unsettled where they are not known to be made; those that were already stay so.

    An order whose items have all failed is so by the last one, an order without any by a new one, in a job of such
    orders whose hand-over counts as over. A reshipment that failed is unsettled, too. Called again, it passes over what
    it has done. Refused: a moment without its time zone (`INVALID`).
    """
    restored_to = _moment(params.restored_to)
    after = require_uuid(params.after, "after")
    row = {"workspace_id": ctx.workspace_id, "restored_to": restored_to, "words": _words(restored_to)}
    lock_line(conn, ctx.workspace_id)
    found = conn.execute(sql.SELECT_NEXT, row | {"after": after, "limit": BATCH})
    order_ids = [order_id for (order_id,) in found]
    lock_orders(conn, [ctx.workspace_id], order_ids)
    fates = conn.cursor(row_factory=class_row(_Fate)).execute(sql.SELECT_FATES, row | {"order_ids": order_ids})
    open_fates = [fate for fate in fates if not fate.is_done]
    if known := [fate.id for fate in open_fates if fate.is_unsettled]:
        conn.execute(sql.KEEP_UNSETTLED, row | {"order_ids": known})
    others = [fate for fate in open_fates if not fate.is_unsettled]
    if failed := [fate.failed_id for fate in others if fate.failed_id]:
        # A reshipment takes the hold of what was made before it, as a retry does.
        conn.execute(RELEASE_LIFTED, row | {"item_ids": failed})
        conn.execute(sql.UNSETTLE_FAILED, row | {"item_ids": failed})
    new = [fate.id for fate in others if fate.failed_id is None and not fate.is_made]
    job_id = _insert_job(conn, ctx, restored_to, new) if new else None
    return UnsettledOrders(len(failed), len(new), job_id, order_ids[-1] if len(order_ids) == BATCH else None)


def _insert_job(conn: Connection, ctx: DomainContext, restored_to: datetime, order_ids: list[UUID]) -> UUID:
    job_id = uuid7()
    row = {
        "job_id": job_id,
        "workspace_id": ctx.workspace_id,
        "carrier": DEFAULT_CARRIER,
        "item_count": len(order_ids),
        "item_ids": uuid7s(len(order_ids)),
        "order_ids": order_ids,
        "restored_to": restored_to,
    }
    conn.execute(sql.INSERT_JOB, row)
    conn.execute(sql.INSERT_ITEMS, row)
    log_activity(conn, ctx, "job_submitted", job_id=job_id, items=len(order_ids), restored_to=restored_to.isoformat())
    target = Target(ctx.workspace_id, job_id, None)
    close_open_items(conn, [target], error_type="unknown", error_message=_words(restored_to))
    return job_id


def _moment(restored_to: object) -> datetime:
    if not isinstance(restored_to, datetime) or restored_to.tzinfo is None:
        raise page.unexpected_value("restored_to", "a time with its time zone")
    return restored_to


def _words(restored_to: datetime) -> str:
    return (
        f"the database was restored to {restored_to.astimezone(UTC):%Y-%m-%d %H:%M} UTC: nobody knows whether this "
        "order was shipped since; look for it at the carrier"
    )
