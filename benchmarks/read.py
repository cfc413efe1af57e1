"""Reading a large job and long lists, against the same rows fetched as plain tuples."""

from collections.abc import Iterator
from uuid import UUID

from psycopg import Connection

from benchmarks.database import fresh_database
from benchmarks.floors import READ, bare
from benchmarks.jobs import make_job
from benchmarks.measure import RUNS, Row, elapsed_ms, in_turn
from local.stack.postgres import Postgres
from shared.domain import DomainContext, GetJobPageParams, ListJobsParams, get_job_page, get_job_with_items, list_jobs
from shared.domain.ids import uuid7

_ITEMS = 10_000
_PAGE = 100
_LONG, _SHORT = 100_000, 100


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with (
        fresh_database(server, "bench_read") as database,
        database.connect_owner() as owner,
        database.connect_app() as conn,
    ):
        job = make_job(owner, _ITEMS)

        def floor(limit: int | None) -> float:
            row = {"job_id": job.job_id, "limit": limit}
            return elapsed_ms(lambda: [each.fetchall() for each in bare(conn, job.workspace_id, READ, row)])

        figures = in_turn(lambda: elapsed_ms(lambda: get_job_with_items(job.ctx, job.job_id)), lambda: floor(None))
        yield Row("read", f"job with {_ITEMS:,} items", "ms", *figures)
        page = GetJobPageParams(job.job_id, limit=_PAGE)
        figures = in_turn(lambda: elapsed_ms(lambda: get_job_page(job.ctx, page)), lambda: floor(_PAGE), runs=5 * RUNS)
        yield Row("read", f"page of {_PAGE} items", "ms", *figures)
        long, short = (DomainContext(_workspace_of_jobs(owner, count), source="bench") for count in (_LONG, _SHORT))
        figures = in_turn(
            lambda: elapsed_ms(lambda: list_jobs(long, ListJobsParams(limit=_PAGE))),
            lambda: elapsed_ms(lambda: list_jobs(short, ListJobsParams(limit=_PAGE))),
            runs=5 * RUNS,
        )
        yield Row("read", f"list of {_PAGE} of {_LONG:,} jobs", "ms", *figures, floor_name=f"of {_SHORT}")


def _workspace_of_jobs(owner: Connection, count: int) -> UUID:
    workspace_id = uuid7()
    owner.execute(_INSERT_JOBS, {"workspace_id": workspace_id, "count": count})
    return workspace_id


_INSERT_JOBS = """
INSERT INTO robot_jobs (id, workspace_id, carrier, total_items)
SELECT uuidv7(n * interval '1 second' - interval '200000 seconds'), %(workspace_id)s, 'coordinadora', 1
  FROM generate_series(1, %(count)s) AS n
"""
