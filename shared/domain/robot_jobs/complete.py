"""Clean up after a job has ended."""

from uuid import UUID

from psycopg import Connection

from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.robot_jobs.models import JobRef
from shared.domain.robot_jobs.turnstile import lock_job, read_job
from shared.domain.validation import require_uuid


@domain_function
def close_dispatches(conn: Connection, ctx: DomainContext, job_id: UUID) -> JobRef:
    """Close the job's dispatches that have no open item left. Refused: an unknown job (`NOT_FOUND`)."""
    lock_job(conn, ctx, require_uuid(job_id, "job_id"))
    read_job(conn, ctx, job_id)
    conn.execute(_CLOSE_DISPATCHES, {"job_id": job_id, "workspace_id": ctx.workspace_id})
    return JobRef(job_id)


# State decides, not the event: a retry may have come before it.
_CLOSE_DISPATCHES = """
UPDATE robot_job_dispatches AS dispatch
   SET status = 'closed', closed_at = now(), updated_at = now()
 WHERE dispatch.job_id = %(job_id)s AND dispatch.workspace_id = %(workspace_id)s AND dispatch.status <> 'closed'
   AND NOT EXISTS (SELECT FROM robot_job_items AS item
                    WHERE item.job_id = dispatch.job_id AND item.dispatch = dispatch.dispatch
                      AND item.status IN ('pending', 'processing'))
"""
