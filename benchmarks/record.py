"""update_job_item_results in batches, by one process and by several, against the barest statements."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from benchmarks.database import Database, fresh_database, insert_orders
from benchmarks.measure import Bar, Row, in_turn, per_second
from benchmarks.record_floor import Shipment, record_floor
from benchmarks.workers import Share, Workers, workers
from local.stack.postgres import Postgres
from shared.domain import (
    CreateRobotJobParams,
    DomainContext,
    UpdateJobItemResultParams,
    create_robot_job,
    update_job_item_results,
)
from shared.domain.ids import uuid7

#: Batch size → items in a run, and the bar.
_BATCHES = {
    1: (400, Bar(">=", 0.6)),
    10: (2_000, None),
    100: (5_000, Bar(">=", 0.8)),
    1_000: (5_000, Bar(">=", 0.8)),
}
_TOGETHER = 4_000
_REPEATED = 0.3


@dataclass(frozen=True)
class Job:
    """A job to record, and what the robot reports of it."""

    workspace_id: UUID
    job_id: UUID
    shipments: list[Shipment]


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with (
        fresh_database(server, "bench_record") as database,
        database.connect_owner() as owner,
        workers(4) as processes,
    ):
        for size, (count, bar) in _BATCHES.items():
            yield _against_the_floor(database, owner, processes, size, count, bar)
        yield from _together(owner, processes)
    with fresh_database(server, "bench_record") as database, database.connect_owner() as owner:
        yield _just_created(owner)


def record_product(workspace_id: UUID, batches: Sequence[Sequence[UpdateJobItemResultParams]]) -> None:
    """Record these batches through the domain, each in a call.

    Raises:
        RuntimeError: a call was refused.
    """
    ctx = DomainContext(workspace_id, source="bench")
    for reports in batches:
        result = update_job_item_results(ctx, reports)
        if not result.success:
            raise RuntimeError(result.error)


def reports_of(shipments: Sequence[Shipment], size: int) -> list[Sequence[UpdateJobItemResultParams]]:
    """Return the robot's reports of these shipments in batches, as a caller has them."""
    reports = [
        UpdateJobItemResultParams(item_id, "success", tracking_number=number, dispatch=1)
        for item_id, _, number in shipments
    ]
    return [reports[begin : begin + size] for begin in range(0, len(reports), size)]


def make_job(owner: Connection, count: int, workspace_id: UUID | None = None) -> Job:
    """Create a job of new orders, and shuffle what will be reported.

    Raises:
        RuntimeError: the call was refused.
    """
    workspace_id = workspace_id or uuid7()
    ctx = DomainContext(workspace_id, source="bench")
    created = create_robot_job(ctx, CreateRobotJobParams(insert_orders(owner, workspace_id, count)))
    if not created.success:
        raise RuntimeError(created.error)
    shipments = [(each.item_id, each.order_id, f"5280{each.order_id.int % 10**8:08}") for each in created.data.items]
    random.Random(1).shuffle(shipments)  # noqa: S311 - not a secret
    return Job(workspace_id, created.data.job_id, shipments)


def _against_the_floor(  # noqa: PLR0913, PLR0917 - one measurement is these six
    database: Database, owner: Connection, processes: Workers, size: int, count: int, bar: Bar | None
) -> Row:
    def product() -> float:
        return _rate(processes, [_product_share(make_job(owner, count), size)], count)

    def floor() -> float:
        job = make_job(owner, count)
        batches = [job.shipments[begin : begin + size] for begin in range(0, count, size)]
        return _rate(processes, [(record_floor, (database.url(), job.workspace_id, job.job_id, batches))], count)

    ours, floors = in_turn(product, floor)
    return Row("record", f"record in batches of {size:,}", "items/s", ours, floors, bar=bar)


def _together(owner: Connection, processes: Workers) -> Iterator[Row]:
    def on_one_job(count: int) -> float:
        job = make_job(owner, _TOGETHER)
        return _rate(processes, _shares_of(job, count), _TOGETHER)

    def on_several_jobs(count: int) -> float:
        workspace_id = uuid7()
        jobs = [make_job(owner, _TOGETHER // count, workspace_id) for _ in range(count)]
        return _rate(processes, [_product_share(job, 100) for job in jobs], _TOGETHER)

    def with_repeats() -> float:
        job = make_job(owner, _TOGETHER)
        chance = random.Random(2)  # noqa: S311 - not a secret
        again = chance.sample(job.shipments, int(_TOGETHER * _REPEATED))
        reports = chance.sample(job.shipments + again, _TOGETHER + len(again))
        return _rate(processes, _shares_of(Job(job.workspace_id, job.job_id, reports), 4), len(reports))

    one, two, four, two_apart, four_apart, repeated = in_turn(
        lambda: on_one_job(1),
        lambda: on_one_job(2),
        lambda: on_one_job(4),
        lambda: on_several_jobs(2),
        lambda: on_several_jobs(4),
        with_repeats,
    )
    for name, figures, bar in (
        ("2 processes, one job", two, None),
        ("4 processes, one job", four, Bar(">=", 1.0)),
        ("2 processes, a job each", two_apart, None),
        ("4 processes, a job each", four_apart, None),
    ):
        yield Row("record", f"{name}, batches of 100", "items/s", figures, one, "1 process", bar)
    yield Row("record", "4 processes, one job, 30 % repeats", "reports/s", repeated, four, "no repeats", Bar(">=", 0.7))


def _just_created(owner: Connection) -> Row:
    """Nothing has analysed these tables: the planner knows nothing of the job that was just made."""
    owner.execute("ALTER TABLE robot_job_items SET (autovacuum_enabled = false)")
    owner.execute("ALTER TABLE orders SET (autovacuum_enabled = false)")

    with workers(1) as processes:

        def cost(count: int) -> float:
            job = make_job(owner, count)
            return processes.run([_product_share(job, 100)]) * 1000 / count

        small, large = in_turn(lambda: cost(1_000), lambda: cost(10_000))
    return Row("record", "an item of 10,000, just created", "µs/item", large, small, "of 1,000", Bar("<=", 1.3))


def _rate(processes: Workers, shares: Sequence[Share], count: int) -> float:
    return per_second(count, processes.run(shares))


def _shares_of(job: Job, processes: int) -> list[Share]:
    parts = [job.shipments[place::processes] for place in range(processes)]
    return [_product_share(Job(job.workspace_id, job.job_id, part), 100) for part in parts]


def _product_share(job: Job, size: int) -> Share:
    return record_product, (job.workspace_id, reports_of(job.shipments, size))
