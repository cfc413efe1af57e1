"""The verdict on shipments: none too many, none lost, none hidden; by the robot's ledger, which no operator sees."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from local.chaos.parcels import judge_parcels, judge_what_is_shown
from local.chaos.work import Work, Written
from tests.chaos.traces import reported, shipment
from tests.factories import hand_over, make_job, make_job_of, report_success

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from local.chaos.findings import Evidence
    from shared.domain import CreatedJob, DomainContext

LONG_AGO, NOW, LATER = 1.0, 2.0, 4e9


def sentences(evidence: Evidence) -> list[str]:
    return sorted(f"{found.harm}: {found.sentence}" for found in judge_parcels(evidence))


def with_shipments(evidence: Evidence, job: CreatedJob, *numbers: str) -> Evidence:
    journal = {**evidence.journal, "reported": [reported(job, number) for number in numbers]}
    return replace(evidence, shipments=[shipment(job, number) for number in numbers], journal=journal)


def test_a_sound_run_has_no_findings(evidence: Evidence) -> None:
    assert judge_parcels(evidence) == []


def test_two_live_shipments_of_an_order_are_one_too_many(
    evidence: Evidence, job: CreatedJob, ctx: DomainContext
) -> None:
    report_success(ctx, job.items[0].item_id, "T-2")
    both = with_shipments(evidence, job, "T-1", "T-2")
    [sentence] = sentences(both)
    assert sentence.startswith(f"doubled: Order {job.items[0].order_id} was shipped as T-1 by {job.job_id}, T-2 by")
    assert sentences(replace(both, voided=frozenset({"T-2"}))) == []


def test_a_reshipment_was_asked_for(evidence: Evidence, job: CreatedJob, ctx: DomainContext) -> None:
    again = make_job_of(ctx, [job.items[0].order_id], allow_reshipment=True)
    hand_over(ctx, again)
    report_success(ctx, again.items[0].item_id, "T-2")
    both = replace(
        evidence,
        shipments=[shipment(job, "T-1"), shipment(again, "T-2")],
        journal={**evidence.journal, "reported": [reported(job, "T-1"), reported(again, "T-2")]},
    )
    assert sentences(both) == []
    third = replace(both, shipments=[*both.shipments, shipment(again, "T-2")])
    assert [sentence.split(":")[0] for sentence in sentences(third)] == ["doubled"]


def test_what_a_person_overlooked_is_that_persons_mistake(
    evidence: Evidence, job: CreatedJob, ctx: DomainContext, workspace: UUID
) -> None:
    report_success(ctx, job.items[0].item_id, "T-2")
    both = with_shipments(evidence, job, "T-1", "T-2")
    mistaken = Work(workspace, overlooked={job.items[0].order_id})
    assert sentences(replace(both, works=[mistaken])) == []


@pytest.mark.parametrize(
    ("written", "standing"),
    [
        ([("HAND", LONG_AGO, NOW)], "HAND"),
        ([("HAND", LONG_AGO, LATER)], None),
        ([("HAND", LATER, LATER)], None),
        ([("HAND", LONG_AGO, LONG_AGO), (None, NOW, NOW)], None),
        ([(None, LONG_AGO, LONG_AGO), ("HAND", NOW, NOW)], "HAND"),
        # Cleared while the claim waited for it.
        ([("HAND", LONG_AGO, NOW), (None, NOW, LATER)], None),
        # Cleared by a request that nobody answered.
        ([("HAND", LONG_AGO, LONG_AGO), (None, NOW, math.inf)], None),
    ],
)
def test_an_order_with_a_number_by_hand_must_not_be_handed_over(
    evidence: Evidence, job: CreatedJob, written: list[tuple[str | None, float, float]], standing: str | None
) -> None:
    order_id = job.items[0].order_id
    work = Work(order_id, numbers=[Written(order_id, *each) for each in written])
    wanted = [f"doubled: Order {order_id} had the number HAND when job {job.job_id} shipped it."]
    assert sentences(replace(evidence, works=[work])) == (wanted if standing else [])


def test_a_number_by_hand_that_a_reshipment_lifts_is_no_harm(
    evidence: Evidence, job: CreatedJob, owner: Connection, workspace: UUID
) -> None:
    owner.execute("UPDATE robot_job_items SET lifted_number = 'HAND'")
    work = Work(workspace, numbers=[Written(job.items[0].order_id, "HAND", LONG_AGO, NOW)])
    assert sentences(replace(evidence, works=[work])) == []


def test_a_number_by_hand_stands_until_a_reshipment_replaced_it(
    evidence: Evidence, job: CreatedJob, ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    order_id = job.items[0].order_id
    work = Work(workspace, numbers=[Written(order_id, "HAND", LONG_AGO, NOW)])
    again = make_job_of(ctx, [order_id], allow_reshipment=True)
    hand_over(ctx, again)
    late = "UPDATE robot_job_item_attempts SET claimed_at = now() + interval '1 minute' WHERE job_id = %s"
    owner.execute("DELETE FROM robot_job_item_attempts WHERE job_id = %s", [job.job_id])
    owner.execute(late, [again.job_id])
    assert sentences(replace(evidence, works=[work])) != []
    before = "UPDATE robot_job_items SET lifted_number = 'HAND', completed_at = now() - interval '1 minute'"
    owner.execute(before + " WHERE job_id = %s", [job.job_id])
    assert sentences(replace(evidence, works=[work])) == []


def test_an_order_goes_to_its_corrected_address(
    evidence: Evidence, job: CreatedJob, owner: Connection, workspace: UUID
) -> None:
    work = Work(workspace, addresses=[Written(job.items[0].order_id, "Carrera 1", LONG_AGO, NOW)])
    corrected = replace(evidence, works=[work])
    [sentence] = sentences(corrected)
    assert sentence.startswith(f"wrong: Job {job.job_id} sent order {job.items[0].order_id} to ")
    assert sentence.endswith("; it was Carrera 1 by then.")
    owner.execute("""UPDATE robot_job_item_attempts SET value_sent = '{"direccion": "Carrera 1"}'""")
    assert sentences(corrected) == []


def test_a_report_that_reached_us_and_stands_nowhere_is_lost(evidence: Evidence, job: CreatedJob) -> None:
    item_id = job.items[0].item_id
    lost = with_shipments(evidence, job, "T-1")
    lost = replace(lost, journal={**lost.journal, "reported": [reported(job, "T-1"), reported(job, "T-2")]})
    assert sentences(lost) == [f"lost: Item {item_id} was reported as T-2; it is success without it."]
    refused = {**reported(job, "T-2"), "answer": 503}
    foreign = {**reported(job, "T-2"), "fault": "foreign"}
    journal = {**lost.journal, "reported": [reported(job, "T-1"), refused, foreign]}
    assert sentences(replace(lost, journal=journal)) == []


def test_a_shipment_that_no_item_knows_is_lost(evidence: Evidence, job: CreatedJob) -> None:
    item_id = job.items[0].item_id
    moved = replace(evidence, shipments=[shipment(job, "T-9")])
    assert sentences(moved) == [f"lost: Item {item_id} was shipped as T-9; it is success, made."]
    # The robot said another number than its own.
    assert sentences(replace(moved, journal={**moved.journal, "unknown_to_robot": ["T-9"]})) == []


def test_a_number_that_neither_robot_nor_person_gave_is_wrong(
    evidence: Evidence, job: CreatedJob, workspace: UUID
) -> None:
    item_id = job.items[0].item_id
    unheard = replace(evidence, journal={**evidence.journal, "reported": []})
    assert sentences(unheard) == [f"wrong: Item {item_id} has the number T-1, which nobody gave it."]
    settled = Work(workspace)
    settled.settled_numbers[item_id].add("T-1")
    assert sentences(replace(unheard, works=[settled])) == []


def test_what_stays_unsettled_is_stuck(evidence: Evidence, owner: Connection, ctx: DomainContext) -> None:
    other = make_job(owner, ctx)
    close(owner, other, "possible")
    assert sentences(evidence) == [f"stuck: Item {other.items[0].item_id} can't be settled by what the portal lists."]


@pytest.mark.parametrize(("known", "voided"), [("none", ""), ("possible", ""), ("none", "T-1")])
def test_a_shipment_behind_an_item_that_says_none_was_made_is_hidden(
    evidence: Evidence, job: CreatedJob, owner: Connection, known: str, voided: str
) -> None:
    close(owner, job, known)
    found = judge_what_is_shown(evidence.database, evidence.shipments, frozenset({voided}), evidence.works)
    wanted = f"Item {job.items[0].item_id} was shipped as T-1, and says that nothing was made."
    assert [each.sentence for each in found] == ([wanted] if (known, voided) == ("none", "") else [])


def test_a_shipment_that_a_person_overlooked_is_hidden_by_that_person(
    evidence: Evidence, job: CreatedJob, owner: Connection, workspace: UUID
) -> None:
    close(owner, job, "none")
    mistaken = Work(workspace, overlooked={job.items[0].order_id})
    assert judge_what_is_shown(evidence.database, evidence.shipments, frozenset(), [mistaken]) == []


def close(owner: Connection, job: CreatedJob, known: str) -> None:
    owner.execute(
        "UPDATE robot_job_items SET status = 'error', tracking_number = NULL, error_type = 'portal',"
        " shipment = %s, holds = false, completed_at = now(), closed_by = 'robot' WHERE job_id = %s",
        [known, job.job_id],
    )
