"""Rows that each task of a schedule handles in a run's time, next to what 50,000,000 orders a day bring in a minute.

A run is one process, and its tasks share its time: here each has all of it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from benchmarks.database import Database, product_on
from benchmarks.events import form
from benchmarks.jobs import Job, insert_orders, make_job
from benchmarks.measure import Figures, Row, elapsed_ms, per_second
from functions.expire_items import app as expire_items
from shared.db.transaction import system_transaction
from shared.domain import (
    DispatchRef,
    claim_dispatch,
    expire_dispatches,
    make_due_lookups,
    remove_personal_data,
)
from shared.domain.ids import uuid7
from shared.workflow.relay import prune
from tests.factories import data_of, make_carrier_config

#: Waves, and the orders of each: as many as a wave has unless said otherwise.
_WAVES, _WAVE_SIZE = 200, 25
_LOOKUPS, _ORDERS_OF_A_LOOKUP = 40, 100
_OLD_EVENTS = 50_000
_ORDERS_A_MINUTE = 50_000_000 / (24 * 60)
_EVENTS_AN_ORDER = 3
#: Seconds in which a run begins batches. The relay's is what its Timeout in template.yaml leaves beside its reserve.
_EXPIRE_S, _RELAY_S = float(expire_items._BEGIN_WITHIN_S), 45.0  # noqa: SLF001 - it is nobody else's business


def capacity(database: Database, owner: Connection, published_a_second: Figures) -> Iterator[Row]:
    """Measure, in workspaces that are there for that alone; what the relay publishes a second is known."""
    needed = {"waves": _ORDERS_A_MINUTE / _WAVE_SIZE, "orders": _ORDERS_A_MINUTE}
    needed["events"] = _EVENTS_AN_ORDER * _ORDERS_A_MINUTE

    def row(task: str, of: str, a_second: Figures, run_s: float = _EXPIRE_S) -> Row:
        a_run = Figures(tuple(each * run_s for each in a_second.values))
        floor = Figures((needed[of],) * len(a_run.values))
        return Row("scale", f"a run: {of} {task}", "rows/min", a_run, floor, "50,000,000 orders a day")

    with _waves(database, owner) as jobs:
        yield row("called again", "waves", _rate(database, lambda: expire_dispatches().woken, _WAVES))
        with product_on(database):
            for job in jobs:
                data_of(claim_dispatch(job.ctx, DispatchRef(job.job_id, 1)))
        _change(owner, jobs, _LOSE)
        yield row("whose claim is lost", "waves", _rate(database, lambda: expire_dispatches().lost_claims, _WAVES))
        _change(owner, jobs, _LET_TIME_PASS)
        items = _WAVES * _WAVE_SIZE
        yield row("past their deadline", "orders", _rate(database, lambda: expire_dispatches().closed_items, items))
        _change(owner, jobs, _LET_DAYS_PASS)
        yield row("whose data are removed", "orders", _rate(database, remove_personal_data, items))
    with _workspaces(owner) as workspace_ids:
        for _ in range(_LOOKUPS):
            workspace_ids.append(uuid7())
            make_carrier_config(owner, workspace_ids[-1])
            insert_orders(owner, workspace_ids[-1], _ORDERS_OF_A_LOOKUP)
        owner.execute(_SHIP, [workspace_ids])
        orders = _LOOKUPS * _ORDERS_OF_A_LOOKUP
        made = _rate(database, lambda: make_due_lookups() * _ORDERS_OF_A_LOOKUP, orders)
        yield row("whose guide is looked up", "orders", made)
        owner.execute(_INSERT_OLD, {"workspace_id": workspace_ids[0], "count": _OLD_EVENTS})
        yield row("deleted", "events", _rate(database, lambda: prune(lambda: True), _OLD_EVENTS), _RELAY_S)
    yield row("published", "events", published_a_second, _RELAY_S)


def _rate(database: Database, task: Callable[[], int], at_least: int) -> Figures:
    """Return rows a second of one run; in a kept database there may be more of them than were put there.

    Raises:
        RuntimeError: fewer rows were handled than were due.
    """
    handled = 0

    def timed() -> None:
        nonlocal handled
        handled = task()

    with product_on(database, "robot_jobs_system"):
        # The connection is there, as it is in every run but a function's first.
        with system_transaction() as conn:
            conn.execute("SELECT 1")
        took = elapsed_ms(timed)
    if handled < at_least:
        raise RuntimeError(f"Of {at_least} rows that were due {handled} were handled.")
    return Figures((per_second(handled, took),))


@contextmanager
def _waves(database: Database, owner: Connection) -> Iterator[list[Job]]:
    """Give jobs of one wave each, in a workspace each, whose messages are lost."""
    with _workspaces(owner) as workspace_ids, product_on(database):
        jobs = []
        for _ in range(_WAVES):
            workspace_ids.append(uuid7())
            make_carrier_config(owner, workspace_ids[-1])
            jobs.append(make_job(owner, _WAVE_SIZE, workspace_ids[-1], form()))
        _change(owner, jobs, _LOSE_MESSAGE)
        yield jobs


@contextmanager
def _workspaces(owner: Connection) -> Iterator[list[UUID]]:
    """Give a list for ids of workspaces, and remove what those have."""
    workspace_ids: list[UUID] = []
    try:
        yield workspace_ids
    finally:
        with owner.transaction():
            owner.execute("SET LOCAL session_replication_role = replica")
            for table in _TABLES:
                statement = SQL("DELETE FROM {} WHERE workspace_id = ANY(%s)").format(Identifier(table))
                owner.execute(statement, [workspace_ids])


def _change(owner: Connection, jobs: list[Job], statement: bytes) -> None:
    owner.execute(statement, [[job.job_id for job in jobs]])


_TABLES = (
    "robot_job_item_attempts",
    "robot_job_item_reports",
    "robot_job_items",
    "robot_job_dispatches",
    "robot_jobs",
    "activity",
    "outbox",
    "orders",
    "contacts",
    "carrier_configs",
)

_LOSE_MESSAGE = b"""
UPDATE robot_job_dispatches SET called_at = now() - interval '10 minutes' WHERE job_id = ANY(%s)
"""
_LOSE = b"""
UPDATE robot_job_dispatches SET claimed_at = now() - interval '10 minutes' WHERE job_id = ANY(%s)
"""
_LET_TIME_PASS = b"""
UPDATE robot_job_dispatches SET deadline_at = now() WHERE job_id = ANY(%s)
"""
_LET_DAYS_PASS = b"""
UPDATE robot_job_items SET completed_at = now() - interval '91 days' WHERE job_id = ANY(%s)
"""
# By hand, which needs no job; three hours ago, so that the first lookup is due.
_SHIP = b"""
UPDATE orders SET tracking_number = 'P-' || id, number_by_hand = true, updated_at = now() - interval '3 hours'
 WHERE workspace_id = ANY(%s)
"""
_INSERT_OLD = b"""
INSERT INTO outbox (workspace_id, detail_type, detail, published_at)
SELECT %(workspace_id)s, 'automation/field.changed', '{}', now() - interval '8 days'
  FROM generate_series(1, %(count)s)
"""
