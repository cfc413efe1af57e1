"""record_results: a batch of reports from the queue into the database and on to the bus."""

import json
from uuid import UUID

import pytest
from psycopg import Connection

from functions.record_results.app import handler
from shared.db.connection import close_connection
from shared.domain import DomainContext, get_job_with_items
from shared.domain.ids import uuid7
from shared.events import ItemCompleted
from tests.factories import make_job
from tests.functional.conftest import Bus
from tests.http_client import LambdaContext
from tests.queues import failed_ids, sqs_batch


@pytest.fixture(autouse=True)
def _bus(bus: Bus) -> None:
    assert bus


def report(ctx: DomainContext, job_id: UUID, item_id: UUID, number: str | None = "T1") -> ItemCompleted:
    return ItemCompleted(
        job_id=job_id,
        item_id=item_id,
        workspace_id=ctx.workspace_id,
        dispatch=1,
        status="success",
        tracking_number=number,
    )


def deliver(*events: ItemCompleted | str) -> list[str]:
    return failed_ids(handler(sqs_batch(*events), LambdaContext()))


def counts(ctx: DomainContext, job_id: UUID) -> tuple[str, int, int]:
    result = get_job_with_items(ctx, job_id)
    assert result.success
    return result.data.job.status, result.data.job.success_count, result.data.job.error_count


def test_reports_are_recorded_and_their_events_published(owner: Connection, ctx: DomainContext, bus: Bus) -> None:
    job = make_job(owner, ctx, 2)
    assert deliver(*(report(ctx, job.job_id, item.item_id, f"T{n}") for n, item in enumerate(job.items))) == []
    assert counts(ctx, job.job_id) == ("completed", 2, 0)
    received = bus.received()
    assert {event["newValue"] for event in received if event.get("fieldName")} == {"T0", "T1"}
    assert [event["successCount"] for event in received if "successCount" in event] == [2]


def test_a_repeated_batch_changes_and_publishes_nothing_more(owner: Connection, ctx: DomainContext, bus: Bus) -> None:
    job = make_job(owner, ctx, 1)
    deliver(report(ctx, job.job_id, job.items[0].item_id))
    bus.received()
    assert deliver(report(ctx, job.job_id, job.items[0].item_id)) == []
    assert counts(ctx, job.job_id) == ("completed", 1, 0)
    assert bus.received() == []


def test_a_poison_message_does_not_hold_up_the_other_99(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, 99)
    reports = [report(ctx, job.job_id, item.item_id, f"T{n}") for n, item in enumerate(job.items)]
    assert deliver(*reports[:50], "not json", *reports[50:]) == ["message-50"]
    assert counts(ctx, job.job_id) == ("completed", 99, 0)


def test_a_report_that_the_database_refuses_goes_back_alone(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, 3)
    good = [report(ctx, job.job_id, item.item_id, f"T{n}") for n, item in enumerate(job.items)]
    bad = json.loads(sqs_batch(good[1])["Records"][0]["body"])
    bad["detail"]["trackingNumber"] = "with a NUL \0 in it"
    assert deliver(good[0], json.dumps(bad), good[2]) == ["message-1"]
    assert counts(ctx, job.job_id) == ("pending", 2, 0)


def test_two_workspaces_in_one_batch_are_each_recorded(owner: Connection, ctx: DomainContext) -> None:
    other = DomainContext(uuid7(), source="test")
    ours, theirs = make_job(owner, ctx, 1), make_job(owner, other, 1)
    deliver(
        report(ctx, ours.job_id, ours.items[0].item_id, "T1"),
        report(other, theirs.job_id, theirs.items[0].item_id, "T2"),
    )
    assert counts(ctx, ours.job_id) == counts(other, theirs.job_id) == ("completed", 1, 0)


def test_a_report_about_an_item_of_another_job_is_dropped(owner: Connection, ctx: DomainContext) -> None:
    reported, other = make_job(owner, ctx, 1), make_job(owner, ctx, 1)
    assert deliver(report(ctx, reported.job_id, other.items[0].item_id)) == []
    assert counts(ctx, other.job_id) == ("pending", 0, 0)


def test_a_report_about_an_item_of_another_workspace_is_dropped(owner: Connection, ctx: DomainContext) -> None:
    other = DomainContext(uuid7(), source="test")
    theirs = make_job(owner, other, 1)
    assert deliver(report(ctx, theirs.job_id, theirs.items[0].item_id)) == []
    assert counts(other, theirs.job_id) == ("pending", 0, 0)


def test_a_database_that_is_away_gets_the_batch_again(
    owner: Connection, ctx: DomainContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(owner, ctx, 1)
    close_connection()
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", "postgresql://robot_jobs_app@127.0.0.1:1/none")
        assert deliver(report(ctx, job.job_id, job.items[0].item_id)) == ["message-0"]
    assert deliver(report(ctx, job.job_id, job.items[0].item_id)) == []
    assert counts(ctx, job.job_id) == ("completed", 1, 0)


def test_a_bus_that_is_away_loses_no_event(
    owner: Connection, ctx: DomainContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(owner, ctx, 1)
    monkeypatch.setenv("EVENT_BUS_NAME", "no-such-bus")
    assert deliver(report(ctx, job.job_id, job.items[0].item_id)) == []
    rows = owner.execute(
        "SELECT count(*), count(last_error) FROM outbox WHERE workspace_id = %s AND published_at IS NULL",
        [ctx.workspace_id],
    ).fetchone()
    assert rows == (4, 4)
