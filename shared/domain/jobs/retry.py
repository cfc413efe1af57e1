"""Put failed items back for another hand-over."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg import errors as pg

from shared.db.transaction import savepoint
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.create import order_in_open_job
from shared.domain.jobs.lock import lock_job, read_job
from shared.domain.jobs.models import MAX_ITEMS
from shared.domain.jobs.submitted_sql import (
    EMIT_JOB_SUBMITTED,
    MAX_ORDERS_BYTES,
    ORDER_OVERHEAD_BYTES,
    SELECT_OPEN_ORDERS,
)
from shared.domain.refusals import RefusedError, invalid
from shared.domain.validation import require_uuid, require_uuids

_NAMED_IDS = 10


@dataclass(frozen=True)
class RetryFailedItemsParams:
    """The job, and which of its failed items (None: all)."""

    job_id: UUID
    item_ids: Sequence[UUID] | None = None


@dataclass(frozen=True)
class RetriedItems:
    """The items that were put back, in creation order."""

    retried_count: int
    item_ids: list[UUID]


@domain_function
def retry_failed_items(conn: Connection, ctx: DomainContext, params: RetryFailedItemsParams) -> RetriedItems:
    """Put failed items back to pending, under the job's next dispatch, and ask for the hand-over.

    Refused: an unknown job (`NOT_FOUND`); nothing that failed, ids that are no failed items of the job, or items whose
    personal data was removed, so that nothing is left to send (`INVALID`); an order that is in an open item of another
    job by now (`CONFLICT`).
    """
    job_id = require_uuid(params.job_id, "job_id")
    named = None if params.item_ids is None else require_uuids(params.item_ids, "item_ids", at_most=MAX_ITEMS)
    lock_job(conn, ctx, job_id)
    job = read_job(conn, ctx, job_id)
    row: dict[str, object] = {"job_id": job_id, "workspace_id": ctx.workspace_id, "named": named}
    failed = conn.execute(_LOCK_FAILED_ITEMS, row).fetchall()
    item_ids = [item_id for item_id, _, _, _ in failed]
    if wrong := set(named or ()) - set(item_ids):
        ids = sorted(wrong)
        listed = ", ".join(map(str, ids[:_NAMED_IDS]))
        raise invalid("invalid_items", f"These are no failed items of the job: {listed}. Leave them out.", item_ids=ids)
    if not item_ids:
        raise invalid("nothing_to_retry", "The job has no failed items.", job_id=job_id)
    if emptied := [item_id for item_id, _, _, is_emptied in failed if is_emptied]:
        raise _nothing_left_to_send(emptied)
    value_bytes = sum(size for _, _, size, _ in failed)
    row |= {
        "item_ids": item_ids,
        "item_count": len(item_ids),
        "dispatch": job.dispatch + 1,
        "with_orders": value_bytes + ORDER_OVERHEAD_BYTES * len(item_ids) <= MAX_ORDERS_BYTES,
    }
    try:
        with savepoint():
            conn.execute(_REOPEN_ITEMS, row)
            conn.execute(_INSERT_DISPATCH, row)
            conn.execute(_REOPEN_JOB, row)
            conn.execute(EMIT_JOB_SUBMITTED, row)
    except pg.UniqueViolation as violation:
        orders = {"order_ids": [order_id for _, order_id, _, _ in failed], "workspace_id": ctx.workspace_id}
        held = conn.execute(SELECT_OPEN_ORDERS, orders).fetchall()
        raise order_in_open_job([tuple(order) for order in held]) from violation
    return RetriedItems(len(item_ids), item_ids)


def _nothing_left_to_send(item_ids: list[UUID]) -> RefusedError:
    listed = ", ".join(map(str, item_ids[:_NAMED_IDS]))
    return invalid(
        "invalid_items",
        f"What was sent for these items was removed after the time that it is kept: {listed}. Leave them out, and"
        " submit their orders as a new job.",
        item_ids=item_ids,
    )


# The failed items, all or those named, the size of what was sent for each, and whether that was removed. A success
# that is on its way finishes first and takes its item out.
_LOCK_FAILED_ITEMS = """
SELECT id, order_id, octet_length(coalesce(value_sent::text, '')), personal_data_removed_at IS NOT NULL
  FROM robot_job_items
 WHERE job_id = %(job_id)s AND workspace_id = %(workspace_id)s AND status = 'error'
   AND (%(named)b::uuid[] IS NULL OR id = ANY(%(named)b::uuid[]))
 ORDER BY id
   FOR NO KEY UPDATE
"""

# Back to pending, in the new dispatch. By order id, as submissions do: those that share orders then wait for each
# other in one order, and can't deadlock on the index of open orders. Every row is there, so this only updates; a
# plain UPDATE would take the rows in whatever order its plan finds them.
_REOPEN_ITEMS = """
INSERT INTO robot_job_items AS item (id, workspace_id, job_id, order_id, dispatch, last_retry_at)
SELECT id, workspace_id, job_id, order_id, %(dispatch)s, now()
  FROM robot_job_items
 WHERE id = ANY(%(item_ids)b::uuid[])
 ORDER BY order_id
    ON CONFLICT (id) DO UPDATE
   SET status = excluded.status, dispatch = excluded.dispatch, retry_count = item.retry_count + 1,
       last_retry_at = excluded.last_retry_at, error_type = NULL, error_message = NULL, completed_at = NULL,
       updated_at = now()
"""

# The hand-over that they wait for.
_INSERT_DISPATCH = """
INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
SELECT job.id, %(dispatch)s, job.workspace_id, job.carrier, %(item_count)s
  FROM robot_jobs AS job
 WHERE job.id = %(job_id)s
"""

# Fewer errors; a job that had ended waits again.
_REOPEN_JOB = """
UPDATE robot_jobs
   SET dispatch = %(dispatch)s, error_count = error_count - %(item_count)s,
       status = CASE WHEN status IN ('completed', 'failed') THEN 'pending' ELSE status END,
       completed_at = NULL, updated_at = now()
 WHERE id = %(job_id)s
"""
