"""create_robot_job for 100, 1,000 and 10,000 orders, against one bare transaction of the same rows."""

from collections.abc import Iterator
from functools import partial

from benchmarks.database import checkpoint, fresh_database
from benchmarks.jobs import create_bare, insert_orders
from benchmarks.measure import RUNS, Bar, Row, elapsed_ms, in_turn
from local.stack.postgres import Postgres
from shared.domain import CreateRobotJobParams, DomainContext, create_robot_job
from shared.domain.ids import uuid7

_BARS = {100: Bar("<=", 1.5), 1_000: None, 10_000: Bar("<=", 1.3)}


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    ctx = DomainContext(uuid7(), source="bench")
    with (
        fresh_database(server, "bench_create") as database,
        database.connect_owner() as owner,
        database.connect_app() as conn,
    ):

        def product(count: int) -> float:
            params = CreateRobotJobParams(insert_orders(owner, ctx.workspace_id, count))
            checkpoint(owner)
            return elapsed_ms(lambda: create_robot_job(ctx, params))

        def floor(count: int) -> float:
            order_ids = insert_orders(owner, ctx.workspace_id, count)
            checkpoint(owner)
            return elapsed_ms(lambda: create_bare(conn, ctx.workspace_id, order_ids))

        for count, bar in _BARS.items():
            is_short = count < 10_000
            runs, warm_ups = (3 * RUNS, 6) if is_short else (RUNS, 2)
            figures = in_turn(partial(product, count), partial(floor, count), runs=runs, warm_ups=warm_ups)
            yield Row("create", f"create {count:,}", "ms", *figures, bar=bar)
