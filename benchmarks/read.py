"""Reading a large job and a page of it, against the same rows fetched as plain tuples."""

from collections.abc import Iterator

from benchmarks.database import fresh_database
from benchmarks.floors import READ, bare
from benchmarks.jobs import make_job
from benchmarks.measure import RUNS, Row, elapsed_ms, in_turn
from local.stack.postgres import Postgres
from shared.domain import GetJobPageParams, get_job_page, get_job_with_items

_ITEMS = 10_000
_PAGE = 100


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
        alone = GetJobPageParams(job.job_id, limit=1)
        figures = in_turn(lambda: elapsed_ms(lambda: get_job_page(job.ctx, alone)), lambda: floor(1), runs=5 * RUNS)
        yield Row("read", f"job of {_ITEMS:,}, and how it goes on", "ms", *figures)
