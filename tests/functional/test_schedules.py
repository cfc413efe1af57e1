"""relay_events and expire_items: what the schedules set right, over every workspace."""

import json
import os
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import EndpointConnectionError
from psycopg import Connection

from functions.expire_items.app import handler as expire
from functions.relay_events.app import handler as relay
from local.stack.postgres import Postgres
from shared.db.connection import close_connection
from shared.domain import DispatchRef, DomainContext, claim_dispatch, create_robot_job, get_job_with_items
from shared.domain.ids import uuid7
from shared.domain.jobs.create import CreateRobotJobParams
from tests.factories import make_carrier_config, make_job, make_orders
from tests.functional.conftest import Bus
from tests.functional.record_queue import RecordQueue
from tests.http_client import LambdaContext
from tests.template import resources


class Context(LambdaContext):
    """An invocation with a minute to go."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def workspaces(fresh_database: str) -> list[DomainContext]:
    assert fresh_database
    return [DomainContext(uuid7(), source="test") for _ in range(2)]


def unpublished(owner: Connection) -> int:
    row = owner.execute("SELECT count(*) FROM outbox WHERE published_at IS NULL").fetchone()
    return int(row[0]) if row else -1


def test_events_that_were_committed_and_not_published_are_relayed(
    as_system: Callable[[], None],
    owner: Connection,
    workspaces: list[DomainContext],
    bus: Bus,
) -> None:
    jobs = [make_job(owner, ctx) for ctx in workspaces]
    as_system()
    assert relay({}, Context()) == {"published": 2, "failed": 0, "pruned": 0}
    assert {event["jobId"] for event in bus.received("robot/job.submitted")} == {str(job.job_id) for job in jobs}
    assert relay({}, Context()) == {"published": 0, "failed": 0, "pruned": 0}


@pytest.mark.parametrize(("left_ms", "pruned"), [(10_000, 0), (10_001, 1)])
def test_after_the_first_events_nothing_is_begun_in_the_last_ten_seconds(  # noqa: PLR0913, PLR0917 - fixtures
    as_system: Callable[[], None],
    owner: Connection,
    workspaces: list[DomainContext],
    bus: Bus,
    monkeypatch: pytest.MonkeyPatch,
    left_ms: int,
    pruned: int,
) -> None:
    """Naive: the function is killed in the middle of it, and counts nothing."""
    assert bus
    for ctx in workspaces:
        make_job(owner, ctx)
    week = "UPDATE outbox SET published_at = now() - interval '8 days' WHERE workspace_id = %s"
    owner.execute(week, [workspaces[0].workspace_id])
    as_system()
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _self: left_ms)
    assert relay({}, Context()) == {"published": 1, "failed": 0, "pruned": pruned}


def test_more_events_than_a_batch_are_relayed_in_tens(
    as_system: Callable[[], None],
    owner: Connection,
    workspaces: list[DomainContext],
    bus: Bus,
) -> None:
    job = make_job(owner, workspaces[0])
    owner.execute(
        "INSERT INTO outbox (workspace_id, detail_type, detail) "
        "SELECT workspace_id, detail_type, detail FROM outbox, generate_series(1, 205)"
    )
    as_system()
    assert relay({}, Context())["published"] == 206
    assert len(bus.received()) == 206
    assert job.item_count == 1


def test_an_event_that_the_bus_refuses_waits_longer_each_time_and_is_set_aside(
    as_system: Callable[[], None],
    owner: Connection,
    workspaces: list[DomainContext],
    bus: Bus,
) -> None:
    make_job(owner, workspaces[0])
    make_job(owner, workspaces[1])
    owner.execute(
        "UPDATE outbox SET detail_type = '', attempts = 5 WHERE workspace_id = %s", [workspaces[0].workspace_id]
    )
    as_system()
    assert relay({}, Context()) == {"published": 1, "failed": 1, "pruned": 0}
    assert len(bus.received()) == 1
    row = owner.execute(
        "SELECT attempts, last_error IS NOT NULL, next_attempt_at > now(), set_aside_at FROM outbox"
        " WHERE published_at IS NULL"
    ).fetchone()
    assert row == (6, True, True, None)
    assert relay({}, Context()) == {"published": 0, "failed": 0, "pruned": 0}
    owner.execute("UPDATE outbox SET attempts = 49, next_attempt_at = now() WHERE published_at IS NULL")
    relay({}, Context())
    owner.execute("UPDATE outbox SET next_attempt_at = now() WHERE published_at IS NULL")
    assert relay({}, Context()) == {"published": 0, "failed": 0, "pruned": 0}


def test_a_bus_that_is_down_for_long_sets_nothing_aside(
    as_system: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    owner: Connection,
    workspaces: list[DomainContext],
    bus: Bus,
) -> None:
    """Naive: an outage of some hours counts as a refusal, and every event of it is given up."""
    make_job(owner, workspaces[0])
    owner.execute("UPDATE outbox SET attempts = 5000")
    as_system()
    with monkeypatch.context() as patch:
        patch.setattr("shared.aws.bus.client", _client_of_a_bus_that_is_down)
        assert relay({}, Context()) == {"published": 0, "failed": 1, "pruned": 0}
    row = owner.execute(
        "SELECT attempts, last_error LIKE 'EndpointConnectionError%', set_aside_at,"
        " next_attempt_at <= now() + interval '5 minutes' FROM outbox"
    ).fetchone()
    assert row == (5001, True, None, True)
    owner.execute("UPDATE outbox SET next_attempt_at = now()")
    assert relay({}, Context())["published"] == 1
    assert len(bus.received()) == 1


def _client_of_a_bus_that_is_down(_service: str) -> object:
    class Down:
        def put_events(self, **_: object) -> object:
            raise EndpointConnectionError(endpoint_url="https://events")

    return Down()


def test_what_was_set_aside_and_what_waits_is_measured_every_minute(
    as_system: Callable[[], None],
    owner: Connection,
    workspaces: list[DomainContext],
    bus: Bus,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Naive: a poison event is set aside, and nobody hears of it."""
    assert bus
    for ctx in (*[workspaces[0]] * 5, workspaces[1]):
        make_job(owner, ctx)
    ids = [id_ for (id_,) in owner.execute("SELECT id FROM outbox ORDER BY id").fetchall()]
    # What was set aside waits no more, and what is due now is published.
    owner.execute(
        "UPDATE outbox SET set_aside_at = now(), created_at = now() - interval '2 days' WHERE id = ANY(%s)", [ids[:2]]
    )
    for id_, minutes in zip(ids[3:], (20, 5, 10), strict=True):
        owner.execute(
            "UPDATE outbox SET created_at = now() - %s * interval '1 minute',"
            " next_attempt_at = now() + interval '5 minutes' WHERE id = %s",
            [minutes, id_],
        )
    as_system()
    relay({}, Context())
    [measured] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "EventsSetAside" in line]
    assert measured["EventsSetAside"] == [2]
    assert 1200 <= measured["OldestEventAge"][0] < 1260
    assert watched("EventsSetAsideAlarm") == watched("EventsWaitingAlarm") == dimensions_of(measured)


