"""Waves: how a job is cut, whose turn it is, and what closes a wave."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from shared.domain import (
    ChangeJobParams,
    CreatedJob,
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    HandOver,
    NoHandOver,
    Postponed,
    RetryFailedItemsParams,
    UpdateJobStatusParams,
    UpdateOrderParams,
    UpsertCarrierConfigParams,
    cancel_job,
    change_job,
    claim_dispatch,
    create_robot_job,
    note_accepted,
    note_refused,
    note_unknown,
    pause_job,
    release_dispatch,
    resume_job,
    retry_failed_items,
    update_job_status,
    update_order,
    upsert_carrier_config,
)
from shared.domain.ids import uuid7
from shared.words import JobStatus
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    events_of,
    failure_of,
    hand_over,
    make_carrier_config,
    make_due,
    make_job,
    make_job_of,
    make_orders,
    read_job,
    report_error,
    report_success,
    row_of_dispatch,
)


@pytest.fixture(autouse=True)
def _carrier(owner: Connection, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)


def told(owner: Connection, ctx: DomainContext) -> list[tuple[str, int]]:
    """Return which waves were told of, as job and number, in order."""
    events = events_of(owner, ctx.workspace_id, "robot/job.submitted")
    return [(event["jobId"], event["dispatch"]) for event in events]


def waves_of(owner: Connection, job: CreatedJob) -> list[tuple[int, str, int]]:
    """Return number, status and size of each wave of a job."""
    rows = owner.execute(
        "SELECT dispatch, status, item_count FROM robot_job_dispatches WHERE job_id = %s ORDER BY dispatch",
        [job.job_id],
    )
    return rows.fetchall()


def in_waves(owner: Connection, job: CreatedJob) -> list[int | None]:
    """Return the wave that each item is in, in the order of the job."""
    rows = owner.execute("SELECT id, dispatch FROM robot_job_items WHERE job_id = %s", [job.job_id])
    found: dict[UUID, int | None] = dict(rows.fetchall())
    return [found[item.item_id] for item in job.items]


def report_all(ctx: DomainContext, job: CreatedJob, places: range) -> None:
    for place in places:
        assert report_success(ctx, job.items[place].item_id, f"T-{place}") == "recorded"


def is_called(ctx: DomainContext, job: CreatedJob, dispatch: int = 1) -> bool:
    """Tell whether the wave can be claimed now; it is then."""
    claimed = data_of(claim_dispatch(ctx, DispatchRef(job.job_id, dispatch)))
    if isinstance(claimed, HandOver):
        return True
    assert claimed == NoHandOver("it is not its turn")
    return False


# --- A job is cut ---------------------------------------------------------------------------------------------------
def test_a_job_goes_out_in_waves_of_its_size(owner: Connection, ctx: DomainContext) -> None:
    """Naive: a batch of 500 holds the robot for eight hours."""
    job = make_job(owner, ctx, items=5, wave_size=2)
    assert in_waves(owner, job) == [1, 1, None, None, None]
    hand_over(ctx, job)
    report_all(ctx, job, range(1))
    assert waves_of(owner, job) == [(1, "accepted", 2)]
    report_all(ctx, job, range(1, 2))
    assert waves_of(owner, job) == [(1, "closed", 2), (2, "waiting", 2)]
    assert in_waves(owner, job) == [1, 1, 2, 2, None]
    assert told(owner, ctx) == [(str(job.job_id), 1), (str(job.job_id), 2)]
    assert [item.item_id for item in claim(ctx, job, 2).items] == [item.item_id for item in job.items[2:4]]
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 2)))
    report_all(ctx, job, range(2, 4))
    hand_over(ctx, job, 3)
    assert events_of(owner, ctx.workspace_id, "robot/job.completed") == []
    report_all(ctx, job, range(4, 5))
    assert read_job(ctx, job).job.status == "completed"
    [completed] = events_of(owner, ctx.workspace_id, "robot/job.completed")
    assert (completed["dispatch"], completed["successCount"]) == (3, 5)
    assert waves_of(owner, job)[-1] == (3, "closed", 1)
    assert_agreement(owner, ctx.workspace_id)


def test_a_wave_has_its_own_deadline(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=5, wave_size=2)
    hand_over(ctx, job)
    row = row_of_dispatch(owner, job)
    assert row["deadline_at"] - row["accepted_at"] == timedelta(minutes=10, seconds=2 * 90)


def test_the_size_of_waves_is_the_job_s_then_the_workspace_s_then_25(owner: Connection, ctx: DomainContext) -> None:
    # What its account at another carrier says is nothing to this one.
    owner.execute(
        "INSERT INTO carrier_configs (workspace_id, carrier, wave_size) VALUES (%s, 'another', 9)", [ctx.workspace_id]
    )
    assert waves_of(owner, make_job(owner, ctx, items=30)) == [(1, "waiting", 25)]
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(wave_size=3)))
    assert waves_of(owner, make_job(owner, ctx, items=30)) == [(1, "waiting", 3)]
    assert waves_of(owner, make_job(owner, ctx, items=30, wave_size=7)) == [(1, "waiting", 7)]


@pytest.mark.parametrize("size", [0, 501, -1, "many", 2.0, True])
def test_a_size_that_no_wave_has_is_refused(owner: Connection, ctx: DomainContext, size: Any) -> None:
    order_ids = make_orders(owner, ctx.workspace_id)
    result = create_robot_job(ctx, CreateRobotJobParams(order_ids, wave_size=size))
    failure_of(result, "INVALID", "invalid_number")
    failure_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(wave_size=size)), "INVALID", "invalid_number")


def test_waves_are_cut_to_what_a_robot_takes(owner: Connection, ctx: DomainContext) -> None:
    """Naive: 25 large orders make a hand-over that is never made."""
    order_ids = make_orders(owner, ctx.workspace_id, 5)
    values = {order_id: {"direccion": "y" * 2_000_000} for order_id in order_ids}
    job = make_job_of(ctx, order_ids, item_values=values)
    assert in_waves(owner, job) == [1, 1, None, None, None]
    assert waves_of(owner, job) == [(1, "waiting", 2)]
    hand_over(ctx, job)
    report_all(ctx, job, range(2))
    assert in_waves(owner, job) == [1, 1, 2, 2, None]
    assert waves_of(owner, job) == [(1, "closed", 2), (2, "waiting", 2)]


def test_an_order_that_fills_more_than_a_wave_is_one_alone(owner: Connection, ctx: DomainContext) -> None:
    """Naive: none fits, and the job has no wave that could ever go out."""
    order_ids = make_orders(owner, ctx.workspace_id, 2)
    job = make_job_of(ctx, order_ids, item_values={order_ids[0]: {"direccion": "y" * 4_995_000}})
    assert in_waves(owner, job) == [1, None]
    assert [item.order_id for item in claim(ctx, job).items] == order_ids[:1]


def test_what_has_grown_until_its_claim_and_fits_no_more_goes_with_the_next_wave(
    owner: Connection, ctx: DomainContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(owner, ctx, items=3)
    monkeypatch.setattr("shared.domain.jobs.turn.MAX_WAVE_BYTES", 1_100)
    claimed = claim(ctx, job)
    assert len(claimed.items) == 2
    assert in_waves(owner, job) == [1, 1, None]
    assert waves_of(owner, job) == [(1, "claimed", 2)]
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 1)))
    report_all(ctx, job, range(2))
    assert [item.item_id for item in claim(ctx, job, 2).items] == [job.items[2].item_id]


def test_a_correction_made_at_noon_is_in_the_wave_of_one_o_clock(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2, wave_size=1)
    hand_over(ctx, job)
    data_of(update_order(ctx, UpdateOrderParams(job.items[1].order_id, shipping_address="Carrera 7 # 1-2")))
    report_all(ctx, job, range(1))
    [sent] = claim(ctx, job, 2).items
    assert sent.pedido_input["direccion"] == "Carrera 7 # 1-2"


def test_an_order_that_was_shipped_while_its_wave_waited_is_not_sent(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=3, wave_size=1)
    hand_over(ctx, job)
    data_of(update_order(ctx, UpdateOrderParams(job.items[1].order_id, tracking_number="BY-HAND")))
    report_all(ctx, job, range(1))
    # Nothing is left of the second wave, and the third is called at once.
    assert data_of(claim_dispatch(ctx, DispatchRef(job.job_id, 2))) == NoHandOver("nothing was left to send")
    closed = row_of_dispatch(owner, job, 2)
    assert (closed["status"], closed["last_error"]) == ("closed", "nothing was left to send")
    assert [item.item_id for item in claim(ctx, job, 3).items] == [job.items[2].item_id]
    assert_agreement(owner, ctx.workspace_id)


# --- Retries --------------------------------------------------------------------------------------------------------
def test_retried_items_are_in_line_behind_those_never_sent(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=5, wave_size=2)
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    assert in_waves(owner, job) == [None, 1, None, None, None]
    report_all(ctx, job, range(1, 2))
    assert in_waves(owner, job) == [None, 1, 2, 2, None]
    hand_over(ctx, job, 2)
    report_all(ctx, job, range(2, 4))
    assert in_waves(owner, job) == [3, 1, 2, 2, 3]
    assert_agreement(owner, ctx.workspace_id)


def test_an_error_of_an_earlier_wave_is_stale_for_an_item_in_line_and_a_success_counts(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: an item without a wave matches none, and its success is lost."""
    job = make_job(owner, ctx, items=3, wave_size=2)
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    assert report_error(ctx, job.items[0].item_id, "again", dispatch=1) == "stale"
    assert report_success(ctx, job.items[0].item_id, "T-0", dispatch=1) == "recorded"
    # Without a wave's number, of an item that is in none: it counts.
    assert report_error(ctx, job.items[2].item_id, "no") == "recorded"
    assert_agreement(owner, ctx.workspace_id)


