"""Cancel what no robot has been given yet."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.domain.activity_log import log_activity
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.close import close_open_items
from shared.domain.jobs.lock import Target, lock_line, lock_open_items, read_job
from shared.domain.jobs.status import invalid_transition
from shared.domain.jobs.turn import move_on
from shared.domain.validation import require_uuid, storable_text


@dataclass(frozen=True)
class Cancelled:
    """How many items were closed; the others are with the robot and stay open until it reports them."""

    cancelled_count: int


@domain_function
def cancel_job(conn: Connection, ctx: DomainContext, job_id: UUID) -> Cancelled:
    """Close the items that no robot has been given yet, as errors "cancelled by …"; no further wave is made of the job.

    Refused: an unknown job (`NOT_FOUND`), a job that has ended (`CONFLICT`).
    """
    everything = [Target(ctx.workspace_id, require_uuid(job_id, "job_id"), None)]
    lock_line(conn, ctx.workspace_id)
    lock_open_items(conn, everything)
    job = read_job(conn, ctx, job_id)
    if job.has_ended:
        raise invalid_transition(job, "there is nothing left to cancel")
    words = storable_text(f"cancelled by {ctx.actor or 'the operator'}", "actor", at_most=200)
    closed = close_open_items(conn, everything, error_type="validation", error_message=words, only_unsent=True)
    conn.execute(_CLOSE_WAITING, {"job_id": job_id, "workspace_id": ctx.workspace_id})
    move_on(conn, ctx.workspace_id, [job_id])
    if closed:
        log_activity(conn, ctx, "job_cancelled", job_id=job_id, items=closed)
    return Cancelled(closed)


# The wave that was not claimed: after this no robot will get it.
_CLOSE_WAITING = """
UPDATE robot_job_dispatches
   SET status = 'closed', closed_at = now(), last_error = 'cancelled', updated_at = now()
 WHERE job_id = %(job_id)s AND workspace_id = %(workspace_id)s AND status = 'waiting'
"""
