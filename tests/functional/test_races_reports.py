"""Reports that arrive at once: each test forces the interleaving that loses on the naive way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from shared.domain import (
    CreatedJob,
    DomainContext,
    GetJobPageParams,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    get_job_page,
    get_job_with_items,
    retry_failed_items,
    update_job_item_results,
    update_job_status,
)
from shared.domain.ids import uuid7
from tests.factories import (
    assert_agreement,
    data_of,
    events_of,
    failure_of,
    make_ended_job,
    make_job,
    make_job_of,
    make_orders,
    read_item,
    read_job,
    report_error,
    report_success,
)
from tests.racing import holding, racers, results, two_racers

pytestmark = pytest.mark.usefixtures("kind")


def record(ctx: DomainContext, *item_ids: UUID) -> list[str]:
    reports = [UpdateJobItemResultParams(item_id, "success", tracking_number=f"T-{item_id}") for item_id in item_ids]
    return [result.outcome for result in data_of(update_job_item_results(ctx, reports))]


def job_in_reverse(owner: Connection, ctx: DomainContext, items: int) -> CreatedJob:
    """Create a job whose items lie on disk against the order of their ids: rows are inserted by order id."""
    order_ids = make_orders(owner, ctx.workspace_id, items)
    return make_job_of(ctx, order_ids[::-1])


@pytest.mark.usefixtures("kind")
def test_two_last_results_at_once_are_both_counted_and_end_the_job_once(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: each reads the counters, adds one and writes; one is lost and the job never ends."""
    job = make_job(owner, ctx, items=2)
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_jobs", job.job_id):
            one = first.start_blocked(report_success, ctx, job.items[0].item_id, "T-1")
            two = second.start_blocked(report_success, ctx, job.items[1].item_id, "T-2")
        assert results(one, two) == ["recorded", "recorded"]
    now = read_job(ctx, job).job
    assert (now.status, now.success_count, now.error_count) == ("completed", 2, 0)
    assert len(events_of(owner, workspace, "robot/job.completed")) == 1
    assert_agreement(owner, workspace)


@pytest.mark.parametrize(
    "read",
    [
        get_job_with_items,
        lambda ctx, job_id: get_job_page(ctx, GetJobPageParams(job_id)),
    ],
    ids=["whole", "page"],
)
def test_a_job_is_read_as_it_was_at_one_moment(owner: Connection, ctx: DomainContext, read: Callable[..., Any]) -> None:
    """Naive: the job is read, then a report is recorded, then its items are read: counters and items disagree."""
    job = make_job(owner, ctx, items=1)
    with racers(owner, ()) as [reader], psycopg.connect(owner.info.dsn, password=owner.info.password) as other:
        reader.start(read, ctx, job.job_id).result()  # its statements are planned before the table is locked
        other.execute("LOCK TABLE robot_job_items IN ACCESS EXCLUSIVE MODE")
        reading = reader.start_blocked(read, ctx, job.job_id)
        other.execute(
            "UPDATE robot_job_items SET status = 'error', error_type = 'portal', completed_at = now(),"
            " closed_by = 'robot', holds = false WHERE job_id = %s",
            [job.job_id],
        )
        other.execute(
            "UPDATE robot_jobs SET error_count = 1, status = 'failed', completed_at = now() WHERE id = %s", [job.job_id]
        )
        other.commit()
        seen = data_of(reading.result())
    assert seen.job.error_count == sum(item.status == "error" for item in seen.items)


