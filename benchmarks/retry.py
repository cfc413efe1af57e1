"""retry_failed_items of 10,000, against the barest statements that put the same rows back."""

from collections.abc import Iterator
from uuid import UUID

from psycopg import Connection

from benchmarks.database import Database, checkpoint, fresh_database
from benchmarks.measure import Row, elapsed_ms, in_turn
from benchmarks.record import Job, make_job
from local.stack.postgres import Postgres
from shared.domain import (
    DomainContext,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    retry_failed_items,
    update_job_item_results,
)

_ITEMS = 10_000


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with fresh_database(server, "bench_retry") as database, database.connect_owner() as owner:
        yield _retry(database, owner)


def _retry(database: Database, owner: Connection) -> Row:
    with database.connect_app() as conn:

        def product() -> float:
            job = _failed_job(owner)
            ctx = DomainContext(job.workspace_id, source="bench")
            return elapsed_ms(lambda: retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))

        def floor() -> float:
            job = _failed_job(owner)
            return elapsed_ms(lambda: _retry_floor(conn, job.workspace_id, job.job_id))

        ours, floors = in_turn(product, floor)
    return Row("retry", f"retry {_ITEMS:,}", "ms", ours, floors)


def _failed_job(owner: Connection) -> Job:
    job = make_job(owner, _ITEMS)
    reports = [UpdateJobItemResultParams(item_id, "error", error_type="portal") for item_id, _, _ in job.shipments]
    result = update_job_item_results(DomainContext(job.workspace_id, source="bench"), reports)
    if not result.success:
        raise RuntimeError(result.error)
    checkpoint(owner)
    return job


def _retry_floor(conn: Connection, workspace_id: UUID, job_id: UUID) -> None:
    row = {"job_id": job_id, "count": _ITEMS}
    with conn.pipeline(), conn.transaction():
        conn.execute("SELECT set_config('app.workspace_id', %s, true)", [str(workspace_id)])
        conn.execute(_REOPEN_ITEMS, row)
        conn.execute(_REOPEN_JOB, row)
        conn.execute(_INSERT_DISPATCH, row)
        conn.execute(_INSERT_EVENT, row)


_REOPEN_ITEMS = """
UPDATE robot_job_items
   SET status = 'pending', dispatch = dispatch + 1, retry_count = retry_count + 1, last_retry_at = now(),
       error_type = NULL, error_message = NULL, completed_at = NULL, updated_at = now()
 WHERE job_id = %(job_id)s AND status = 'error'
RETURNING id
"""

_REOPEN_JOB = """
UPDATE robot_jobs
   SET status = 'pending', dispatch = dispatch + 1, error_count = error_count - %(count)s, completed_at = NULL,
       updated_at = now()
 WHERE id = %(job_id)s
"""

_INSERT_DISPATCH = """
INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
SELECT id, dispatch, workspace_id, carrier, %(count)s FROM robot_jobs WHERE id = %(job_id)s
"""

_INSERT_EVENT = """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'robot/job.submitted',
       json_build_object('jobId', id, 'workspaceId', workspace_id, 'carrier', carrier, 'dispatch', dispatch,
                         'orders', '[]'::json, 'ordersOmitted', %(count)s::int)
  FROM robot_jobs
 WHERE id = %(job_id)s
"""
