"""create_robot_job for 100, 1,000 and 10,000 orders, against one hand-written transaction of the same rows."""

from collections.abc import Iterator
from uuid import UUID

from psycopg import Connection

from benchmarks.database import Database, checkpoint, fresh_database, insert_orders
from benchmarks.measure import RUNS, Bar, Figures, Row, elapsed_ms, in_turn
from local.stack.postgres import Postgres
from shared.domain import CreateRobotJobParams, DomainContext, create_robot_job
from shared.domain.ids import uuid7, uuid7s

_BARS = {100: Bar("<=", 1.5), 1_000: None, 10_000: Bar("<=", 1.3)}


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with fresh_database(server, "bench_create") as database, database.connect_owner() as owner:
        for count, bar in _BARS.items():
            product, floor = _compare(database, owner, count)
            yield Row("create", f"create {count:,}", "ms", product, floor, bar=bar)


def _compare(database: Database, owner: Connection, count: int) -> list[Figures]:
    workspace_id = uuid7()
    ctx = DomainContext(workspace_id, source="bench")
    with database.connect_app() as conn:

        def product() -> float:
            params = CreateRobotJobParams(insert_orders(owner, workspace_id, count))
            checkpoint(owner)
            return elapsed_ms(lambda: create_robot_job(ctx, params))

        def floor() -> float:
            order_ids = insert_orders(owner, workspace_id, count)
            item_ids = uuid7s(count)
            checkpoint(owner)
            return elapsed_ms(lambda: create_floor(conn, workspace_id, order_ids, item_ids))

        return in_turn(product, floor, runs=RUNS if count > 1_000 else 3 * RUNS, warm_ups=6 if count < 1_000 else 2)


def create_floor(conn: Connection, workspace_id: UUID, order_ids: list[UUID], item_ids: list[UUID]) -> UUID:
    """Write a job with its items, dispatch and event, whose ids were made before, and return its id."""
    job_id = uuid7()
    row = {
        "workspace_id": workspace_id,
        "job_id": job_id,
        "count": len(order_ids),
        "item_ids": item_ids,
        "order_ids": order_ids,
        "detail": _submitted(workspace_id, job_id, order_ids, item_ids),
    }
    with conn.pipeline(), conn.transaction():
        conn.execute("SELECT set_config('app.workspace_id', %s, true)", [str(workspace_id)])
        owned = conn.execute(_COUNT_OWNED, row)
        conn.execute(_INSERT_JOB, row)
        conn.execute(_INSERT_ITEMS, row)
        conn.execute(_INSERT_DISPATCH, row)
        conn.execute(_INSERT_EVENT, row)
    if owned.fetchone() != (len(order_ids),):
        raise LookupError("an order is not the workspace's")
    return job_id


def _submitted(workspace_id: UUID, job_id: UUID, order_ids: list[UUID], item_ids: list[UUID]) -> str:
    # As the product: more than some 6,400 orders do not fit into an event.
    pairs = zip(item_ids, order_ids, strict=True) if len(order_ids) * 140 <= 900_000 else ()
    orders = ",".join(f'{{"itemId":"{item_id}","orderId":"{order_id}"}}' for item_id, order_id in pairs)
    return (
        f'{{"jobId":"{job_id}","workspaceId":"{workspace_id}","carrier":"coordinadora","dispatch":1,'
        f'"ordersOmitted":{len(order_ids)},"orders":[{orders}]}}'
    )


_COUNT_OWNED = "SELECT count(*) FROM orders WHERE id = ANY(%(order_ids)b) AND workspace_id = %(workspace_id)s"

_INSERT_JOB = """
INSERT INTO robot_jobs (id, workspace_id, carrier, total_items)
VALUES (%(job_id)s, %(workspace_id)s, 'coordinadora', %(count)s)
"""

_INSERT_ITEMS = """
INSERT INTO robot_job_items (id, workspace_id, job_id, order_id)
SELECT item.id, %(workspace_id)s, %(job_id)s, item.order_id
  FROM unnest(%(item_ids)b::uuid[], %(order_ids)b::uuid[]) AS item (id, order_id)
"""

_INSERT_DISPATCH = """
INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
VALUES (%(job_id)s, 1, %(workspace_id)s, 'coordinadora', %(count)s)
"""

_INSERT_EVENT = """
INSERT INTO outbox (workspace_id, detail_type, detail) VALUES (%(workspace_id)s, 'robot/job.submitted', %(detail)s)
"""
