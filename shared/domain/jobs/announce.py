"""After a job has ended: note that it was announced, and clean up."""

from uuid import UUID

from psycopg import Connection

from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.lock import lock_line, read_job
from shared.domain.jobs.models import DispatchRef, JobRef
from shared.domain.jobs.turn import move_on
from shared.domain.validation import require_dispatch, require_uuid


@domain_function
def is_end_announced(conn: Connection, ctx: DomainContext, params: DispatchRef) -> bool:
    """Tell whether nobody is to be told any more that the job ended in this dispatch; of an unknown job, they are.

    Of a lookup that the schedule made nobody ever is.
    """
    row = {
        "job_id": require_uuid(params.job_id, "job_id"),
        "dispatch": require_dispatch(params.dispatch),
        "workspace_id": ctx.workspace_id,
    }
    return conn.execute(_SELECT_ANNOUNCED, row).fetchone() is not None


@domain_function
def close_dispatches(conn: Connection, ctx: DomainContext, job_id: UUID, announced_in: int | None = None) -> JobRef:
    """Close the job's dispatches that have no open item left, and note in which one its end was announced.

    Refused: an unknown job (`NOT_FOUND`).
    """
    lock_line(conn, ctx.workspace_id)
    read_job(conn, ctx, require_uuid(job_id, "job_id"))
    move_on(conn, ctx.workspace_id, [job_id])
    row = {"job_id": job_id, "workspace_id": ctx.workspace_id}
    if announced_in is not None:
        conn.execute(_NOTE_ANNOUNCED, row | {"dispatch": require_dispatch(announced_in)})
    return JobRef(job_id)


_SELECT_ANNOUNCED = """
SELECT 1
  FROM robot_job_dispatches
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s AND announced_at IS NOT NULL
 UNION
SELECT 1
  FROM robot_jobs
 WHERE id = %(job_id)s AND workspace_id = %(workspace_id)s AND is_automatic
"""

# The first time stands.
_NOTE_ANNOUNCED = """
UPDATE robot_job_dispatches
   SET announced_at = now(), updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s AND announced_at IS NULL
"""
