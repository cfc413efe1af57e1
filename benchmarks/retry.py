"""retry_failed_items of 5,000, against the bare statements that put the same rows back."""

from collections.abc import Iterator

from psycopg import Connection

from benchmarks.database import checkpoint, fresh_database
from benchmarks.floors import RETRY, bare
from benchmarks.jobs import Job, make_job
from benchmarks.measure import Row, elapsed_ms, in_turn
from local.stack.postgres import Postgres
from shared.domain import RetryFailedItemsParams, retry_failed_items, update_job_item_results
from tests.factories import data_of

_ITEMS = 5_000


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with (
        fresh_database(server, "bench_retry") as database,
        database.connect_owner() as owner,
        database.connect_app() as conn,
    ):

        def product() -> float:
            job = failed_job(owner, _ITEMS)
            checkpoint(owner)
            return elapsed_ms(lambda: retry_failed_items(job.ctx, RetryFailedItemsParams(job.job_id)))

        def floor() -> float:
            job = failed_job(owner, _ITEMS)
            checkpoint(owner)
            row = {"job_id": job.job_id, "count": _ITEMS}
            return elapsed_ms(lambda: bare(conn, job.workspace_id, RETRY, row))

        yield Row("retry", f"retry {_ITEMS:,}", "ms", *in_turn(product, floor))


def failed_job(owner: Connection, count: int) -> Job:
    """Make a job of which every order failed."""
    job = make_job(owner, count)
    data_of(update_job_item_results(job.ctx, job.reports("error")))
    return job
