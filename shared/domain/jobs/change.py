"""What a PATCH changes of a job: its place in the line, and its status, both or neither."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.activity_log import log_activity
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.lock import lock_line, read_job
from shared.domain.jobs.models import JobRef
from shared.domain.jobs.status import UpdateJobStatusParams, invalid_transition, update_locked_job_status
from shared.domain.jobs.turn import call_next
from shared.domain.validation import require_choice, require_uuid
from shared.words import PRIORITIES, JobStatus, Priority


@dataclass(frozen=True)
class ChangeJobParams:
    """What to change; None keeps it. One of the two at least."""

    job_id: UUID
    status: JobStatus | None = None
    priority: Priority | None = None


@domain_function
def change_job(conn: Connection, ctx: DomainContext, params: ChangeJobParams) -> JobRef:
    """Give a job another priority, a status by hand, or both.

    Refused: neither of them (`INVALID`), an unknown job (`NOT_FOUND`), a priority for a job that has ended, a step that
    the state does not allow (`CONFLICT`).
    """
    job_id = require_uuid(params.job_id, "job_id")
    if params.status is None and params.priority is None:
        raise page.nothing_to_change()
    lock_line(conn, ctx.workspace_id)
    if params.priority is not None:
        priority = require_choice(params.priority, PRIORITIES, "priority")
        job = read_job(conn, ctx, job_id)
        if job.has_ended:
            raise invalid_transition(job, "its priority changes nothing any more")
        if job.priority != priority:
            conn.execute(_SET_PRIORITY, {"job_id": job_id, "workspace_id": ctx.workspace_id, "priority": priority})
            log_activity(conn, ctx, "job_prioritised", job_id=job_id, priority=priority)
            call_next(conn, ctx.workspace_id)
    if params.status is not None:
        update_locked_job_status(
            conn, ctx, UpdateJobStatusParams(job_id, params.status, "unknown", "ended by the operator")
        )
    return JobRef(job_id)


_SET_PRIORITY = """
UPDATE robot_jobs SET priority = %(priority)s, updated_at = now()
 WHERE id = %(job_id)s AND (workspace_id = %(workspace_id)s) IS TRUE
"""
