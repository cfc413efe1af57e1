"""The rules of cancelling what no robot has been given yet."""

from dataclasses import replace
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    DispatchRef,
    DomainContext,
    RetryFailedItemsParams,
    cancel_job,
    claim_dispatch,
    release_dispatch,
    retry_failed_items,
)
from shared.domain.ids import uuid7
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    events_of,
    failure_of,
    hand_over,
    make_carrier_config,
    make_ended_job,
    make_job,
    read_job,
    report_error,
    report_success,
    row_of_dispatch,
)

pytestmark = pytest.mark.usefixtures("kind")


def test_what_waits_is_closed_and_says_who_cancelled(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_job(owner, ctx, items=2)
    assert data_of(cancel_job(ctx, job.job_id)).cancelled_count == 2
    now = read_job(ctx, job)
    assert (now.job.status, now.job.error_count) == ("failed", 2)
    # No robot ever began with it.
    assert (now.job.started_at, now.job.completed_at is not None) == (None, True)
    assert {(item.status, item.error_type, item.error_message, item.started_at) for item in now.items} == {
        ("error", "validation", "cancelled by tester", None)
    }
    wave = row_of_dispatch(owner, job)
    assert (wave["status"], wave["last_error"], wave["closed_at"]) == ("closed", "cancelled", now.job.completed_at)
    assert len(events_of(owner, workspace, "robot/job.completed")) == 1
    assert_agreement(owner, workspace)


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        (None, "cancelled by the operator"),
        ("a" * 187, f"cancelled by {'a' * 187}"),
        ("a" * 188, f"cancelled by {'a' * 187}"),
    ],
    ids=["nobody", "a name that just fits", "a longer one"],
)
def test_who_cancelled_is_told_in_two_hundred_characters(
    owner: Connection, ctx: DomainContext, actor: str | None, words: str
) -> None:
    job = make_job(owner, ctx)
    data_of(cancel_job(replace(ctx, actor=actor), job.job_id))
    assert read_job(ctx, job).items[0].error_message == words


def test_what_the_robot_has_stays_open(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx, items=2)
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    assert data_of(cancel_job(ctx, job.job_id)).cancelled_count == 1
    now = read_job(ctx, job)
    assert [item.status for item in now.items] == ["error", "processing"]
    assert (now.job.status, now.job.error_count) == ("processing", 1)
    assert report_success(ctx, job.items[1].item_id) == "recorded"
    assert read_job(ctx, job).job.status == "completed"
    assert_agreement(owner, workspace)


def test_what_is_just_being_handed_over_stays_open(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx)
    claim(ctx, job)
    assert data_of(cancel_job(ctx, job.job_id)).cancelled_count == 0
    assert read_job(ctx, job).items[0].status == "pending"


def test_what_a_busy_robot_sent_back_is_closed(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx)
    claim(ctx, job)
    data_of(release_dispatch(ctx, DispatchRef(job.job_id, 1), "busy", "another batch"))
    assert data_of(cancel_job(ctx, job.job_id)).cancelled_count == 1
    assert_agreement(owner, workspace)


def test_what_was_reported_keeps_its_result(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_job(owner, ctx, items=3)
    report_success(ctx, job.items[0].item_id)
    began_at = read_job(ctx, job).job.started_at
    report_error(ctx, job.items[1].item_id)
    assert data_of(cancel_job(ctx, job.job_id)).cancelled_count == 1
    now = read_job(ctx, job)
    assert now.job.started_at == began_at is not None
    assert [item.error_message for item in now.items] == [None, "no", "cancelled by tester"]
    assert now.job.status == "completed"
    assert_agreement(owner, workspace)


def test_what_was_cancelled_is_never_handed_over(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx)
    data_of(cancel_job(ctx, job.job_id))
    assert "closed" in str(data_of(claim_dispatch(ctx, DispatchRef(job.job_id, 1))))


def test_what_was_cancelled_can_be_retried(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx)
    data_of(cancel_job(ctx, job.job_id))
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    assert len(claim(ctx, job, 2).items) == 1


def test_a_job_that_has_ended_is_refused(owner: Connection, ctx: DomainContext) -> None:
    for result, status in (("success", "completed"), ("error", "failed")):
        job = make_ended_job(owner, ctx, result)
        failure = failure_of(cancel_job(ctx, job.job_id), "CONFLICT", "invalid_transition")
        assert failure.details == {"status": status}


def test_another_job_is_left_alone(owner: Connection, ctx: DomainContext) -> None:
    job, other = make_job(owner, ctx), make_job(owner, ctx)
    data_of(cancel_job(ctx, job.job_id))
    assert read_job(ctx, other).items[0].status == "pending"
    assert row_of_dispatch(owner, other)["status"] == "waiting"


def test_an_unknown_job_is_not_found(owner: Connection, ctx: DomainContext) -> None:
    other = DomainContext(uuid7(), "test")
    theirs = make_job(owner, other)
    for job_id in (uuid7(), theirs.job_id):
        failure_of(cancel_job(ctx, job_id), "NOT_FOUND", "job_not_found")
    assert read_job(other, theirs).job.status == "pending"
