"""Reading a large job and long lists, against the same rows fetched as plain tuples."""

from collections.abc import Iterator
from uuid import UUID

from psycopg import Connection

from benchmarks.database import Database, fresh_database, insert_orders
from benchmarks.measure import RUNS, Row, elapsed_ms, in_turn
from benchmarks.record_floor import BEGIN
from local.stack.postgres import Postgres
from shared.domain import (
    CreateRobotJobParams,
    DomainContext,
    GetJobPageParams,
    ListJobsParams,
    create_robot_job,
    get_job_page,
    get_job_with_items,
    list_jobs,
)
from shared.domain.ids import uuid7

_ITEMS = 10_000
_PAGE = 100
_LONG, _SHORT = 100_000, 100


def run(server: Postgres) -> Iterator[Row]:
    """Measure.

    Raises:
        RuntimeError: the job could not be made.
    """
    with fresh_database(server, "bench_read") as database, database.connect_owner() as owner:
        ctx = DomainContext(uuid7(), source="bench")
        created = create_robot_job(ctx, CreateRobotJobParams(insert_orders(owner, ctx.workspace_id, _ITEMS)))
        if not created.success:
            raise RuntimeError(created.error)
        job_id = created.data.job_id
        yield from _job(database, ctx, job_id)
        long, short = (DomainContext(_workspace_of_jobs(owner, count), source="bench") for count in (_LONG, _SHORT))
        in_long, in_short = in_turn(
            lambda: elapsed_ms(lambda: list_jobs(long, ListJobsParams(limit=_PAGE))),
            lambda: elapsed_ms(lambda: list_jobs(short, ListJobsParams(limit=_PAGE))),
            runs=5 * RUNS,
        )
        yield Row("read", f"list of {_PAGE} of {_LONG:,} jobs", "ms", in_long, in_short, floor_name=f"of {_SHORT}")


def _job(database: Database, ctx: DomainContext, job_id: UUID) -> Iterator[Row]:
    with database.connect_app() as conn:
        ours, floors = in_turn(
            lambda: elapsed_ms(lambda: get_job_with_items(ctx, job_id)),
            lambda: elapsed_ms(lambda: _read_floor(conn, ctx.workspace_id, job_id, None)),
        )
        yield Row("read", f"job with {_ITEMS:,} items", "ms", ours, floors)
        ours, floors = in_turn(
            lambda: elapsed_ms(lambda: get_job_page(ctx, GetJobPageParams(job_id, limit=_PAGE))),
            lambda: elapsed_ms(lambda: _read_floor(conn, ctx.workspace_id, job_id, _PAGE)),
            runs=5 * RUNS,
        )
        yield Row("read", f"page of {_PAGE} items", "ms", ours, floors)


def _read_floor(conn: Connection, workspace_id: UUID, job_id: UUID, limit: int | None) -> None:
    with conn.pipeline(), conn.transaction():
        conn.execute(BEGIN, [str(workspace_id)])
        job = conn.execute(_SELECT_JOB, [job_id])
        items = conn.execute(_SELECT_ITEMS, [job_id, limit], binary=True)
    job.fetchone()
    items.fetchall()


def _workspace_of_jobs(owner: Connection, count: int) -> UUID:
    workspace_id = uuid7()
    owner.execute(_INSERT_JOBS, {"workspace_id": workspace_id, "count": count})
    return workspace_id


_SELECT_JOB = "SELECT * FROM robot_jobs WHERE id = %s"

_SELECT_ITEMS = """
SELECT id, job_id, order_id, status, tracking_number, validated_city, value_sent, error_type, error_message,
       retry_count, last_retry_at, started_at, completed_at, created_at, updated_at
  FROM robot_job_items
 WHERE job_id = %s
 ORDER BY id
 LIMIT %s
"""

_INSERT_JOBS = """
INSERT INTO robot_jobs (id, workspace_id, carrier, total_items)
SELECT uuidv7(n * interval '1 second' - interval '200000 seconds'), %(workspace_id)s, 'coordinadora', 1
  FROM generate_series(1, %(count)s) AS n
"""
