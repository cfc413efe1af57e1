"""Hand-overs, deadlines and what else happens to a job at once."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    ChangeJobParams,
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    HandOver,
    NoHandOver,
    RetryFailedItemsParams,
    UpdateJobStatusParams,
    UpsertCarrierConfigParams,
    cancel_job,
    change_job,
    claim_dispatch,
    close_dispatches,
    create_robot_job,
    note_accepted,
    note_refused,
    note_unknown,
    pause_job,
    release_dispatch,
    retry_failed_items,
    update_job_status,
    upsert_carrier_config,
)
from shared.domain.ids import uuid7
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    failure_of,
    hand_over,
    make_carrier_config,
    make_ended_job,
    make_job,
    make_orders,
    read_item,
    read_job,
    report_error,
    report_success,
    row_of_dispatch,
)
from tests.racing import holding, holding_line, racers, results, two_racers


def test_a_dispatch_claimed_twice_at_once_is_handed_over_once(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: a redelivered message hands the batch over twice; two shipments an order."""
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx, items=2)
    ref = DispatchRef(job.job_id, 1)
    with two_racers(owner) as (first, second):
        with holding_line(owner, workspace):
            one = first.start_blocked(claim_dispatch, ctx, ref)
            two = second.start_blocked(claim_dispatch, ctx, ref)
        claims = [data_of(result) for result in results(one, two)]
    assert sorted(isinstance(claimed, HandOver) for claimed in claims) == [False, True]
    assert NoHandOver("the dispatch is claimed") in claims
    assert row_of_dispatch(owner, job)["attempts"] == 1


def test_a_claim_leaves_out_an_item_that_is_just_being_reported(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx, items=2)
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            reported = first.start_blocked(report_success, ctx, job.items[0].item_id)
            claimed = second.start_blocked(claim_dispatch, ctx, DispatchRef(job.job_id, 1))
        assert results(reported) == ["recorded"]
        handed_over = data_of(results(claimed)[0])
    assert isinstance(handed_over, HandOver)
    assert [item.item_id for item in handed_over.items] == [job.items[1].item_id]


def test_a_cancellation_that_waits_for_a_claim_closes_nothing(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: the operator is told that it was cancelled, and the robot ships it."""
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx)
    with two_racers(owner) as (first, second):
        with holding_line(owner, workspace):
            claimed = first.start_blocked(claim_dispatch, ctx, DispatchRef(job.job_id, 1))
            cancelled = second.start_blocked(cancel_job, ctx, job.job_id)
        assert isinstance(data_of(results(claimed)[0]), HandOver)
        assert data_of(results(cancelled)[0]).cancelled_count == 0
    assert read_item(ctx, job).status == "pending"


def test_a_claim_that_waits_for_a_cancellation_hands_nothing_over(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx)
    with two_racers(owner) as (first, second):
        with holding_line(owner, workspace):
            cancelled = first.start_blocked(cancel_job, ctx, job.job_id)
            claimed = second.start_blocked(claim_dispatch, ctx, DispatchRef(job.job_id, 1))
        assert data_of(results(cancelled)[0]).cancelled_count == 1
        assert data_of(results(claimed)[0]) == NoHandOver("the dispatch is closed")
    assert read_item(ctx, job).error_message == "cancelled by tester"
    assert_agreement(owner, workspace)


def test_a_cancellation_counts_only_what_no_report_has_closed(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    job = make_job(owner, ctx, items=2)
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            reported = first.start_blocked(report_success, ctx, job.items[0].item_id)
            cancelled = second.start_blocked(cancel_job, ctx, job.job_id)
        assert results(reported) == ["recorded"]
        assert data_of(results(cancelled)[0]).cancelled_count == 1
    assert read_job(ctx, job).job.status == "completed"
    assert_agreement(owner, workspace)


def test_a_job_whose_last_item_is_just_reported_cannot_be_cancelled(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            reported = first.start_blocked(report_error, ctx, job.items[0].item_id)
            cancelled = second.start_blocked(cancel_job, ctx, job.job_id)
        assert results(reported) == ["recorded"]
        failure_of(results(cancelled)[0], "CONFLICT", "invalid_transition")
    assert read_item(ctx, job).error_message == "no"


def test_an_end_by_hand_and_a_retry_at_once_leave_no_open_item_in_an_ended_job(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: the end does not see the item that the retry opens."""
    job = make_job(owner, ctx, items=2)
    report_error(ctx, job.items[0].item_id)
    with two_racers(owner) as (first, second):
        with holding_line(owner, workspace):
            retried = first.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id))
            ended = second.start_blocked(update_job_status, ctx, UpdateJobStatusParams(job.job_id, "failed"))
        assert data_of(results(retried)[0]).retried_count == 1
        assert results(ended)[0].success
    now = read_job(ctx, job)
    assert (now.job.status, now.job.error_count) == ("failed", 2)
    assert {item.status for item in now.items} == {"error"}
    assert_agreement(owner, workspace)


