"""What costs more the more there is: what runs by itself or behind a route, in an almost empty and a full database."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from uuid import UUID

import psycopg

from benchmarks import filled
from benchmarks.aws import instant_aws
from benchmarks.capacity import capacity
from benchmarks.database import Database, kept_database, migrated, product_on
from benchmarks.events import form
from benchmarks.jobs import insert_orders, make_job
from benchmarks.measure import Bar, Figures, Row, elapsed_ms, in_turn
from local.stack.postgres import Postgres
from shared.db.audit import Scope, audit_side_by_side
from shared.db.outbox import MAX_ROWS
from shared.db.transaction import system_transaction
from shared.domain import (
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    GetJobPageParams,
    ListActivityParams,
    ListJobsParams,
    ListOrdersParams,
    RetryFailedItemsParams,
    UpdateOrderParams,
    cancel_job,
    claim_dispatch,
    create_robot_job,
    expire_dispatches,
    find_silent_waves,
    get_job_page,
    get_order_in_detail,
    list_activity,
    list_jobs,
    list_orders,
    note_accepted,
    pause_job,
    retry_failed_items,
    update_job_item_results,
    update_order,
)
from shared.domain.ids import uuid7
from shared.domain.jobs import retention
from shared.domain.jobs.open_items import read_standing
from shared.workflow.publish import publish_committed
from shared.workflow.relay import backlog, prune, relay
from tests.factories import data_of, make_carrier_config

#: So that all parts fit into their time; what docs/scale.md says was measured with 1,000,000.
ORDERS = int(os.environ.get("BENCH_ORDERS", "200000"))
_FEW = 2_000
#: The least that is told apart: what takes a millisecond longer is as fast.
_SLACK_MS = 1.0
_BAR = Bar("<=", 1.5)
_SYSTEM = "robot_jobs_system"
#: Drained to its end; what docs/scale.md says was measured with 1,000,000.
_BACKLOG = int(os.environ.get("BENCH_BACKLOG", "20000"))
_LARGE_BACKLOG = 200_000
_BESIDE = 300_000

#: Prepares something, untimed, and gives what is timed.
Prepared = Callable[[], object]
Operation = Callable[[psycopg.Connection], Prepared]


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    template = migrated(server).name
    large, small = (
        kept_database(server, f"bench_scale_{orders}", template, partial(_fill, orders)) for orders in (ORDERS, _FEW)
    )
    with instant_aws(), ExitStack() as stack:
        owners = {each.name: stack.enter_context(each.connect_owner()) for each in (large, small)}
        for role, operations in ((_SYSTEM, _BY_ITSELF), ("robot_jobs_app", _BEHIND_A_ROUTE)):
            for name, operation in operations.items():
                figures = in_turn(
                    *(partial(_time, each, owners[each.name], role, operation) for each in (large, small)), runs=5
                )
                yield _row(name, *figures)
        yield from _outbox(large, owners[large.name])
    yield _audit(large)


def _row(name: str, filled_ms: Figures, empty_ms: Figures) -> Row:
    within = filled_ms.median - empty_ms.median <= _SLACK_MS
    bar = Bar("<=", max(_BAR.limit, filled_ms.median / empty_ms.median * 1.2)) if within else _BAR
    return Row("scale", name, "ms", filled_ms, empty_ms, "almost empty", bar)


def _time(database: Database, owner: psycopg.Connection, role: str, operation: Operation) -> float:
    """Return the least of three, each of which is prepared; the first of all opens the connection and makes plans."""
    took = []
    for _ in range(4):
        # What prepares is the functions' role.
        with product_on(database):
            prepared = operation(owner)
        with product_on(database, role):
            with system_transaction() as conn:
                conn.execute("SELECT 1")
            took.append(elapsed_ms(prepared))
    return min(took)


def _fill(orders: int, empty: Database) -> None:
    with empty.connect_owner() as owner:
        filled.fill(owner, orders)


def _always() -> bool:
    return True


def _sweep(statement: str) -> object:
    row = {"after": UUID(int=0), "most": 50, "default_days": 90, "batch": 5_000}
    with system_transaction() as conn:
        return conn.execute(statement, row).fetchall()


_LARGE = DomainContext(filled.workspace_id(0), "bench")
_NUMBER = f"7{50:010}"


def _read(call: Callable[[], object]) -> Operation:
    return lambda _owner: call


def _none_silent(owner: psycopg.Connection) -> Prepared:
    # The database is kept, and with it what other runs have handed over. Only what is to change is written: the rest
    # would be as many dead rows.
    owner.execute(
        """
