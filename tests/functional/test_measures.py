"""What is counted, and by what: names that are known beforehand, never by a workspace, a job or an order."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from functions.record_results.app import handler as record
from functions.submit_job.app import handler as submit
from local.stack.postgres import Postgres
from shared.db.connection import close_connection
from shared.domain import DomainContext
from shared.domain.jobs.open_items import read_standing
from shared.events import ItemCompleted
from shared.metrics import count
from tests.factories import make_carrier_config, make_job, make_lookup, make_orders
from tests.functional.conftest import Bus
from tests.http_client import LambdaContext, call
from tests.queues import sqs_batch


def measured(captured: str) -> dict[str, float]:
    """Return the metrics among the lines of a log, after checking that the service is all they are told apart by."""
    found: dict[str, float] = {}
    for line in captured.splitlines():
        entry: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
        for directive in entry.get("_aws", {}).get("CloudWatchMetrics", []):
            assert directive["Namespace"] == "RobotJobs"
            assert directive["Dimensions"] == [["service"]], line
            assert entry["service"] == "robot-jobs"
            for metric in directive["Metrics"]:
                value = entry[metric["Name"]]
                found[metric["Name"]] = found.get(metric["Name"], 0) + sum(
                    value if isinstance(value, list) else [value]
                )
    return found


def test_a_submission_counts_its_job_its_items_and_what_was_rejected(
    owner: Connection, ctx: DomainContext, bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    [good, bad] = make_orders(owner, ctx.workspace_id, 2)
    owner.execute("UPDATE orders SET shipping_city = 'Macondo' WHERE id = %s", [bad])
    body = {"orderIds": [str(good), str(bad)]}
    assert call(submit, "POST", "/robot-jobs", workspace=ctx.workspace_id, body=body).status == 201
    assert measured(capsys.readouterr().out) == {"JobsSubmitted": 1, "ItemsSubmitted": 1, "OrdersRejected": 1}
    assert bus.received("robot/job.submitted")


def test_items_are_counted_by_outcome_and_type_of_error_and_once_however_often_they_are_reported(
    owner: Connection, ctx: DomainContext, bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    job = make_job(owner, ctx, 3)
    shipped, portal, unknown = (item.item_id for item in job.items)

    def report(item_id: UUID, **fields: Any) -> ItemCompleted:
        ids = {"job_id": job.job_id, "item_id": item_id, "workspace_id": ctx.workspace_id, "dispatch": 1}
        return ItemCompleted(**ids, **fields)

    reports = [
        report(shipped, status="success", tracking_number="T1"),
        report(portal, status="error", error_type="portal"),
        report(unknown, status="error"),
    ]
    record(sqs_batch(*reports), LambdaContext())
    record(sqs_batch(*reports), LambdaContext())
    found = measured(capsys.readouterr().out)
    assert (found["ItemsShipped"], found["ItemsFailedPortal"], found["ItemsFailedUnknown"]) == (1, 1, 1)
    assert (found["ReportsRecorded"], found["ReportsDuplicate"]) == (3, 3)
    assert bus.received()


def test_of_a_lookup_it_is_counted_what_was_answered_and_what_failed(
    owner: Connection, ctx: DomainContext, bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    """Naive: a guide that was found counts as a shipment."""
    job = make_lookup(owner, ctx, 3)
    said: list[dict[str, Any]] = [
        {"status": "success", "tracking_number": "9001"},
        {"status": "success", "guide_found": False},
        {"status": "error", "error_type": "portal"},
    ]
    reports = [
        ItemCompleted(job_id=job.job_id, item_id=item.item_id, workspace_id=ctx.workspace_id, dispatch=1, **each)
        for item, each in zip(job.items, said, strict=True)
    ]
    record(sqs_batch(*reports), LambdaContext())
    found = measured(capsys.readouterr().out)
    counted = {name: number for name, number in found.items() if name.startswith(("Items", "Lookups"))}
    assert counted == {"LookupsAnswered": 2, "LookupsFailed": 1}
    assert bus.received()


def test_the_oldest_open_item_is_measured_from_when_it_was_opened_last(
    fresh_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, owner: Connection, workspace: UUID
) -> None:
    """Naive: since it was made, so that a retry of an old job looks like a robot that has stood still for weeks."""
    job = make_job(owner, DomainContext(workspace, source="test"), 3)
    for item, (made, retried, status) in zip(
        job.items,
        [("7 days", "5 minutes", "pending"), ("3 minutes", None, "pending"), ("9 days", None, "error")],
        strict=True,
    ):
        ended = (datetime.now(UTC), "portal", "robot", False) if status == "error" else (None, None, None, True)
        owner.execute(
            "UPDATE robot_job_items SET created_at = now() - %s::interval, last_retry_at = now() - %s::interval, "
            "status = %s, completed_at = %s, error_type = %s, closed_by = %s, holds = %s WHERE id = %s",
            [
                made,
                retried,
                status,
                *ended,
                item.item_id,
            ],
        )
    close_connection()
    monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_system"))
    assert 300 <= read_standing().oldest_open_item_s < 400
    owner.execute(
        "UPDATE robot_job_items SET status = 'error', completed_at = now(), error_type = 'portal', closed_by = 'robot',"
        " holds = false"
    )
    assert read_standing().oldest_open_item_s == 0


def test_a_thousand_items_that_wait_for_a_person_stand_for_more(
    fresh_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, owner: Connection, workspace: UUID
) -> None:
    """Naive: after an outage each minute counts all that waits for people."""
    job = make_job(owner, DomainContext(workspace, source="test"), 1_001)
    owner.execute(
        "UPDATE robot_job_items SET status = 'error', shipment = 'possible', completed_at = now(),"
        " error_type = 'unknown', closed_by = 'robot' WHERE job_id = %s",
        [job.job_id],
    )
    close_connection()
    monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_system"))
    assert read_standing().unsettled_items == 1_000
    owner.execute(
        "UPDATE robot_job_items SET status = 'success', tracking_number = id::text, shipment = 'made',"
        " error_type = NULL, other_numbers = '{T-2}' WHERE job_id = %s",
        [job.job_id],
    )
    assert (read_standing().unsettled_items, read_standing().second_shipments) == (0, 1_000)


def test_a_measure_is_one_line_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    count("HandOversAccepted", 2)
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["HandOversAccepted"] == [2.0]
    assert measured(line) == {"HandOversAccepted": 2}