def test_a_report_of_the_first_wave_while_the_second_runs(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=3, wave_size=1)
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    hand_over(ctx, job, 2)
    assert report_success(ctx, job.items[0].item_id, "T-0", dispatch=1) == "recorded"
    assert waves_of(owner, job) == [(1, "closed", 1), (2, "accepted", 1)]
    assert_agreement(owner, ctx.workspace_id)


# --- Whose turn it is -----------------------------------------------------------------------------------------------
def test_one_wave_of_a_workspace_is_with_the_robot_at_a_time(owner: Connection, ctx: DomainContext) -> None:
    """Naive: each job has its own, and the robot answers busy to all but one, for hours."""
    older, newer = make_job(owner, ctx, items=2, wave_size=1), make_job(owner, ctx)
    assert not is_called(ctx, newer)
    hand_over(ctx, older)
    assert not is_called(ctx, newer)
    # The older job goes on first.
    report_all(ctx, older, range(1))
    assert not is_called(ctx, newer)
    hand_over(ctx, older, 2)
    report_success(ctx, older.items[1].item_id, "T-1")
    assert told(owner, ctx)[-1] == (str(newer.job_id), 1)
    assert is_called(ctx, newer)


def test_each_carrier_has_a_line_and_the_workspace_makes_one_call_at_a_time(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: one carrier's robot, or its emergency stop, holds up the waves of the other."""
    owner.execute("INSERT INTO carrier_configs (workspace_id, carrier) VALUES (%s, 'envia')", [ctx.workspace_id])
    order_ids = make_orders(owner, ctx.workspace_id)
    first = make_job(owner, ctx)
    other = make_job_of(ctx, order_ids, carrier="envia", item_values={each: {"ciudad": "CALI"} for each in order_ids})
    second = make_job(owner, ctx)

    def called() -> list[bool]:
        return [row_of_dispatch(owner, job)["called_at"] is not None for job in (second, other)]

    assert called() == [False, True]
    claim(ctx, first)
    assert called() == [False, False]
    data_of(note_accepted(ctx, DispatchRef(first.job_id, 1)))
    assert called() == [False, True]
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(is_enabled=False)))
    report_all(ctx, first, range(1))
    assert called() == [False, True]
    owner.execute(
        "UPDATE carrier_configs SET is_enabled = carrier <> 'envia' WHERE workspace_id = %s", [ctx.workspace_id]
    )
    data_of(pause_job(ctx, make_job(owner, ctx).job_id))
    assert called() == [True, False]


