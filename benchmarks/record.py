"""update_job_item_results in batches, by one process and by several, against the bare statements."""

import random
from collections.abc import Iterator, Sequence
from functools import partial

from psycopg import Connection

from benchmarks.database import fresh_database
from benchmarks.jobs import Job, chunks, make_job, record, record_bare
from benchmarks.measure import Bar, Row, in_turn, per_second
from benchmarks.workers import Share, Workers, workers
from local.stack.postgres import Postgres
from shared.domain.ids import uuid7

#: Batch size → items in a run, and the bar.
_BATCHES = {
    1: (200, Bar(">=", 0.55)),
    10: (500, None),
    100: (2_000, Bar(">=", 0.7)),
    1_000: (3_000, Bar(">=", 0.7)),
}
_TOGETHER = 2_000
_REPEATED = 0.3


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with (
        fresh_database(server, "bench_record") as database,
        database.connect_owner() as owner,
        workers(4) as processes,
    ):

        def product(size: int, count: int) -> float:
            return _rate(processes, [_share(make_job(owner, count), size)], count)

        def floor(size: int, count: int) -> float:
            return _rate(processes, [(record_bare, (database.url(), make_job(owner, count), size))], count)

        for size, (count, bar) in _BATCHES.items():
            figures = in_turn(partial(product, size, count), partial(floor, size, count))
            yield Row("record", f"record in batches of {size:,}", "items/s", *figures, bar=bar)
        yield from _together(owner, processes)
    with fresh_database(server, "bench_record") as database, database.connect_owner() as owner:
        yield _just_created(owner)


def _together(owner: Connection, processes: Workers) -> Iterator[Row]:
    def on_one_job(count: int) -> float:
        return _rate(processes, _shares_of(make_job(owner, _TOGETHER), count), _TOGETHER)

    def on_several_jobs(count: int) -> float:
        workspace_id = uuid7()
        jobs = [make_job(owner, _TOGETHER // count, workspace_id) for _ in range(count)]
        return _rate(processes, [_share(job) for job in jobs], _TOGETHER)

    def with_repeats() -> float:
        job = make_job(owner, _TOGETHER)
        chance = random.Random(2)  # noqa: S311 - not a secret
        again = chance.sample(job.shipments, int(_TOGETHER * _REPEATED))
        reports = chance.sample(job.shipments + again, _TOGETHER + len(again))
        return _rate(processes, _shares_of(Job(job.workspace_id, job.job_id, reports), 4), len(reports))

    one, four, apart, repeated = in_turn(
        lambda: on_one_job(1), lambda: on_one_job(4), lambda: on_several_jobs(4), with_repeats
    )
    yield Row("record", "4 processes, one job", "items/s", four, one, "1 process", Bar(">=", 0.85))
    yield Row("record", "4 processes, a job each", "items/s", apart, one, "1 process")
    yield Row("record", "4 processes, one job, 30 % repeats", "reports/s", repeated, four, "no repeats", Bar(">=", 0.7))


def _just_created(owner: Connection) -> Row:
    """Nothing has analysed these tables: the planner knows nothing of the job that was just made."""
    owner.execute("ALTER TABLE robot_job_items SET (autovacuum_enabled = false)")
    owner.execute("ALTER TABLE orders SET (autovacuum_enabled = false)")

    with workers(1) as processes:

        def cost(count: int) -> float:
            return processes.run([_share(make_job(owner, count))]) * 1000 / count

        small, large = in_turn(lambda: cost(1_000), lambda: cost(10_000))
    return Row("record", "an item of 10,000, just created", "µs/item", large, small, "of 1,000", Bar("<=", 1.3))


def _rate(processes: Workers, shares: Sequence[Share], count: int) -> float:
    return per_second(count, processes.run(shares))


def _shares_of(job: Job, processes: int) -> list[Share]:
    parts = [job.shipments[place::processes] for place in range(processes)]
    return [_share(Job(job.workspace_id, job.job_id, part)) for part in parts]


def _share(job: Job, size: int = 100) -> Share:
    return record, (job.ctx, chunks(job.reports(), size))
