"""A run knows which of the situations that it is about never came about."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from local.chaos.situations import SITUATIONS, count_situations, missing
from local.chaos.work import Work
from shared.domain import UpdateJobItemResultParams, update_job_item_result
from tests.chaos.traces import reported, shipment
from tests.factories import data_of, hand_over, look_up, make_job, make_job_of, report_error, report_success

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from local.chaos.findings import Evidence
    from shared.domain import CreatedJob, DomainContext


def come_about(evidence: Evidence) -> list[str]:
    return [name for name, times in count_situations(evidence).items() if times]


def test_nothing_out_of_the_ordinary_is_every_situation_missing(evidence: Evidence) -> None:
    counted = count_situations(evidence)
    assert missing(counted) == list(SITUATIONS) == list(counted)


@pytest.mark.parametrize(
    ("fault", "situation"),
    [
        ("answer_lost", "answer lost after saving"),
        ("number_slip", "answer lost after saving"),
        ("popup", "popup error after saving"),
        ("exception_after", "exception after saving"),
        ("fatal", "fatal batch"),
    ],
)
def test_what_an_order_met_is_in_the_journal(evidence: Evidence, job: CreatedJob, fault: str, situation: str) -> None:
    met: dict[str, Any] = {**reported(job, "T-1"), "tracking_number": None, "order_fault": fault, "job_id": "j"}
    assert come_about(replace(evidence, journal={**evidence.journal, "reported": [met]})) == [situation]


def test_a_number_of_another_item_slipped(
    evidence: Evidence, job: CreatedJob, ctx: DomainContext, owner: Connection
) -> None:
    other = make_job(owner, ctx)
    made = [shipment(job, "T-1"), shipment(other, "T-2")]
    journal = {**evidence.journal, "reported": [reported(job, "T-2")]}
    assert come_about(replace(evidence, shipments=made, journal=journal)) == ["number slip"]


@pytest.mark.parametrize("fault", ["hang", "fail_after_accept", "refuse"])
def test_an_outcome_is_unknown_where_the_answer_was_lost(evidence: Evidence, fault: str) -> None:
    journal = {**evidence.journal, "asked": [{**evidence.journal["asked"][0], "fault": fault}]}
    wanted = [] if fault == "refuse" else ["unknown outcome of the hand-over"]
    assert come_about(replace(evidence, journal=journal)) == wanted


def test_a_restart_amid_a_batch(evidence: Evidence) -> None:
    journal = {**evidence.journal, "crashes": [{"job_id": "j", "at": 0.0}]}
    assert come_about(replace(evidence, journal=journal)) == ["restart amid a batch"]


def test_a_hand_over_was_asked_for_again(evidence: Evidence, job: CreatedJob) -> None:
    woken = json.dumps({"jobId": str(job.job_id), "dispatch": 1, "orders": []})
    again = evidence.arrived + Counter({("robot/job.submitted", woken): 1})
    assert come_about(replace(evidence, arrived=again)) == ["repeat of job.submitted"]


def test_what_operators_counted(evidence: Evidence, workspace: UUID) -> None:
    work = Work(workspace, situations=Counter({"retry twice at once": 2}))
    assert come_about(replace(evidence, works=[work])) == ["retry twice at once"]


def test_a_late_success_beside_another_job(evidence: Evidence, ctx: DomainContext, owner: Connection) -> None:
    late = make_job(owner, ctx)
    hand_over(ctx, late)
    report_error(ctx, late.items[0].item_id)
    make_job_of(ctx, [late.items[0].order_id])
    report_success(ctx, late.items[0].item_id, "T-3")
    assert come_about(evidence) == ["late success while another job holds the order"]


def test_a_settlement_and_a_late_success(
    evidence: Evidence, job: CreatedJob, ctx: DomainContext, owner: Connection
) -> None:
    owner.execute("UPDATE robot_job_item_reports SET source = 'person'")
    report_success(ctx, job.items[0].item_id, "T-1")
    assert come_about(evidence) == ["settle against a late success"]


def test_a_reshipment(evidence: Evidence, job: CreatedJob, ctx: DomainContext) -> None:
    make_job_of(ctx, [job.items[0].order_id], allow_reshipment=True)
    assert come_about(evidence) == ["reshipment"]


@pytest.mark.parametrize("guide", ["9001", None])
def test_a_lookup_was_answered(
    evidence: Evidence, job: CreatedJob, ctx: DomainContext, owner: Connection, guide: str | None
) -> None:
    lookup = look_up(owner, ctx, [job.items[0].order_id])
    hand_over(ctx, lookup)
    [item] = lookup.items
    answer = UpdateJobItemResultParams(item.item_id, "success", guide, dispatch=1, guide_found=guide is not None)
    data_of(update_job_item_result(ctx, answer))
    assert come_about(evidence) == ["guide found" if guide else "guide not there yet"]


def test_an_order_that_was_stopped_at_its_claim(evidence: Evidence, ctx: DomainContext, owner: Connection) -> None:
    stopped = make_job(owner, ctx, items=2)
    owner.execute("UPDATE orders SET tracking_number = 'HAND' WHERE id = %s", [stopped.items[0].order_id])
    hand_over(ctx, stopped)
    assert come_about(evidence) == ["guard stopped an order at its claim"]
