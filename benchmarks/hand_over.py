"""A hand-over's claim before the call and its note after it, against the bare statements of both."""

from collections.abc import Iterator
from functools import partial

from benchmarks.database import checkpoint, fresh_database
from benchmarks.events import form
from benchmarks.floors import ACCEPT, CLAIM, bare
from benchmarks.jobs import Job, make_job
from benchmarks.measure import RUNS, Bar, Row, elapsed_ms, in_turn
from local.stack.postgres import Postgres
from shared.domain import DispatchRef, claim_dispatch, note_accepted
from tests.factories import data_of, make_carrier_config

_BARS = {25: Bar("<=", 2.0), 500: Bar("<=", 2.3)}


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with (
        fresh_database(server, "bench_hand_over") as database,
        database.connect_owner() as owner,
        database.connect_app() as conn,
    ):

        def waiting(count: int) -> Job:
            job = make_job(owner, count, form=form())
            make_carrier_config(owner, job.workspace_id)
            checkpoint(owner)
            return job

        def product(count: int) -> float:
            job = waiting(count)
            ref = DispatchRef(job.job_id, 1)
            return elapsed_ms(lambda: (data_of(claim_dispatch(job.ctx, ref)), data_of(note_accepted(job.ctx, ref))))

        def floor(count: int) -> float:
            job = waiting(count)
            row = {"job_id": job.job_id}

            def work() -> None:
                bare(conn, job.workspace_id, CLAIM, row)[0].fetchall()
                bare(conn, job.workspace_id, ACCEPT, row)

            return elapsed_ms(work)

        for count, bar in _BARS.items():
            figures = in_turn(partial(product, count), partial(floor, count), runs=3 * RUNS, warm_ups=6)
            yield Row("hand-over", f"claim and acceptance of {count:,}", "ms", *figures, bar=bar)