@pytest.mark.usefixtures("kind")
def test_the_same_success_twice_at_once_counts_once(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: both read `pending`, both count."""
    job = make_job(owner, ctx, items=2)
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            one = first.start_blocked(report_success, ctx, job.items[0].item_id)
            two = second.start_blocked(report_success, ctx, job.items[0].item_id)
        assert sorted(results(one, two)) == ["duplicate", "recorded"]
    assert read_job(ctx, job).job.success_count == 1
    told = ("automation/robot.coord.completed", "automation/robot.guide.found")
    assert sum(len(events_of(owner, workspace, event)) for event in told) == 1
    assert len(events_of(owner, workspace, "automation/field.changed")) == 1


@pytest.mark.usefixtures("kind")
def test_two_numbers_for_one_item_at_once_are_a_conflict(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            one = first.start_blocked(report_success, ctx, job.items[0].item_id, "T-1")
            two = second.start_blocked(report_success, ctx, job.items[0].item_id, "T-2")
        outcomes = dict(zip(["T-1", "T-2"], results(one, two), strict=True))
    assert sorted(outcomes.values()) == ["conflict", "recorded"]
    assert outcomes[read_item(ctx, job).tracking_number or ""] == "recorded"


def test_an_error_and_a_success_at_once_leave_a_success(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_job(owner, ctx, items=2)
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            error = first.start_blocked(report_error, ctx, job.items[0].item_id)
            success = second.start_blocked(report_success, ctx, job.items[0].item_id)
        assert results(error)[0] in {"recorded", "stale"}
        assert results(success) == ["recorded"]
    assert read_item(ctx, job).status == "success"
    assert_agreement(owner, workspace)


def test_batches_that_share_items_in_opposite_orders_do_not_deadlock(owner: Connection, ctx: DomainContext) -> None:
    """Naive: each locks items as they come in its batch, or as they lie on disk."""
    job = job_in_reverse(owner, ctx, 3)
    low, middle, high = (item.item_id for item in job.items)
    by_index = ("enable_seqscan = off", "enable_bitmapscan = off")
    by_heap = ("enable_indexscan = off", "enable_bitmapscan = off", "enable_indexonlyscan = off")
    with racers(owner, by_index, by_heap) as (first, second):
        with holding(owner, "robot_job_items", middle):
            one = first.start_blocked(record, ctx, low, middle, high)
            two = second.start_blocked(record, ctx, high, middle, low)
        outcomes = results(one, two)
    assert sorted(outcomes) == [["duplicate"] * 3, ["recorded"] * 3]


def test_batches_of_several_jobs_do_not_deadlock(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    jobs = [make_job(owner, ctx, items=2) for _ in range(8)]
    # The rows now lie on disk against the order of their ids.
    for job in reversed(jobs):
        owner.execute("UPDATE robot_jobs SET updated_at = now() WHERE id = %s", [job.job_id])
    by_merging = ("enable_hashjoin = off", "enable_nestloop = off")
    by_heap = ("enable_mergejoin = off", "enable_nestloop = off", "enable_indexscan = off", "enable_bitmapscan = off")
    with racers(owner, by_merging, by_heap) as (first, second):
        with holding(owner, "robot_jobs", jobs[4].job_id):
            one = first.start_blocked(record, ctx, *(job.items[0].item_id for job in jobs))
            two = second.start_blocked(record, ctx, *(job.items[1].item_id for job in reversed(jobs)))
        assert results(one, two) == [["recorded"] * 8] * 2
    assert {read_job(ctx, job).job.status for job in jobs} == {"completed"}
    assert_agreement(owner, workspace)


@pytest.mark.parametrize("kind", ["shipment"], indirect=True)
def test_two_numbers_for_one_order_at_once_tell_one_story(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: the number that comes second replaces the first one, and the first shipment is lost."""
    old = make_ended_job(owner, ctx, "error")
    new = make_job_of(ctx, [old.items[0].order_id])
    with two_racers(owner) as (first, second):
        with holding(owner, "orders", old.items[0].order_id):
            one = first.start_blocked(report_success, ctx, old.items[0].item_id, "T-OLD")
            two = second.start_blocked(report_success, ctx, new.items[0].item_id, "T-NEW")
        assert results(one, two) == ["recorded", "recorded"]
    [change] = events_of(owner, workspace, "automation/field.changed")
    [duplicated] = events_of(owner, workspace, "robot/shipment.duplicated")
    assert {change["newValue"], duplicated["trackingNumber"]} == {"T-NEW", "T-OLD"}
    assert (change["previousValue"], duplicated["firstTrackingNumber"]) == (None, change["newValue"])
    assert owner.execute("SELECT tracking_number FROM orders WHERE id = %s", [old.items[0].order_id]).fetchall() == [
        (change["newValue"],)
    ]
    assert_agreement(owner, workspace)


def test_batches_that_share_orders_do_not_deadlock(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    order_ids = make_orders(owner, workspace, 3)
    # The first row now lies behind the last one.
    owner.execute("UPDATE orders SET name = 'moved' WHERE id = %s", [order_ids[0]])
    old = make_job_of(ctx, order_ids)
    data_of(update_job_status(ctx, UpdateJobStatusParams(old.job_id, "failed")))
    new = make_job_of(ctx, order_ids[::-1])
    by_index = ("enable_seqscan = off", "enable_bitmapscan = off")
    by_heap = ("enable_indexscan = off", "enable_bitmapscan = off", "enable_indexonlyscan = off")
    with racers(owner, by_index, by_heap) as (first, second):
        with holding(owner, "orders", order_ids[1]):
            one = first.start_blocked(record, ctx, *(item.item_id for item in old.items))
            two = second.start_blocked(record, ctx, *(item.item_id for item in new.items))
        assert results(one, two) == [["recorded"] * 3] * 2
    assert_agreement(owner, workspace)


def test_a_retry_while_the_last_result_arrives_keeps_the_counters_right(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: both write the error count that they read before."""
    job = make_job(owner, ctx, items=2)
    report_error(ctx, job.items[0].item_id)
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_jobs", job.job_id):
            reported = first.start_blocked(report_error, ctx, job.items[1].item_id)
            retried = second.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id))
        assert results(reported) == ["recorded"]
        # It waits for the workspace's line, and finds both.
        assert data_of(results(retried)[0]).item_ids == [item.item_id for item in job.items]
    now = read_job(ctx, job).job
    assert (now.status, now.success_count, now.error_count) == ("pending", 0, 0)
    assert_agreement(owner, workspace)


def test_a_retry_lets_go_of_an_item_whose_success_is_on_its_way(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: the retry reopens what has just been shipped."""
    job = make_ended_job(owner, ctx, "error", "error")
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            reported = first.start_blocked(report_success, ctx, job.items[0].item_id)
            retried = second.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id))
        assert results(reported) == ["recorded"]
        assert data_of(results(retried)[0]).item_ids == [job.items[1].item_id]
    assert [item.status for item in read_job(ctx, job).items] == ["success", "pending"]
    assert_agreement(owner, workspace)


def test_a_late_success_that_waits_for_a_retry_still_counts(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    job = make_ended_job(owner, ctx, "error", "error")
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            retried = second.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id))
            reported = first.start_blocked(report_success, ctx, job.items[0].item_id, "T-1", 1)
        assert data_of(results(retried)[0]).retried_count == 2
        assert results(reported) == ["recorded"]
    assert [item.status for item in read_job(ctx, job).items] == ["success", "pending"]
    assert_agreement(owner, workspace)


