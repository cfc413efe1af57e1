"""Every alarm on a metric of ours rings in a run that provokes it, and none does in one where all is well."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from functions.expire_items.app import handler as expire
from functions.record_results.app import handler as record
from functions.relay_events.app import handler as relay
from local.stack.postgres import Postgres
from shared.db.connection import close_connection
from shared.domain import DomainContext
from shared.events import ItemCompleted
from tests.factories import make_job
from tests.functional.conftest import Bus
from tests.functional.record_queue import RecordQueue
from tests.functional.shop import open_shop
from tests.functional.test_measures import measured
from tests.functional.test_schedules import Context
from tests.http_client import LambdaContext
from tests.queues import failed_ids, sqs_batch
from tests.template import resources

ALARMS: dict[str, dict[str, Any]] = {
    name: alarm for name, alarm in resources("AWS::CloudWatch::Alarm").items() if alarm.get("Namespace") == "RobotJobs"
}


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID) -> DomainContext:
    assert fresh_database
    return DomainContext(workspace, "test")


@pytest.fixture
def schedules(
    as_system: Callable[[], None], bus: Bus, record_queue: RecordQueue, capsys: pytest.CaptureFixture[str]
) -> Callable[[], dict[str, float]]:
    """Give a run of both schedules, and what it measured."""
    assert all((bus, record_queue))

    def run() -> dict[str, float]:
        as_system()
        # One after the other, each with lines of its own: both measure how long events wait.
        found: dict[str, float] = {}
        for handler in (expire, relay):
            handler({}, Context())
            found |= measured(capsys.readouterr().out)
        return found

    return run


def ringing(metrics: dict[str, float]) -> set[str]:
    """Return the alarms over whose threshold a metric is, were it so for as long as they look at it."""
    comparisons: dict[str, Callable[[float, float], bool]] = {
        "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
        "GreaterThanThreshold": lambda value, threshold: value > threshold,
    }
    return {
        name
        for name, alarm in ALARMS.items()
        if comparisons[alarm["ComparisonOperator"]](metrics.get(alarm["MetricName"], 0), alarm["Threshold"])
    }


def test_where_all_is_well_none_rings(
    owner: Connection, schedules: Callable[[], dict[str, float]], ctx: DomainContext
) -> None:
    open_shop(owner, ctx).made()
    assert ringing(schedules()) == set()


def test_each_rings_in_a_run_that_provokes_it(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection,
    ctx: DomainContext,
    schedules: Callable[[], dict[str, float]],
    record_queue: RecordQueue,
    postgres: Postgres,
    fresh_database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Naive: a metric is written by no run, or under another name, and its alarm is silent for ever."""
    shop = open_shop(owner, ctx)
    # An order with two shipments, and one of which nobody knows.
    order_id = shop.order()
    twice = shop.at_robot(order_id)
    shop.write_number(order_id, "by hand")
    shop.success(twice, "T-2")
    shop.unsettled()
    # A second number for one item, and a report while the database is away.
    conflict = shop.made("T-3")
    [item] = conflict.items
    told = ItemCompleted(
        job_id=conflict.job_id,
        item_id=item.item_id,
        workspace_id=ctx.workspace_id,
        dispatch=1,
        status="success",
        tracking_number="T-4",
    )
    capsys.readouterr()
    assert failed_ids(record(sqs_batch(told), LambdaContext())) == []
    close_connection()
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    assert failed_ids(record(sqs_batch(told), LambdaContext())) == ["message-0"]
    monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_app"))
    found = measured(capsys.readouterr().out)
    # An item that nothing was heard of for hours, though mail waits; events that nobody took, and one that nobody will.
    silent = shop.at_robot()
    owner.execute(
        "UPDATE robot_job_dispatches SET deadline_at = now() - interval '2 hours' WHERE job_id = %s", [silent.job_id]
    )
    # Behind it, one that has been open for two days.
    old = make_job(owner, ctx)
    owner.execute("UPDATE robot_job_items SET created_at = now() - interval '2 days' WHERE job_id = %s", [old.job_id])
    record_queue.put(json.dumps({"detail": {"workspaceId": str(ctx.workspace_id)}}))
    owner.execute(
        "UPDATE outbox SET created_at = now() - interval '1 hour', next_attempt_at = now() + interval '1 hour'"
    )
    owner.execute("UPDATE outbox SET set_aside_at = now() WHERE id = (SELECT min(id) FROM outbox)")
    assert ringing(schedules() | found) == set(ALARMS)


def test_the_alarms_on_our_own_metrics_are_found() -> None:
    assert len(ALARMS) >= 8
