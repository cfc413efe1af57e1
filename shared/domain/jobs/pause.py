"""Pause a job, and let it go on: what the robot has goes on, the next wave does not start."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.activity_log import log_activity
from shared.domain.context import DomainContext
from shared.domain.function import domain_function, domain_query
from shared.domain.jobs.lock import lock_line, read_job
from shared.domain.jobs.models import JobRef
from shared.domain.jobs.pause_sql import EMIT_PAUSED
from shared.domain.jobs.status import invalid_transition
from shared.domain.jobs.turn import call_next
from shared.domain.validation import require_uuid
from shared.words import PausedReason


@dataclass(frozen=True)
class Pause:
    """Who or what paused a job (None: it is not paused), and how many errors there were in a row."""

    reason: PausedReason | None
    errors_in_a_row: int


@domain_query
def get_pause(conn: Connection, ctx: DomainContext, job_id: UUID) -> Pause:
    """Return whether a job is paused. Refused: an unknown job (`NOT_FOUND`)."""
    row = {"job_id": require_uuid(job_id, "job_id"), "workspace_id": ctx.workspace_id}
    found = conn.execute(_SELECT, row).fetchone()
    if found is None:
        raise page.job_not_found(job_id=job_id)
    return Pause(*found)


@domain_function
def pause_job(conn: Connection, ctx: DomainContext, job_id: UUID) -> JobRef:
    """Start no further wave of a job; the one at the robot goes on. A paused job stays as it is.

    Refused: an unknown job (`NOT_FOUND`), a job that has ended (`CONFLICT`).
    """
    lock_line(conn, ctx.workspace_id)
    job = read_job(conn, ctx, require_uuid(job_id, "job_id"))
    if job.has_ended:
        raise invalid_transition(job, "there is nothing left to pause")
    if job.paused_at is None:
        conn.execute(_PAUSE, {"job_id": job_id, "workspace_id": ctx.workspace_id})
        conn.execute(EMIT_PAUSED, {"job_ids": [job_id], "workspace_id": ctx.workspace_id})
        log_activity(conn, ctx, "job_paused", job_id=job_id)
        call_next(conn, ctx.workspace_id)
    return JobRef(job_id)


@domain_function
def resume_job(conn: Connection, ctx: DomainContext, job_id: UUID) -> JobRef:
    """Let a paused job go on in its turn, counting errors in a row anew; one that is not paused stays as it is.

    Refused: an unknown job (`NOT_FOUND`), a job that has ended (`CONFLICT`).
    """
    lock_line(conn, ctx.workspace_id)
    job = read_job(conn, ctx, require_uuid(job_id, "job_id"))
    if job.has_ended:
        raise invalid_transition(job, "there is nothing left to resume")
    if job.paused_at is not None:
        conn.execute(_RESUME, {"job_id": job_id, "workspace_id": ctx.workspace_id})
        log_activity(conn, ctx, "job_resumed", job_id=job_id)
        call_next(conn, ctx.workspace_id)
    return JobRef(job_id)


_SELECT = """
SELECT paused_reason, errors_in_a_row FROM robot_jobs WHERE id = %(job_id)s AND workspace_id = %(workspace_id)s
"""

_PAUSE = """
UPDATE robot_jobs SET paused_at = now(), paused_reason = 'operator', updated_at = now()
 WHERE id = %(job_id)s AND (workspace_id = %(workspace_id)s) IS TRUE
"""

_RESUME = """
UPDATE robot_jobs
   SET paused_at = NULL, paused_reason = NULL, paused_message = NULL, errors_in_a_row = 0, words_in_a_row = NULL,
       updated_at = now()
 WHERE id = %(job_id)s AND (workspace_id = %(workspace_id)s) IS TRUE
"""