def test_an_acceptance_that_comes_after_the_reports_opens_nothing_again(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx)
    claim(ctx, job)
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            reported = first.start_blocked(report_success, ctx, job.items[0].item_id)
            accepted = second.start_blocked(note_accepted, ctx, DispatchRef(job.job_id, 1))
        assert results(reported) == ["recorded"]
        assert results(accepted)[0].success
    now = read_job(ctx, job)
    assert (now.job.status, now.items[0].status) == ("completed", "success")
    assert_agreement(owner, workspace)


def test_cleaning_up_after_a_job_leaves_a_retry_s_dispatch_waiting(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: the message of the first end closes the second hand-over."""
    job = make_ended_job(owner, ctx, "error")
    with two_racers(owner) as (first, second):
        with holding_line(owner, workspace):
            retried = first.start_blocked(retry_failed_items, ctx, RetryFailedItemsParams(job.job_id))
            closed = second.start_blocked(close_dispatches, ctx, job.job_id)
        assert data_of(results(retried)[0]).retried_count == 1
        assert results(closed)[0].success
    assert [row_of_dispatch(owner, job, dispatch)["status"] for dispatch in (1, 2)] == ["closed", "waiting"]
    assert_agreement(owner, workspace)


def test_an_end_by_hand_does_not_wait_for_reports_about_items_that_are_closed(
    owner: Connection, ctx: DomainContext
) -> None:
    job = make_job(owner, ctx, items=2)
    report_error(ctx, job.items[0].item_id)
    with two_racers(owner) as (first, _), holding(owner, "robot_job_items", job.items[0].item_id):
        ended = first.start(update_job_status, ctx, UpdateJobStatusParams(job.job_id, "failed"))
        assert results(ended)[0].success


ENDS: dict[str, Callable[[DomainContext, DispatchRef], Any]] = {
    "cancelled": lambda ctx, ref: cancel_job(ctx, ref.job_id),
    "released": lambda ctx, ref: release_dispatch(ctx, ref, "busy", "no"),
    "refused": lambda ctx, ref: note_refused(ctx, ref, "no"),
    "ended by hand": lambda ctx, ref: update_job_status(ctx, UpdateJobStatusParams(ref.job_id, "failed")),
}
ENDS |= {f"{how} after its end by hand": ENDS[how] for how in ("released", "refused")}


@pytest.mark.parametrize("how", ENDS)
def test_who_ends_a_hand_over_waits_for_whoever_writes_its_orders_and_holds_no_item_meanwhile(
    owner: Connection, ctx: DomainContext, workspace: UUID, how: str
) -> None:
    """Naive: items first and their orders later; whoever has locked an order and wants its items waits for ever."""
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx)
    ref = DispatchRef(job.job_id, 1)
    if how != "cancelled":
        claim(ctx, job)
    if how == "ended by hand":
        data_of(note_accepted(ctx, ref))
    elif how.endswith("after its end by hand"):
        data_of(ENDS["ended by hand"](ctx, ref))
    with two_racers(owner) as (first, _):
        with holding(owner, "orders", job.items[0].order_id):
            ended = first.start_blocked(ENDS[how], ctx, ref)
            owner.execute("SELECT FROM robot_job_items WHERE job_id = %s FOR UPDATE NOWAIT", [job.job_id])
        assert results(ended)[0].success
    assert_agreement(owner, workspace)


def test_a_claim_does_not_wait_for_orders_of_another_job(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: while an order of another job's first wave is being corrected, no first wave goes out."""
    make_carrier_config(owner, workspace)
    job, other = make_job(owner, ctx), make_job(owner, ctx)
    with two_racers(owner) as (first, _), holding(owner, "orders", other.items[0].order_id):
        claimed = first.start(claim_dispatch, ctx, DispatchRef(job.job_id, 1))
        assert isinstance(data_of(results(claimed)[0]), HandOver)


def test_two_jobs_whose_waves_become_next_at_once_are_called_one_after_the_other(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: each closes what was before it, finds nobody at the robot, and calls its own."""
    make_carrier_config(owner, workspace)
    running = [make_job(owner, ctx, items=2, wave_size=1) for _ in range(2)]
    claim(ctx, running[0])
    data_of(note_unknown(ctx, DispatchRef(running[0].job_id, 1)))
    hand_over(ctx, running[1])
    with two_racers(owner) as (first, second):
        with holding_line(owner, workspace):
            one = first.start_blocked(report_success, ctx, running[0].items[0].item_id, "T-1")
            two = second.start_blocked(report_success, ctx, running[1].items[0].item_id, "T-2")
        assert results(one, two) == ["recorded", "recorded"]
    called = owner.execute(
        "SELECT job_id FROM robot_job_dispatches WHERE workspace_id = %s AND status = 'waiting'"
        " AND called_at IS NOT NULL",
        [workspace],
    ).fetchall()
    assert called == [(running[0].job_id,)]
    assert_agreement(owner, workspace)


@pytest.mark.parametrize("change", ["submission", "priority", "configuration"])
def test_who_may_change_whose_turn_it_is_waits_for_whoever_just_does(
    owner: Connection, ctx: DomainContext, workspace: UUID, change: str
) -> None:
    """Naive: each sees the line as it was before the other, and the turn that one has given the other takes away."""
    make_carrier_config(owner, workspace)
    job, [order_id] = make_job(owner, ctx), make_orders(owner, workspace)
    calls: dict[str, Any] = {
        "submission": lambda: create_robot_job(ctx, CreateRobotJobParams([order_id])),
        "priority": lambda: change_job(ctx, ChangeJobParams(job.job_id, priority="urgent")),
        "configuration": lambda: upsert_carrier_config(ctx, UpsertCarrierConfigParams(is_enabled=False)),
    }
    with racers(owner, ()) as (second,):
        with holding_line(owner, workspace):
            waits = second.start_blocked(calls[change])
        [result] = results(waits)
    assert result.success


def test_a_pause_while_the_claim_is_being_made_stops_the_next_wave(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx, items=2, wave_size=1)
    with two_racers(owner) as (first, second):
        with holding(owner, "orders", job.items[0].order_id):
            claimed = first.start_blocked(claim_dispatch, ctx, DispatchRef(job.job_id, 1))
            paused = second.start_blocked(pause_job, ctx, job.job_id)
        assert isinstance(data_of(results(claimed)[0]), HandOver)
        assert results(paused)[0].success
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 1)))
    report_success(ctx, job.items[0].item_id, "T-1")
    assert data_of(claim_dispatch(ctx, DispatchRef(job.job_id, 2))) == NoHandOver("it is not its turn")


def test_a_pause_before_the_claim_stops_it(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: what was called before the pause is handed over after it."""
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx)
    with two_racers(owner) as (first, second):
        with holding_line(owner, workspace):
            paused = first.start_blocked(pause_job, ctx, job.job_id)
            claimed = second.start_blocked(claim_dispatch, ctx, DispatchRef(job.job_id, 1))
        assert results(paused)[0].success
        assert data_of(results(claimed)[0]) == NoHandOver("it is not its turn")


def test_a_robot_that_hangs_takes_one_call_of_a_workspace_at_a_time(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: twenty jobs of one workspace hold every slot that there is, and the other workspace waits."""
    make_carrier_config(owner, workspace)
    other = DomainContext(uuid7(), "test")
    make_carrier_config(owner, other.workspace_id)
    jobs, theirs = [make_job(owner, ctx) for _ in range(20)], make_job(owner, other)
    calls = 0
    with racers(owner, *[()] * 4) as several:
        for turn in range(3):
            tried = [
                several[place % 4].start(claim_dispatch, ctx, DispatchRef(job.job_id, 1))
                for place, job in enumerate(jobs)
            ]
            made = [data_of(result) for result in results(*tried)]
            [handed] = [each for each in made if isinstance(each, HandOver)]
            assert handed.job_id == jobs[turn].job_id
            calls += 1
            # It never answers: nobody knows whether it has the order.
            data_of(note_unknown(ctx, DispatchRef(handed.job_id, 1)))
    assert calls == 3
    claim(other, theirs)
