"""expire_dispatches of a job of 10,000, against the barest statements that close the same rows."""

from collections.abc import Iterator

import psycopg
from psycopg import Connection

from benchmarks.database import Database, checkpoint, fresh_database, product_on
from benchmarks.measure import Row, elapsed_ms, in_turn
from benchmarks.record import Job, make_job
from local.stack.postgres import Postgres
from shared.domain import expire_dispatches

_ITEMS = 10_000
_SYSTEM = "robot_jobs_system"


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with fresh_database(server, "bench_expire") as database, database.connect_owner() as owner:
        yield _expire(database, owner)


def _expire(database: Database, owner: Connection) -> Row:
    with psycopg.connect(database.url(_SYSTEM), autocommit=True, prepare_threshold=0) as conn:

        def product() -> float:
            _overdue_job(owner)
            with product_on(database, _SYSTEM):
                expire_dispatches()  # There is a connection then, and nothing else to do.
                _make_overdue(owner)
                return elapsed_ms(expire_dispatches)

        def floor() -> float:
            job = _overdue_job(owner)
            _make_overdue(owner)
            return elapsed_ms(lambda: _expire_floor(conn, job))

        ours, floors = in_turn(product, floor)
    return Row("expire", f"expire {_ITEMS:,}", "ms", ours, floors)


def _overdue_job(owner: Connection) -> Job:
    job = make_job(owner, _ITEMS)
    owner.execute(_HAND_OVER, [job.job_id])
    checkpoint(owner)
    return job


def _make_overdue(owner: Connection) -> None:
    owner.execute("UPDATE robot_job_dispatches SET deadline_at = now() WHERE status = 'accepted'")


def _expire_floor(conn: Connection, job: Job) -> None:
    row = {"job_id": job.job_id}
    with conn.pipeline(), conn.transaction():
        for statement in (_CLOSE_ITEMS, _CLOSE_JOB, _CLOSE_DISPATCH):
            conn.execute(statement, row)


_HAND_OVER = """
UPDATE robot_job_dispatches
   SET status = 'accepted', claimed_at = now(), accepted_at = now(), deadline_at = now() + interval '1 day'
 WHERE job_id = %s
"""

_CLOSE_ITEMS = """
UPDATE robot_job_items
   SET status = 'error', error_type = 'timeout', error_message = 'no report from the robot', completed_at = now(),
       updated_at = now()
 WHERE job_id = %(job_id)s AND (status IN ('pending', 'processing')) IS TRUE
"""

_CLOSE_JOB = """
WITH job AS (
    UPDATE robot_jobs
       SET status = 'failed', error_count = total_items, completed_at = now(), updated_at = now()
     WHERE id = %(job_id)s
    RETURNING *
)
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'robot/job.completed',
       json_build_object('jobId', id, 'workspaceId', workspace_id, 'status', status, 'dispatch', dispatch,
                         'successCount', success_count, 'errorCount', error_count)
  FROM job
"""

_CLOSE_DISPATCH = """
UPDATE robot_job_dispatches SET status = 'closed', closed_at = now(), updated_at = now() WHERE job_id = %(job_id)s
"""