UPDATE robot_job_dispatches SET accepted_at = 'infinity'
 WHERE status = 'accepted' AND accepted_at < 'infinity'
"""
    )
    return find_silent_waves


def _none_due(owner: psycopg.Connection) -> Prepared:
    # As above: a wave that was called in another run, and that no robot took, is called again after five minutes.
    owner.execute(
        """
UPDATE robot_job_dispatches SET called_at = 'infinity', next_attempt_at = NULL
 WHERE status = 'waiting' AND called_at < 'infinity'
"""
    )
    return expire_dispatches


#: What the schedules do where nothing is due.
_BY_ITSELF: dict[str, Operation] = {
    "relay, nothing waits": _read(lambda: relay(_always)),
    "prune, nothing is old": _read(lambda: prune(_always)),
    "age of what waits": _read(backlog),
    "expire, wake, lost claims: nothing is due": _none_due,
    "silent robots, none": _none_silent,
    "personal data of 50 workspaces, none is past": _read(lambda: _sweep(retention._REMOVE)),  # noqa: SLF001 - one statement is measured
    "actors of 50 workspaces, none is past": _read(lambda: _sweep(retention._FORGET_ACTORS)),  # noqa: SLF001 - as above
    "metrics": _read(read_standing),
}


def _submitted(owner: psycopg.Connection) -> Prepared:
    workspace_id = uuid7()
    orders = insert_orders(owner, workspace_id, 25)
    params = CreateRobotJobParams(orders, item_values=dict.fromkeys(orders, form()))
    return lambda: data_of(create_robot_job(DomainContext(workspace_id, "bench"), params))


def _claimed(owner: psycopg.Connection) -> Prepared:
    job = make_job(owner, 25, form=form())
    make_carrier_config(owner, job.workspace_id)
    ref = DispatchRef(job.job_id, 1)
    return lambda: (data_of(claim_dispatch(job.ctx, ref)), data_of(note_accepted(job.ctx, ref)))


def _recorded(count: int, owner: psycopg.Connection) -> Prepared:
    job = make_job(owner, count)
    return lambda: data_of(update_job_item_results(job.ctx, job.reports()))


def _retried(owner: psycopg.Connection) -> Prepared:
    job = make_job(owner, 25)
    data_of(update_job_item_results(job.ctx, job.reports("error")))
    return lambda: data_of(retry_failed_items(job.ctx, RetryFailedItemsParams(job.job_id)))


def _cancelled(owner: psycopg.Connection) -> Prepared:
    job = make_job(owner, 25)
    return lambda: data_of(cancel_job(job.ctx, job.job_id))


def _paused(owner: psycopg.Connection) -> Prepared:
    job = make_job(owner, 1)
    return lambda: data_of(pause_job(job.ctx, job.job_id))


def _changed(owner: psycopg.Connection) -> Prepared:
    workspace_id = uuid7()
    [order_id] = insert_orders(owner, workspace_id, 1)
    params = UpdateOrderParams(order_id, shipping_city="Cali")
    return lambda: data_of(update_order(DomainContext(workspace_id, "bench"), params))


_BEHIND_A_ROUTE: dict[str, Operation] = {
    "create a job of 25": _submitted,
    "claim and acceptance of 25": _claimed,
    "record 1": partial(_recorded, 1),
    "record 100": partial(_recorded, 100),
    "retry 25": _retried,
    "cancel 25": _cancelled,
    "pause": _paused,
    "change an order": _changed,
    "publish after a commit, nothing": _read(lambda: publish_committed(uuid7())),
    # As many as the almost empty one has.
    "list jobs": _read(lambda: data_of(list_jobs(_LARGE, ListJobsParams(limit=4)))),
    "a page of a job": _read(lambda: data_of(get_job_page(_LARGE, GetJobPageParams(filled.job_id(1), limit=50)))),
    "list orders": _read(lambda: data_of(list_orders(_LARGE, ListOrdersParams()))),
    "orders not shipped": _read(lambda: data_of(list_orders(_LARGE, ListOrdersParams(shipped=False, limit=10)))),
    "find an order by its number": _read(lambda: data_of(list_orders(_LARGE, ListOrdersParams(search=_NUMBER)))),
    "an order": _read(lambda: data_of(get_order_in_detail(_LARGE, filled.order_id(50)))),
    "activity": _read(lambda: data_of(list_activity(_LARGE, ListActivityParams(limit=10)))),
}


def _outbox(database: Database, owner: psycopg.Connection) -> Iterator[Row]:
    """How a backlog drains, and who notices it."""

    def publish_one() -> float:
        with product_on(database):
            publish_committed(uuid7())
            return min(elapsed_ms(lambda: publish_committed(uuid7())) for _ in range(5))

    drained = _drained(database, owner)
    yield Row("scale", f"drain {_BACKLOG:,} events of 20 workspaces, in parts", "events/s", drained)
    ends = Figures(drained.values[-3:]), Figures(drained.values[:3])
    # A small one is over before the ups and downs of a machine even out.
    bar = Bar(">=", 0.67) if _BACKLOG >= _LARGE_BACKLOG else None
    yield Row("scale", f"the last parts of {_BACKLOG:,} events", "events/s", *ends, "the first", bar)
    yield from capacity(database, owner, drained)
    [alone] = in_turn(publish_one)
    other = uuid7()
    owner.execute(_INSERT_BACKLOG, [[other], _BESIDE])
    try:
        [beside] = in_turn(publish_one)
    finally:
        owner.execute("DELETE FROM outbox WHERE workspace_id = %s AND published_at IS NULL", [other])
        # The database is kept: the next run would look past all of these.
        owner.execute("VACUUM ANALYZE outbox")
    name = f"publish after a commit, beside {_BESIDE:,} of another workspace"
    yield _row(name, beside, alone)


def _drained(database: Database, owner: psycopg.Connection) -> Figures:
    """Return how many events a second the relay publishes of each part of a backlog, which it drains to its end."""
    workspace_ids = [uuid7() for _ in range(20)]
    owner.execute(_INSERT_BACKLOG, [workspace_ids, _BACKLOG // len(workspace_ids)])
    rates: list[float] = []
    left = _BACKLOG
    with product_on(database, _SYSTEM):
        while left > 0:
            begun = time.perf_counter()
            published = _publish(_BACKLOG // 10)
            took = time.perf_counter() - begun
            left -= published
            # What little is left at last says nothing.
            if published > _BACKLOG / 40:
                rates.append(published / took)
    owner.execute("DELETE FROM outbox WHERE workspace_id = ANY(%s)", [workspace_ids])
    owner.execute("VACUUM ANALYZE outbox")
    return Figures(tuple(rates))


def _publish(events: int) -> int:
    """Publish so many events, or fewer: where its lanes meet, a batch is not full."""
    # The relay has begun its first batch when it asks whether there is time for another.
    batches = iter(range(events // MAX_ROWS - 1))
    published = relay(lambda: next(batches, None) is not None).published
    if not published:
        raise RuntimeError("The relay finds nothing to publish, and some is left.")
    return published


def _audit(database: Database) -> Row:
    def audit() -> float:
        with psycopg.connect(database.url(_SYSTEM)) as first, psycopg.connect(database.url(_SYSTEM)) as second:
            look = partial(audit_side_by_side, first, second, Scope(), lambda _, found: len(list(found)))
            return elapsed_ms(look) / 1000

    [figures] = in_turn(audit, runs=1, warm_ups=0)
    return Row("scale", f"audit of {2 * ORDERS:,} items", "s", figures, bar=Bar("<=", 60))


# Made by hand, as after an outage; no index but that of what is unpublished leads to them.
_INSERT_BACKLOG = """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'automation/field.changed',
       json_build_object('workspaceId', workspace_id, 'entityType', 'order', 'entityId', workspace_id,
                         'fieldName', 'name', 'previousValue', null, 'newValue', n, 'cascadeDepth', 0)
  FROM unnest(%s::uuid[]) AS workspace_id
 CROSS JOIN generate_series(1, %s) AS n
"""
