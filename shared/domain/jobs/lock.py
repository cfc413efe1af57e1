"""One structural change of a job at a time: retry, end, cancel, claim and what follows a claim.

Each first locks the rows of the job's dispatches. Recording a report takes no part in it: it locks its items, and
only ever closes them.
"""

from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.domain.context import DomainContext
from shared.domain.jobs.models import JobStatus
from shared.domain.refusals import RefusedError, not_found

# The job's dispatches, locked in the order that everyone locks them in.
LOCK_DISPATCHES = """
SELECT count(*)
  FROM (SELECT FROM robot_job_dispatches
         WHERE job_id = %(job_id)s AND workspace_id = %(workspace_id)s
         ORDER BY dispatch
           FOR UPDATE) AS locked
"""

# The job as it is now.
_SELECT_JOB = """
SELECT status, dispatch FROM robot_jobs WHERE id = %(job_id)s AND workspace_id = %(workspace_id)s
"""


@dataclass(frozen=True)
class JobState:
    """What a structural change has to know of its job."""

    status: JobStatus
    dispatch: int

    @property
    def has_ended(self) -> bool:
        """Whether every item is closed."""
        return self.status in ("completed", "failed")


def lock_job(conn: Connection, ctx: DomainContext, job_id: UUID) -> None:
    """Lock the job's dispatches until the transaction ends; an unknown job has none."""
    conn.execute(LOCK_DISPATCHES, {"job_id": job_id, "workspace_id": ctx.workspace_id})


def read_job(conn: Connection, ctx: DomainContext, job_id: UUID) -> JobState:
    """Return the job's state; where its open items matter, the caller has locked them before.

    Raises:
        RefusedError: the workspace has no such job.
    """
    found = conn.execute(_SELECT_JOB, {"job_id": job_id, "workspace_id": ctx.workspace_id}).fetchone()
    if found is None:
        raise job_not_found(job_id)
    return JobState(*found)


def job_not_found(job_id: UUID) -> RefusedError:
    """Return the refusal of a job that this workspace does not have."""
    return not_found("job_not_found", f"There is no job {job_id}.", job_id=job_id)