def test_what_waits_is_measured_also_where_the_relay_does_not_run(  # noqa: PLR0913, PLR0917 - all that a run meets
    as_system: Callable[[], None],
    owner: Connection,
    workspaces: list[DomainContext],
    bus: Bus,
    record_queue: RecordQueue,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Naive: the age is told by the relay alone, and where the relay is dead all is well."""
    assert bus
    assert record_queue
    make_job(owner, workspaces[0])
    owner.execute(
        "UPDATE outbox SET created_at = now() - interval '20 minutes', next_attempt_at = now() + interval '1 day'"
    )
    as_system()
    expire({}, Context())
    [measured] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "OldestEventAge" in line]
    assert 1200 <= measured["OldestEventAge"][0] < 1260
    assert watched("EventsWaitingAlarm") == watched("OldestOpenItemAlarm") == dimensions_of(measured)
    assert {"OldestOpenItemAge", "UnsettledItems", "SecondShipments", "ItemsClosedDespiteMail"} <= set(measured)


def watched(alarm: str) -> dict[str, str]:
    """Return what the template's alarm looks at, beside the metric, in the stack whose name the service is."""
    properties = resources("AWS::CloudWatch::Alarm")[alarm]
    [dimension] = properties["Dimensions"]
    assert dimension["Value"] == {"Ref": "AWS::StackName"}
    return {"namespace": properties["Namespace"], dimension["Name"]: os.environ["POWERTOOLS_SERVICE_NAME"]}


def dimensions_of(measured: dict[str, Any]) -> dict[str, str]:
    """Return the same of a line that CloudWatch reads metrics from."""
    [metrics] = measured["_aws"]["CloudWatchMetrics"]
    [names] = metrics["Dimensions"]
    return {"namespace": metrics["Namespace"]} | {name: measured[name] for name in names}


def test_events_published_a_week_ago_are_pruned(
    as_system: Callable[[], None],
    owner: Connection,
    workspaces: list[DomainContext],
    bus: Bus,
) -> None:
    assert bus
    make_job(owner, workspaces[0])
    make_job(owner, workspaces[1])
    owner.execute(
        "UPDATE outbox SET published_at = now() - interval '8 days' WHERE workspace_id = %s",
        [workspaces[0].workspace_id],
    )
    as_system()
    assert relay({}, Context()) == {"published": 1, "failed": 0, "pruned": 1}


def test_items_without_a_report_end_at_the_deadline(  # noqa: PLR0913, PLR0917 - fixtures
    as_system: Callable[[], None],
    fresh_database: str,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    owner: Connection,
    workspaces: list[DomainContext],
    bus: Bus,
    record_queue: RecordQueue,
) -> None:
    assert record_queue
    ctx = workspaces[0]
    job_id = _claimed_job(owner, ctx)
    owner.execute("UPDATE robot_job_dispatches SET deadline_at = now() - interval '1 second'")
    as_system()
    assert expire({}, Context()) == {
        "closed_items": 2,
        "lost_claims": 0,
        "woken": 0,
        "closed_despite_mail": 0,
        "lookups": 0,
        "emptied_items": 0,
    }
    assert [event["jobId"] for event in bus.received("robot/job.completed")] == [str(job_id)]
    assert unpublished(owner) == 0
    close_connection()
    monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_app"))
    result = get_job_with_items(ctx, job_id)
    assert result.success
    assert {(item.error_type, item.error_message) for item in result.data.items} == {
        ("timeout", "no report from the robot")
    }


def _claimed_job(owner: Connection, ctx: DomainContext) -> UUID:
    make_carrier_config(owner, ctx.workspace_id)
    created = create_robot_job(ctx, CreateRobotJobParams(make_orders(owner, ctx.workspace_id, 2)))
    assert created.success
    assert claim_dispatch(ctx, DispatchRef(created.data.job_id, 1)).success
    return created.data.job_id
