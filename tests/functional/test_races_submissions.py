"""Submissions, retries and cancellations at once: each test forces the interleaving that loses on the naive way."""

from uuid import UUID

from psycopg import Connection

from shared.domain import (
    CreateRobotJobParams,
    DomainContext,
    RetryFailedItemsParams,
    UpdateJobStatusParams,
    create_robot_job,
    retry_failed_items,
    update_job_status,
)
from tests.factories import (
    assert_agreement,
    data_of,
    events_of,
    failure_of,
    make_ended_job,
    make_job,
    make_job_of,
    make_orders,
    read_job,
)
from tests.racing import Pause, holding, holding_line, results, two_racers


def test_one_idempotency_key_used_twice_at_once_makes_one_job(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: both look for the key and find none."""
    ours, theirs = ([order_id] for order_id in make_orders(owner, workspace, 2))
    pause = Pause(workspace)
    with two_racers(owner) as (first, second):
        one = first.start(pause.run, create_robot_job, ctx, CreateRobotJobParams(ours, idempotency_key="k"))
        pause.until_worked()
        two = second.start_blocked(create_robot_job, ctx, CreateRobotJobParams(theirs, idempotency_key="k"))
        pause.commit()
        [made] = results(one)
        [refused] = results(two)
    assert made is not None
    failure = failure_of(refused, "CONFLICT", "duplicate_job")
    assert failure.details == {"existing_job_id": data_of(made).job_id}
    assert owner.execute("SELECT count(*) FROM robot_jobs WHERE workspace_id = %s", [workspace]).fetchall() == [(1,)]
    assert_agreement(owner, workspace)


def test_a_key_whose_first_user_rolls_back_is_free(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    params = CreateRobotJobParams(make_orders(owner, workspace), idempotency_key="k")
    pause = Pause(workspace)
    with two_racers(owner) as (first, second):
        one = first.start(pause.run, create_robot_job, ctx, params)
        pause.until_worked()
        two = second.start_blocked(create_robot_job, ctx, params)
        pause.undo()
        assert results(one) == [None]
        made = data_of(results(two)[0])
    assert owner.execute("SELECT id FROM robot_jobs WHERE workspace_id = %s", [workspace]).fetchall() == [
        (made.job_id,)
    ]
    assert_agreement(owner, workspace)


def test_one_order_submitted_twice_at_once_is_in_one_job(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: both see that the order is free; the customer gets two parcels."""
    order_ids = make_orders(owner, workspace, 2)
    pause = Pause(workspace)
    with two_racers(owner) as (first, second):
        one = first.start(pause.run, create_robot_job, ctx, CreateRobotJobParams(order_ids[:1], idempotency_key="a"))
        pause.until_worked()
        two = second.start_blocked(create_robot_job, ctx, CreateRobotJobParams(order_ids, idempotency_key="b"))
        pause.commit()
        [made] = results(one)
        [refused] = results(two)
    assert made is not None
    failure = failure_of(refused, "CONFLICT", "order_in_open_job")
    assert failure.details == {"orders": [{"order_id": order_ids[0], "job_id": data_of(made).job_id}]}
    # A refused request does not use up its key.
    assert create_robot_job(ctx, CreateRobotJobParams(order_ids[1:], idempotency_key="b")).success
    assert_agreement(owner, workspace)


def test_submissions_that_share_orders_in_opposite_orders_do_not_deadlock(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    low, middle, high = make_orders(owner, workspace, 3)
    pause = Pause(workspace)
    with two_racers(owner) as (first, second), two_racers(owner) as (third, _):
        held = third.start(pause.run, create_robot_job, ctx, CreateRobotJobParams([middle]))
        pause.until_worked()
        one = first.start_blocked(create_robot_job, ctx, CreateRobotJobParams([low, middle, high]))
        two = second.start_blocked(create_robot_job, ctx, CreateRobotJobParams([high, middle, low]))
        pause.undo()
        assert results(held) == [None]
        made = results(one, two)
    assert sorted(result.success for result in made) == [False, True]
    assert_agreement(owner, workspace)


def test_two_retries_at_once_reopen_each_item_once(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: two hand-overs of the same order."""
    job = make_ended_job(owner, ctx, "error", "error")
    with two_racers(owner) as (first, second):
        with holding_line(owner, workspace):
            one = first.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id))
            two = second.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id))
        retried, refused = sorted(results(one, two), key=lambda result: not result.success)
    assert data_of(retried).retried_count == 2
    failure_of(refused, "INVALID", "nothing_to_retry")
    assert [event["dispatch"] for event in events_of(owner, workspace, "robot/job.submitted")] == [1, 2]
    assert_agreement(owner, workspace)


def test_two_retries_of_different_items_at_once_make_one_wave_and_a_line(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    job = make_ended_job(owner, ctx, "error", "error")
    mine, theirs = ([item.item_id] for item in job.items)
    with two_racers(owner) as (first, second):
        with holding_line(owner, workspace):
            one = first.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id, mine))
            two = second.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id, theirs))
        assert sorted(data_of(result).item_ids for result in results(one, two)) == sorted([mine, theirs])
    # The wave of whoever came first waits; the other's items are in line behind it.
    assert [event["dispatch"] for event in events_of(owner, workspace, "robot/job.submitted")] == [1, 2]
    assert sorted([item.status for item in read_job(ctx, job).items]) == ["pending", "pending"]
    assert_agreement(owner, workspace)


def test_a_retry_waits_for_the_job_that_takes_its_order_and_skips_it(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: the retry reopens an order that somebody else has just submitted."""
    job = make_ended_job(owner, ctx, "error", "error")
    pause = Pause(workspace)
    with two_racers(owner) as (first, second):
        one = first.start(pause.run, create_robot_job, ctx, CreateRobotJobParams([job.items[0].order_id]))
        pause.until_worked()
        two = second.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id))
        pause.commit()
        [made] = results(one)
        [refused] = results(two)
    assert made is not None
    [skipped] = data_of(refused).skipped
    assert (skipped.code, skipped.item_id) == ("order_in_open_job", job.items[0].item_id)
    assert skipped.job_id == data_of(made).job_id
    assert [item.status for item in read_job(ctx, job).items] == ["error", "pending"]
    assert_agreement(owner, workspace)


def test_a_retry_does_not_wait_for_failed_orders_of_another_job(owner: Connection, ctx: DomainContext) -> None:
    job, other = make_ended_job(owner, ctx, "error"), make_ended_job(owner, ctx, "error")
    with two_racers(owner) as (first, _), holding(owner, "orders", other.items[0].order_id):
        retried = first.start(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id))
        assert data_of(results(retried)[0]).retried_count == 1