def test_the_database_holds_one_wave_with_the_robot(owner: Connection, ctx: DomainContext) -> None:
    """Whatever code passes by: the index decides."""
    first, second = make_job(owner, ctx), make_job(owner, ctx)
    hand_over(ctx, first)
    with pytest.raises(psycopg.errors.UniqueViolation):
        owner.execute(
            "UPDATE robot_job_dispatches SET status = 'claimed', deadline_at = now() WHERE job_id = %s", [second.job_id]
        )


def test_an_urgent_job_overtakes_within_one_wave(owner: Connection, ctx: DomainContext) -> None:
    """Naive: three urgent orders wait behind five hundred."""
    normal = make_job(owner, ctx, items=50, wave_size=2)
    hand_over(ctx, normal)
    urgent = make_job(owner, ctx, items=3, priority="urgent")
    report_all(ctx, normal, range(2))
    assert not is_called(ctx, normal, 2)
    hand_over(ctx, urgent)
    for item in urgent.items:
        report_success(ctx, item.item_id, f"U-{item.item_id}")
    assert is_called(ctx, normal, 2)


def test_a_wave_that_waits_for_a_busy_robot_gives_way(owner: Connection, ctx: DomainContext) -> None:
    normal = make_job(owner, ctx)
    claim(ctx, normal)
    urgent = make_job(owner, ctx, priority="urgent")
    ref = DispatchRef(normal.job_id, 1)
    assert data_of(release_dispatch(ctx, ref, "busy", "no")) == NoHandOver("it is not its turn any more")
    make_due(owner, normal)
    assert not is_called(ctx, normal)
    assert is_called(ctx, urgent)
    assert told(owner, ctx)[-1] == (str(urgent.job_id), 1)


