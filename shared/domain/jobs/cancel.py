"""Cancel what no robot has been given yet."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.close import close_open_items
from shared.domain.jobs.lock import Target, lock_job, lock_open_items, read_job
from shared.domain.jobs.status import invalid_transition
from shared.domain.validation import require_uuid, storable_text


@dataclass(frozen=True)
class Cancelled:
    """How many items were closed; the others are with the robot and stay open until it reports them."""

    cancelled_count: int


@domain_function
def cancel_job(conn: Connection, ctx: DomainContext, job_id: UUID) -> Cancelled:
    """Close the items whose hand-over has not begun, as errors "cancelled by …".

    Refused: an unknown job (`NOT_FOUND`), a job that has ended (`CONFLICT`).
    """
    lock_job(conn, ctx, require_uuid(job_id, "job_id"))
    lock_open_items(conn, [Target(ctx.workspace_id, job_id, None)])
    job = read_job(conn, ctx, job_id)
    if job.has_ended:
        raise invalid_transition(job, "there is nothing left to cancel")
    row = {"job_id": job_id, "workspace_id": ctx.workspace_id}
    waiting = [dispatch for (dispatch,) in conn.execute(_CLOSE_WAITING_DISPATCHES, row)]
    if not waiting:
        return Cancelled(0)
    closed = close_open_items(
        conn,
        [Target(ctx.workspace_id, job_id, dispatch) for dispatch in waiting],
        error_type="validation",
        error_message=storable_text(f"cancelled by {ctx.actor or 'the operator'}", "actor", at_most=200),
    )
    return Cancelled(closed)


# Dispatches that were not claimed: after this no robot will get them.
_CLOSE_WAITING_DISPATCHES = """
UPDATE robot_job_dispatches
   SET status = 'closed', closed_at = now(), last_error = 'cancelled', updated_at = now()
 WHERE job_id = %(job_id)s AND workspace_id = %(workspace_id)s AND status = 'waiting'
RETURNING dispatch
"""