def test_retries_of_jobs_that_share_failed_orders_do_not_deadlock(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    order_ids = make_orders(owner, workspace, 3)
    jobs = []
    for ids in (order_ids, order_ids[::-1]):
        job = make_job_of(ctx, ids)
        data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
        jobs.append(job)
    pause = Pause(workspace)
    with two_racers(owner) as (first, second), two_racers(owner) as (third, _):
        held = third.start(pause.run, create_robot_job, ctx, CreateRobotJobParams([order_ids[1]]))
        pause.until_worked()
        one = first.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(jobs[0].job_id))
        two = second.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(jobs[1].job_id))
        pause.undo()
        assert results(held) == [None]
        retried = results(one, two)
    assert sorted(result.success for result in retried) == [False, True]
    assert_agreement(owner, workspace)


def test_an_order_is_free_for_one_submission_only_after_its_job_was_ended(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    job = make_job(owner, ctx)
    pause = Pause(workspace)
    order_ids = [job.items[0].order_id]
    with two_racers(owner) as (first, second):
        one = first.start(pause.run, update_job_status, ctx, UpdateJobStatusParams(job.job_id, "failed"))
        pause.until_worked()
        two = second.start_blocked(create_robot_job, ctx, CreateRobotJobParams(order_ids))
        pause.commit()
        assert results(one)[0] is not None
        assert data_of(results(two)[0]).item_count == 1
    failure_of(create_robot_job(ctx, CreateRobotJobParams(order_ids)), "CONFLICT", "order_in_open_job")
    assert_agreement(owner, workspace)
