"""The rules of starting and ending a job by hand."""

from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreatedJob,
    DomainContext,
    UpdateJobStatusParams,
    update_job_status,
)
from shared.domain.ids import uuid7
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    events_of,
    failure_of,
    make_carrier_config,
    make_ended_job,
    make_job,
    read_job,
    report_error,
    report_success,
    rows_of,
)

pytestmark = pytest.mark.usefixtures("kind")

STATUSES = ("pending", "processing", "completed", "failed")
ALLOWED = {
    ("pending", "processing"),
    ("pending", "failed"),
    ("processing", "completed"),
    ("processing", "failed"),
}


def make_job_in(owner: Connection, ctx: DomainContext, status: str) -> CreatedJob:
    if status == "completed":
        return make_ended_job(owner, ctx, "success")
    if status == "failed":
        return make_ended_job(owner, ctx, "error")
    job = make_job(owner, ctx)
    if status == "processing":
        data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "processing")))
    return job


@pytest.mark.parametrize("to_status", STATUSES)
@pytest.mark.parametrize("from_status", STATUSES)
def test_only_these_steps_are_allowed(
    owner: Connection, ctx: DomainContext, workspace: UUID, from_status: str, to_status: Any
) -> None:
    """Naive: a timeout overwrites a job that has just completed."""
    job = make_job_in(owner, ctx, from_status)
    before = rows_of(owner, workspace)
    result = update_job_status(ctx, UpdateJobStatusParams(job.job_id, to_status))
    if (from_status, to_status) in ALLOWED:
        assert data_of(result).job_id == job.job_id
        assert read_job(ctx, job).job.status == to_status
        assert_agreement(owner, workspace)
    elif from_status == to_status:
        assert data_of(result).job_id == job.job_id
        assert rows_of(owner, workspace) == before
    else:
        assert failure_of(result, "CONFLICT", "invalid_transition").details == {"status": from_status}
        assert rows_of(owner, workspace) == before


def test_processing_sets_started_at_once(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "processing")))
    started = read_job(ctx, job).job.started_at
    assert started is not None
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "processing")))
    assert read_job(ctx, job).job.started_at == started


def test_a_job_that_starts_again_keeps_its_first_start(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2)
    report_success(ctx, job.items[0].item_id)
    started = read_job(ctx, job).job.started_at
    assert started is not None
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "processing")))
    assert read_job(ctx, job).job.started_at == started


def test_ending_a_job_closes_counts_and_tells_every_open_item(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: one item is marked, the rest stay open for ever, outside the counters."""
    job = make_job(owner, ctx, items=5)
    report_success(ctx, job.items[0].item_id)
    report_error(ctx, job.items[1].item_id, "the robot's own words")
    owner.execute("UPDATE robot_job_items SET status = 'processing' WHERE id = %s", [job.items[2].item_id])
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed", "timeout", "gave up")))
    now = read_job(ctx, job)
    assert (now.job.status, now.job.success_count, now.job.error_count) == ("failed", 1, 4)
    assert now.job.completed_at is not None
    assert [(item.status, item.error_type, item.error_message) for item in now.items] == [
        ("success", None, None),
        ("error", "portal", "the robot's own words"),
        *[("error", "timeout", "gave up")] * 3,
    ]
    assert all(item.completed_at for item in now.items)
    [event] = events_of(owner, workspace, "robot/job.completed")
    assert (event["status"], event["successCount"], event["errorCount"]) == ("failed", 1, 4)
    assert_agreement(owner, workspace)


def test_items_closed_without_a_given_error_are_unknown_and_say_why(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
    [item] = read_job(ctx, job).items
    assert item.error_type == "unknown"
    assert item.error_message


def test_an_end_by_hand_is_in_the_history_of_what_was_with_the_robot_alone(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: what the robot never had has a story, or nobody sees later why what it had was given up."""
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx, items=2, wave_size=1)
    claim(ctx, job)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed", "timeout", "gave up")))
    kept = owner.execute(
        "SELECT item_id, dispatch, status, error_type, error_message, outcome, source FROM robot_job_item_reports"
        " WHERE workspace_id = %s",
        [workspace],
    ).fetchall()
    assert kept == [(job.items[0].item_id, 1, "error", "timeout", "gave up", "recorded", "person")]


def test_a_job_ended_by_hand_is_called_what_was_asked_for(owner: Connection, ctx: DomainContext) -> None:
    job = make_job_in(owner, ctx, "processing")
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "completed")))
    now = read_job(ctx, job).job
    assert (now.status, now.success_count, now.error_count) == ("completed", 0, 1)


def test_ending_a_job_leaves_other_jobs_alone(owner: Connection, ctx: DomainContext) -> None:
    job, other = make_job(owner, ctx), make_job(owner, ctx)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
    assert [item.status for item in read_job(ctx, other).items] == ["pending"]


def test_an_unknown_job_is_not_found(owner: Connection, ctx: DomainContext) -> None:
    other = DomainContext(uuid7(), "test")
    theirs = make_job(owner, other)
    for job_id in (uuid7(), theirs.job_id):
        result = update_job_status(ctx, UpdateJobStatusParams(job_id, "failed"))
        assert failure_of(result, "NOT_FOUND", "job_not_found").details == {"job_id": job_id}
    assert read_job(other, theirs).job.status == "pending"
