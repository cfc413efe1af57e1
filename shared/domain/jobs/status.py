"""Move a job by hand: start it, or end it with everything that is still open."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.activity_log import log_activity
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.close import close_open_items
from shared.domain.jobs.lock import JobState, Target, lock_line, lock_open_items, read_job
from shared.domain.jobs.models import MAX_ERROR_MESSAGE, JobRef
from shared.domain.jobs.turn import move_on
from shared.domain.refusals import RefusedError
from shared.domain.validation import optional_text, require_choice, require_uuid
from shared.words import ERROR_TYPES, JOB_STATUSES, ErrorType, JobStatus

_ALLOWED: frozenset[tuple[JobStatus, JobStatus]] = frozenset(
    {
        ("pending", "processing"),
        ("pending", "failed"),
        ("processing", "completed"),
        ("processing", "failed"),
    }
)


@dataclass(frozen=True)
class UpdateJobStatusParams:
    """The status that a job shall have; the error is what its open items get when that ends it."""

    job_id: UUID
    status: JobStatus
    error_type: ErrorType | None = None
    error_message: str | None = None


@domain_function
def update_job_status(conn: Connection, ctx: DomainContext, params: UpdateJobStatusParams) -> JobRef:
    """Start a job, or end it: ending closes every open item as an error and tells it once.

    Refused: an unknown job (`NOT_FOUND`), a step that the state does not allow (`CONFLICT`).
    """
    lock_line(conn, ctx.workspace_id)
    return update_locked_job_status(conn, ctx, params)


def update_locked_job_status(conn: Connection, ctx: DomainContext, params: UpdateJobStatusParams) -> JobRef:
    """Do so where the workspace's line is held already.

    Raises:
        RefusedError: as `update_job_status` says.
    """
    job_id = require_uuid(params.job_id, "job_id")
    status = require_choice(params.status, JOB_STATUSES, "status")
    error_type = (
        "unknown" if params.error_type is None else require_choice(params.error_type, ERROR_TYPES, "error_type")
    )
    message = optional_text(params.error_message, "error_message", at_most=MAX_ERROR_MESSAGE)
    everything = [Target(ctx.workspace_id, job_id, None)]
    lock_open_items(conn, everything)
    job = read_job(conn, ctx, job_id)
    if status == job.status:
        return JobRef(job_id)
    if (job.status, status) not in _ALLOWED:
        raise invalid_transition(job, f"it can't become {status}")
    if status == "processing":
        conn.execute(_START_JOB, {"job_id": job_id, "workspace_id": ctx.workspace_id})
    else:
        closed = close_open_items(
            conn,
            everything,
            error_type=error_type,
            error_message=message or "the job was ended before this order was reported",
            closed_by="person",
            ended_status=status,
        )
        move_on(conn, ctx.workspace_id, [job_id])
        log_activity(conn, ctx, "job_ended", job_id=job_id, status=status, items=closed)
    return JobRef(job_id)


def invalid_transition(job: JobState, sentence: str) -> RefusedError:
    """Return the refusal of a step that the job's status does not allow."""
    return page.invalid_transition(sentence, status=job.status)


# The robot has begun.
_START_JOB = """
UPDATE robot_jobs
   SET status = 'processing', started_at = coalesce(started_at, now()), updated_at = now()
 WHERE id = %(job_id)s AND workspace_id = %(workspace_id)s AND (status = 'pending') IS TRUE
"""
