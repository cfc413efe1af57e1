"""The verdict of a run finds each harm that a run can do. The audit's own rules have their own tests."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from local.chaos.bus import key_of
from local.chaos.database import Database
from local.chaos.load import Work
from local.chaos.verdict import Evidence, judge
from shared.domain import DomainContext
from tests.factories import hand_over, make_carrier_config, make_job, report_success

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg import Connection

    from local.stack.postgres import Postgres
    from shared.domain import CreatedJob


@pytest.fixture
def database(fresh_database: str, postgres: Postgres, tmp_path: Path) -> Database:
    """Give the database of the run, which is this test's own."""
    return Database(postgres.url(fresh_database), tmp_path)


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID) -> DomainContext:
    """Give the context of a call for the test's workspace."""
    assert fresh_database
    return DomainContext(workspace, source="test")


@pytest.fixture
def job(owner: Connection, ctx: DomainContext, workspace: UUID) -> CreatedJob:
    """Give a job of one item that was handed over once and shipped as T-1."""
    make_carrier_config(owner, workspace)
    made = make_job(owner, ctx, items=1)
    hand_over(ctx, made)
    report_success(ctx, made.items[0].item_id, "T-1")
    owner.execute("UPDATE outbox SET published_at = now()")
    return made


@pytest.fixture
def evidence(job: CreatedJob, database: Database, owner: Connection, workspace: UUID) -> Evidence:
    """Give what a sound run with this job leaves."""
    [item] = job.items
    events = owner.execute("SELECT detail_type, detail::text FROM outbox").fetchall()
    return Evidence(
        database,
        [Work(workspace, jobs={job.job_id: {item.order_id}})],
        [shipment(job, "T-1")],
        {"asked": [asked(job)], "reported": [], "crashes": []},
        Counter(key_of(*event) for event in events),
    )


def shipment(job: CreatedJob, number: str) -> dict[str, str]:
    return {"itemId": str(job.items[0].item_id), "trackingNumber": number}


def asked(job: CreatedJob, taken: str = "accepted") -> dict[str, Any]:
    return {"job_id": str(job.job_id), "taken": taken, "fault": None, "at": 0.0}


def harms(evidence: Evidence) -> list[str]:
    return sorted({found.harm for found in judge(evidence)})


def test_a_sound_run_has_no_findings(evidence: Evidence) -> None:
    assert judge(evidence) == []


def test_a_number_that_nobody_wrote_down_is_lost(evidence: Evidence, job: CreatedJob) -> None:
    assert harms(replace(evidence, shipments=[shipment(job, "T-1"), shipment(job, "T-2")])) == ["doubled", "lost"]


def test_a_second_shipment_after_a_retry_is_in_the_history(
    evidence: Evidence, job: CreatedJob, ctx: DomainContext, workspace: UUID
) -> None:
    report_success(ctx, job.items[0].item_id, "T-2")
    both = [shipment(job, "T-1"), shipment(job, "T-2")]
    assert harms(replace(evidence, shipments=both)) == ["doubled"]
    retried = Work(workspace, retried_items=[job.items[0].item_id])
    assert harms(replace(evidence, shipments=both, works=[retried])) == []


def test_a_number_that_the_robot_never_gave_is_wrong(evidence: Evidence) -> None:
    assert harms(replace(evidence, shipments=[])) == ["wrong"]


def test_an_order_without_its_items_number_is_lost(evidence: Evidence, owner: Connection) -> None:
    owner.execute("UPDATE orders SET tracking_number = NULL")
    assert "lost" in harms(evidence)


@pytest.mark.parametrize("again", ["accepted", "remembered"])
def test_a_hand_over_that_is_made_again_is_doubled(evidence: Evidence, job: CreatedJob, again: str) -> None:
    made = {"asked": [asked(job), asked(job, again)], "reported": [], "crashes": []}
    assert harms(replace(evidence, journal=made)) == ["doubled"]


def test_a_hand_over_that_was_refused_before_is_not_doubled(evidence: Evidence, job: CreatedJob) -> None:
    made = {"asked": [asked(job, "refused"), asked(job)], "reported": [], "crashes": []}
    assert harms(replace(evidence, journal=made)) == []


def test_an_acknowledged_job_that_does_not_exist_is_lost(evidence: Evidence, workspace: UUID) -> None:
    assert harms(replace(evidence, works=[Work(workspace, jobs={uuid4(): {uuid4()}})])) == ["lost"]


def test_an_event_that_never_arrived_is_lost(evidence: Evidence) -> None:
    assert harms(replace(evidence, arrived=Counter())) == ["lost"]


def test_a_job_that_does_not_end_is_stuck(evidence: Evidence, owner: Connection, ctx: DomainContext) -> None:
    make_job(owner, ctx, items=1)
    owner.execute("UPDATE outbox SET published_at = now()")
    events = owner.execute("SELECT detail_type, detail::text FROM outbox").fetchall()
    assert harms(replace(evidence, arrived=Counter(key_of(*event) for event in events))) == ["stuck"]


def test_an_automation_that_was_never_told_is_lost(evidence: Evidence, owner: Connection) -> None:
    owner.execute("DELETE FROM outbox WHERE detail_type = 'automation/robot.coord.completed'")
    assert harms(evidence) == ["lost"]