def test_ending_by_hand_does_not_overwrite_a_job_that_has_just_completed(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: a timeout writes `failed` over `completed`."""
    job = make_job(owner, ctx)
    end = UpdateJobStatusParams(job.job_id, "failed")
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            reported = first.start_blocked(report_success, ctx, job.items[0].item_id)
            ended = second.start_blocked(update_job_status, ctx, end)
        assert results(reported) == ["recorded"]
        failure_of(results(ended)[0], "CONFLICT", "invalid_transition")
    assert read_job(ctx, job).job.status == "completed"
    assert_agreement(owner, workspace)


def test_a_success_that_waits_for_an_end_by_hand_still_counts(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    job = make_job(owner, ctx)
    end = UpdateJobStatusParams(job.job_id, "failed", error_type="timeout")
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            ended = second.start_blocked(update_job_status, ctx, end)
            reported = first.start_blocked(report_success, ctx, job.items[0].item_id)
        assert results(ended)[0].success
        assert results(reported) == ["recorded"]
    now = read_job(ctx, job)
    assert (now.job.status, now.job.success_count, now.items[0].status) == ("completed", 1, "success")
    assert len(events_of(owner, workspace, "robot/job.completed")) == 1
    assert_agreement(owner, workspace)


def test_threads_do_not_see_each_other_s_workspace(owner: Connection, ctx: DomainContext) -> None:
    other = replace(ctx, workspace_id=uuid7())
    ours, theirs = make_job(owner, ctx), make_job(owner, other)
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", ours.items[0].item_id, theirs.items[0].item_id):
            one = first.start_blocked(report_success, ctx, ours.items[0].item_id)
            two = second.start_blocked(report_success, other, theirs.items[0].item_id)
        assert results(one, two) == ["recorded", "recorded"]
    assert_agreement(owner, ctx.workspace_id)
    assert_agreement(owner, other.workspace_id)