def test_a_job_is_made_urgent_while_it_waits(owner: Connection, ctx: DomainContext) -> None:
    first, second = make_job(owner, ctx), make_job(owner, ctx)
    data_of(change_job(ctx, ChangeJobParams(second.job_id, priority="urgent")))
    assert told(owner, ctx)[-1] == (str(second.job_id), 1)
    assert not is_called(ctx, first)
    data_of(change_job(ctx, ChangeJobParams(second.job_id, priority="normal")))
    assert not is_called(ctx, second)
    assert is_called(ctx, first)


def test_a_priority_is_for_a_job_that_goes_on(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    failure_of(change_job(ctx, ChangeJobParams(job.job_id)), "INVALID", "nothing_to_change")
    unknown: Any = "high"
    failure_of(change_job(ctx, ChangeJobParams(job.job_id, priority=unknown)), "INVALID", "invalid_choice")
    failure_of(change_job(ctx, ChangeJobParams(uuid7(), priority="urgent")), "NOT_FOUND", "job_not_found")
    both = change_job(ctx, ChangeJobParams(job.job_id, status="failed", priority="urgent"))
    assert data_of(both).job_id == job.job_id
    assert (read_job(ctx, job).job.status, read_job(ctx, job).job.priority) == ("failed", "urgent")
    failure_of(change_job(ctx, ChangeJobParams(job.job_id, priority="normal")), "CONFLICT", "invalid_transition")


def test_what_is_refused_of_a_change_changes_nothing_of_it(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    result = change_job(ctx, ChangeJobParams(job.job_id, status="completed", priority="urgent"))
    failure_of(result, "CONFLICT", "invalid_transition")
    assert read_job(ctx, job).job.priority == "normal"


def test_an_unknown_outcome_blocks_its_own_job_and_no_other(owner: Connection, ctx: DomainContext) -> None:
    """A tenant's robot that hangs costs one call after the other, never two at once."""
    hanging, other = make_job(owner, ctx, items=2, wave_size=1), make_job(owner, ctx)
    claim(ctx, hanging)
    assert not is_called(ctx, other)
    data_of(note_unknown(ctx, DispatchRef(hanging.job_id, 1)))
    assert waves_of(owner, hanging) == [(1, "unknown", 1)]
    assert told(owner, ctx)[-1] == (str(other.job_id), 1)
    assert is_called(ctx, other)
    report_success(ctx, hanging.items[0].item_id, "T-0", dispatch=1)
    assert waves_of(owner, hanging) == [(1, "closed", 1), (2, "waiting", 1)]


def test_reports_during_the_call_close_the_wave_when_its_outcome_is_noted(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: the wave closes under the call, and a second call of the workspace begins beside it."""
    job = make_job(owner, ctx, items=2, wave_size=1)
    claim(ctx, job)
    report_all(ctx, job, range(1))
    assert waves_of(owner, job) == [(1, "claimed", 1)]
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 1)))
    assert waves_of(owner, job) == [(1, "closed", 1), (2, "waiting", 1)]
    assert is_called(ctx, job, 2)


def test_a_refusal_for_good_ends_its_own_wave_only(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=3, wave_size=1)
    claim(ctx, job)
    data_of(note_refused(ctx, DispatchRef(job.job_id, 1), "HTTP 400"))
    assert [item.status for item in read_job(ctx, job).items] == ["error", "pending", "pending"]
    assert is_called(ctx, job, 2)


def test_what_is_given_up_is_all_that_no_robot_has(owner: Connection, ctx: DomainContext) -> None:
    job, other = make_job(owner, ctx, items=3, wave_size=1), make_job(owner, ctx)
    claim(ctx, job)
    owner.execute(
        "UPDATE robot_job_dispatches SET refused_as = 'busy', refused_since = now() - interval '25 h'"
        " WHERE job_id = %s",
        [job.job_id],
    )
    assert data_of(release_dispatch(ctx, DispatchRef(job.job_id, 1), "busy", "no")) == NoHandOver("given up")
    assert {item.error_message for item in read_job(ctx, job).items} == {"given up after 24 h: no"}
    assert read_job(ctx, job).job.status == "failed"
    assert is_called(ctx, other)
    assert_agreement(owner, ctx.workspace_id)


@pytest.mark.parametrize("how", ["behind another job", "paused", "held"])
def test_time_without_a_turn_does_not_count_to_giving_up(owner: Connection, ctx: DomainContext, how: str) -> None:
    """Naive: a job that was paused overnight is given up at the first busy answer of the morning."""
    job = make_job(owner, ctx)
    claim(ctx, job)
    ref = DispatchRef(job.job_id, 1)
    data_of(release_dispatch(ctx, ref, "busy", "no"))
    urgent = make_job(owner, ctx, priority="urgent") if how == "behind another job" else None
    if how == "paused":
        data_of(pause_job(ctx, job.job_id))
    elif how == "held":
        data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(is_enabled=False)))
    owner.execute(
        "UPDATE robot_job_dispatches SET refused_since = refused_since - interval '25 h',"
        " first_refused_at = first_refused_at - interval '25 h', parked_at = parked_at - interval '25 h'"
        " WHERE job_id = %s",
        [job.job_id],
    )
    if urgent is not None:
        data_of(cancel_job(ctx, urgent.job_id))
    elif how == "paused":
        data_of(resume_job(ctx, job.job_id))
    else:
        data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(is_enabled=True)))
    claim(ctx, job)
    assert isinstance(data_of(release_dispatch(ctx, ref, "busy", "no")), Postponed)


# --- The brake ------------------------------------------------------------------------------------------------------
def test_a_paused_job_s_wave_goes_on_and_the_next_does_not_start(owner: Connection, ctx: DomainContext) -> None:
    job, other = make_job(owner, ctx, items=4, wave_size=1), make_job(owner, ctx)
    hand_over(ctx, job)
    for _ in range(2):
        assert data_of(pause_job(ctx, job.job_id)).job_id == job.job_id
    assert len(events_of(owner, ctx.workspace_id, "robot/job.paused")) == 1
    assert report_success(ctx, job.items[0].item_id, "T-0") == "recorded"
    assert not is_called(ctx, job, 2)
    hand_over(ctx, other)
    report_success(ctx, other.items[0].item_id, "T-9")
    assert not is_called(ctx, job, 2)
    for _ in range(2):
        data_of(resume_job(ctx, job.job_id))
    assert told(owner, ctx)[-1] == (str(job.job_id), 2)
    assert is_called(ctx, job, 2)


def test_who_pauses_or_resumes_a_job_pauses_and_resumes_no_other(owner: Connection, ctx: DomainContext) -> None:
    paused, resumed, beside = (make_job(owner, ctx) for _ in range(3))
    for job in (paused, resumed):
        data_of(pause_job(ctx, job.job_id))
    data_of(resume_job(ctx, resumed.job_id))
    assert [read_job(ctx, job).job.paused_at is None for job in (paused, resumed, beside)] == [False, True, True]


def test_a_pause_is_for_a_job_that_goes_on_and_ends_with_it(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    data_of(pause_job(ctx, job.job_id))
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
    ended = read_job(ctx, job).job
    assert (ended.paused_at, ended.paused_reason) == (None, None)
    for call in (pause_job, resume_job):
        failure_of(call(ctx, job.job_id), "CONFLICT", "invalid_transition")
        failure_of(call(ctx, uuid7()), "NOT_FOUND", "job_not_found")
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    assert is_called(ctx, job, 2)


def test_a_pause_stops_a_retry_s_wave(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2)
    report_error(ctx, job.items[0].item_id)
    data_of(pause_job(ctx, job.job_id))
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    assert not is_called(ctx, job, 1)


def test_cancel_takes_effect_within_the_wave(owner: Connection, ctx: DomainContext) -> None:
    job, other = make_job(owner, ctx, items=500, wave_size=25), make_job(owner, ctx)
    for wave in range(1, 4):
        hand_over(ctx, job, wave)
        if wave < 3:
            report_all(ctx, job, range(25 * (wave - 1), 25 * wave))
    assert data_of(cancel_job(ctx, job.job_id)).cancelled_count == 500 - 75
    assert waves_of(owner, job)[-1] == (3, "accepted", 25)
    assert read_job(ctx, job).job.status == "processing"
    assert data_of(cancel_job(ctx, job.job_id)).cancelled_count == 0
    report_all(ctx, job, range(50, 75))
    now = read_job(ctx, job)
    assert (now.job.status, now.job.success_count, now.job.error_count) == ("completed", 75, 425)
    assert {item.error_message for item in now.items if item.status == "error"} == {"cancelled by tester"}
    assert is_called(ctx, other)
    assert_agreement(owner, ctx.workspace_id)


def test_the_emergency_stop_holds_every_wave_and_ends_nothing(owner: Connection, ctx: DomainContext) -> None:
    """Naive: a disabled account ends all that waits."""
    job, other = make_job(owner, ctx, items=2, wave_size=1), make_job(owner, ctx)
    hand_over(ctx, job)
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(is_enabled=False)))
    report_success(ctx, job.items[0].item_id, "T-0")
    assert not is_called(ctx, job, 2)
    assert not is_called(ctx, other)
    assert [item.status for item in read_job(ctx, job).items] == ["success", "pending"]
    # What is set meanwhile lets nothing go.
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(portal_username="otra")))
    assert not is_called(ctx, job, 2)
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(is_enabled=True)))
    assert told(owner, ctx)[-1] == (str(job.job_id), 2)
    assert is_called(ctx, job, 2)


def test_an_account_without_an_address_ends_all_of_the_job_that_no_robot_has(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    job = make_job(owner, ctx, items=3, wave_size=1)
    hand_over(ctx, job)
    owner.execute("UPDATE carrier_configs SET robot_url = NULL WHERE workspace_id = %s", [workspace])
    report_success(ctx, job.items[0].item_id, "T-0")
    assert data_of(claim_dispatch(ctx, DispatchRef(job.job_id, 2))) == NoHandOver("the carrier is not configured")
    assert [item.status for item in read_job(ctx, job).items] == ["success", "error", "error"]
    assert read_job(ctx, job).job.status == "completed"


@pytest.mark.parametrize("status", ["failed", "completed"])
def test_a_job_that_was_ended_by_hand_during_its_call_is_retried_when_the_call_is_over(
    owner: Connection, ctx: DomainContext, workspace: UUID, status: JobStatus
) -> None:
    """Each end has a number of its own, by which the second is not taken for a repeat of the first."""
    job = make_job(owner, ctx, items=2, wave_size=1)
    claim(ctx, job)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "processing")))
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, status)))
    assert data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id))).retried_count == 1
    data_of(cancel_job(ctx, job.job_id))
    ends = [event["dispatch"] for event in events_of(owner, workspace, "robot/job.completed")]
    assert len(ends) == len(set(ends)) == 2
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 1)))
    latest = waves_of(owner, job)[-1]
    assert latest[1:] == ("waiting", 1)
    assert is_called(ctx, job, latest[0])
