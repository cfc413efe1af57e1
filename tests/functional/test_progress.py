"""What a job says of how it goes on: its wave, why it stands still, when it may end."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    GetJobPageParams,
    Pause,
    RobotJobInDetail,
    UpdateJobItemResultParams,
    UpsertCarrierConfigParams,
    cancel_job,
    get_job_page,
    get_pause,
    note_accepted,
    note_unknown,
    pause_job,
    release_dispatch,
    resume_job,
    update_job_item_result,
    upsert_carrier_config,
)
from shared.domain.jobs.models import Waiting, Wave
from shared.words import ReportStatus
from tests.factories import (
    claim,
    data_of,
    events_of,
    hand_over,
    in_next_wave,
    make_carrier_config,
    make_job,
    make_job_of,
    make_orders,
    report_error,
    report_success,
    row_of_dispatch,
)


@pytest.fixture(autouse=True)
def _carrier(owner: Connection, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)


def read(ctx: DomainContext, job: CreatedJob) -> RobotJobInDetail:
    return data_of(get_job_page(ctx, GetJobPageParams(job.job_id))).job


def waiting(ctx: DomainContext, job: CreatedJob) -> Waiting:
    shown = read(ctx, job)
    assert shown.waiting is not None
    assert shown.estimated_end_at is None
    return shown.waiting


def test_a_job_of_a_carrier_without_settings_says_how_it_goes_on_too(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: what is known of the wave is only read where there are settings beside it."""
    job = make_job(owner, ctx, items=2)
    hand_over(ctx, job)
    with_settings = read(ctx, job).wave
    owner.execute("DELETE FROM carrier_configs WHERE workspace_id = %s", [workspace])
    without = read(ctx, job).wave
    assert without == with_settings
    assert without is not None


def test_a_wave_that_is_out_is_shown_and_nothing_stands_still(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=5, wave_size=3)
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    shown, row = read(ctx, job), row_of_dispatch(owner, job)
    assert shown.wave == Wave(1, 3, 1, row["accepted_at"], row["deadline_at"])
    assert (shown.waiting, shown.priority, shown.wave_size) == (None, "normal", 3)


def test_of_a_wave_whose_call_is_under_way_nothing_is_reported(owner: Connection, ctx: DomainContext) -> None:
    """Naive: what the robot has not taken yet counts as closed."""
    job = make_job(owner, ctx, items=3)
    claim(ctx, job)
    row = row_of_dispatch(owner, job)
    assert read(ctx, job).wave == Wave(1, 3, 0, row["claimed_at"], row["deadline_at"])
    report_error(ctx, job.items[0].item_id)
    assert read(ctx, job).wave == Wave(1, 3, 1, row["claimed_at"], row["deadline_at"])


def test_the_wave_that_is_out_is_shown_and_none_of_unknown_outcome_from_before_there_were_waves(
    owner: Connection, ctx: DomainContext
) -> None:
    job = make_job(owner, ctx, items=2)
    hand_over(ctx, job)
    dispatch = in_next_wave(owner, job, job.items[1].item_id)
    owner.execute("UPDATE robot_job_items SET dispatch = %s WHERE id = %s", [dispatch, job.items[1].item_id])
    owner.execute(
        "UPDATE robot_job_dispatches SET status = 'unknown', accepted_at = NULL, called_at = NULL, closed_at = NULL"
        " WHERE job_id = %s AND dispatch = 1",
        [job.job_id],
    )
    owner.execute(
        "UPDATE robot_job_dispatches SET status = 'unknown', claimed_at = now(), deadline_at = now(), called_at = now()"
        " WHERE job_id = %s AND dispatch = %s",
        [job.job_id, dispatch],
    )
    shown = read(ctx, job).wave
    assert shown is not None
    assert shown.dispatch == dispatch


def test_before_its_first_try_a_job_is_about_to_start(owner: Connection, ctx: DomainContext) -> None:
    shown = read(ctx, make_job(owner, ctx))
    assert (shown.waiting, shown.wave, shown.estimated_end_at) == (None, None, None)


def test_a_robot_that_is_busy_or_away(owner: Connection, ctx: DomainContext) -> None:
    for refused_as, reason in (("busy", "robot_busy"), ("unreachable", "robot_unreachable")):
        job = make_job(owner, ctx)
        claim(ctx, job)
        kind: Any = refused_as
        data_of(release_dispatch(ctx, DispatchRef(job.job_id, 1), kind, "Ya hay un lote en proceso"))
        row = row_of_dispatch(owner, job)
        assert waiting(ctx, job) == Waiting(
            reason,  # type: ignore[arg-type] # one of two
            row["refused_since"],
            row["next_attempt_at"],
            "Ya hay un lote en proceso",
        )
        data_of(cancel_job(ctx, job.job_id))


def test_behind_another_job_until_it_is_over(owner: Connection, ctx: DomainContext) -> None:
    first, second = make_job(owner, ctx), make_job(owner, ctx)
    stands = waiting(ctx, second)
    assert (stands.reason, stands.behind_job_id) == ("behind_job", first.job_id)
    # What is behind is nothing to wait for.
    assert read(ctx, first).waiting is None
    claim(ctx, first)
    assert waiting(ctx, second) == stands
    data_of(note_accepted(ctx, DispatchRef(first.job_id, 1)))
    assert waiting(ctx, second) == stands
    report_success(ctx, first.items[0].item_id)
    assert read(ctx, second).waiting is None


def test_a_job_stands_behind_another_since_it_gave_way_or_its_wave_was_made(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: since it was submitted, though its first wave was out for hours."""
    job = make_job(owner, ctx, items=4, wave_size=2)
    urgent = make_job(owner, ctx, priority="urgent")
    gave_way = row_of_dispatch(owner, job)
    stands = waiting(ctx, job)
    assert (stands.behind_job_id, stands.since) == (urgent.job_id, gave_way["parked_at"])
    assert gave_way["parked_at"] > gave_way["created_at"]
    data_of(cancel_job(ctx, urgent.job_id))
    hand_over(ctx, job)
    urgent = make_job(owner, ctx, priority="urgent")
    for item in job.items[:2]:
        report_success(ctx, item.item_id, f"T-{item.item_id}")
    next_wave = row_of_dispatch(owner, job, 2)
    stands = waiting(ctx, job)
    assert (stands.behind_job_id, stands.since) == (urgent.job_id, next_wave["created_at"])
    assert next_wave["created_at"] > read(ctx, job).created_at


def test_a_pause_says_why(owner: Connection, ctx: DomainContext) -> None:
    by_hand, by_errors = make_job(owner, ctx), make_job(owner, ctx, items=12, wave_size=6)
    data_of(pause_job(ctx, by_hand.job_id))
    assert (waiting(ctx, by_hand).reason, waiting(ctx, by_hand).message) == ("paused", None)
    hand_over(ctx, by_errors)
    for item in by_errors.items[:5]:
        report_error(ctx, item.item_id, "Login fallido")
    # The wave that is out goes on.
    shown = read(ctx, by_errors)
    assert (shown.waiting, shown.estimated_end_at, shown.paused_reason) == (None, None, "errors")
    report_error(ctx, by_errors.items[5].item_id, "Login fallido")
    stands = waiting(ctx, by_errors)
    assert (stands.reason, stands.message, stands.since) == ("paused", "Login fallido", shown.paused_at)


def test_who_pauses_a_job_that_errors_had_paused_does_not_repeat_their_words(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: the operator sees the robot's error of yesterday as the reason of today's pause."""
    job = make_job(owner, ctx, items=12, wave_size=6)
    hand_over(ctx, job)
    for item in job.items[:6]:
        report_error(ctx, item.item_id, "Login fallido")
    data_of(resume_job(ctx, job.job_id))
    assert data_of(get_pause(ctx, job.job_id)) == Pause(None, 0)
    data_of(pause_job(ctx, job.job_id))
    assert data_of(get_pause(ctx, job.job_id)) == Pause("operator", 0)
    assert waiting(ctx, job).message is None
    told = events_of(owner, ctx.workspace_id, "robot/job.paused")
    assert [(event["reason"], event.get("message")) for event in told] == [
        ("errors", "Login fallido"),
        ("operator", None),
    ]


def test_what_another_carrier_does_is_no_reason_to_stand_still(owner: Connection, ctx: DomainContext) -> None:
    """Naive: a job says that it is behind one of another carrier's, or that its account is disabled."""
    owner.execute(
        "INSERT INTO carrier_configs (workspace_id, carrier, is_enabled, disabled_at)"
        " VALUES (%s, 'envia', false, now())",
        [ctx.workspace_id],
    )
    elsewhere, job = make_job(owner, ctx, carrier="servientrega"), make_job(owner, ctx)
    assert read(ctx, job).waiting is None
    claim(ctx, job)
    data_of(release_dispatch(ctx, DispatchRef(job.job_id, 1), "busy", "no"))
    assert waiting(ctx, job).reason == "robot_busy"
    assert read(ctx, elsewhere).waiting is None


def test_a_disabled_account_and_an_unknown_outcome(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    claim(ctx, job)
    data_of(note_unknown(ctx, DispatchRef(job.job_id, 1)))
    assert waiting(ctx, job) == Waiting("outcome_unknown", row_of_dispatch(owner, job)["claimed_at"])
    assert read(ctx, job).wave is not None
    other = make_job(owner, ctx)
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(is_enabled=False)))
    stands = waiting(ctx, other)
    assert stands.reason == "carrier_not_ready"
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(robot_url="https://other.example.com")))
    assert waiting(ctx, other) == stands
    # The first that holds: a pause before the account.
    data_of(pause_job(ctx, other.job_id))
    assert waiting(ctx, other).reason == "paused"


def test_an_ended_job_waits_for_nothing(owner: Connection, ctx: DomainContext) -> None:
    """Naive: it is behind the job that is with the robot now, or its account is disabled."""
    job = make_job(owner, ctx)
    hand_over(ctx, job)
    report_success(ctx, job.items[0].item_id)
    hand_over(ctx, make_job(owner, ctx))
    shown = read(ctx, job)
    assert (shown.waiting, shown.wave, shown.estimated_end_at) == (None, None, None)
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(is_enabled=False)))
    assert read(ctx, job).waiting is None


def test_the_end_is_guessed_by_62_s_an_order_before_there_are_reports(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=10, wave_size=4)
    hand_over(ctx, job)
    accepted_at = row_of_dispatch(owner, job)["accepted_at"]
    assert read(ctx, job).estimated_end_at == accepted_at + 10 * timedelta(seconds=62)


def test_the_end_is_guessed_by_the_last_reports_and_not_by_the_nights_between(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: a pause of a night between two jobs makes an hour of each order."""
    order_ids = make_orders(owner, ctx.workspace_id, 2)
    sent: dict[UUID, dict[str, Any]] = {order_id: {"ciudad": "CALI"} for order_id in order_ids}
    elsewhere = make_job_of(ctx, order_ids, carrier="servientrega", item_values=sent)
    earlier = make_job(owner, ctx, items=4)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    hand_over(ctx, earlier)
    # What another carrier's robot reported in between does not count, nor what a person said.
    at = [(item, place * 40) for place, item in enumerate(earlier.items)]
    at += [(item, place * 40 + 10) for place, item in enumerate(elsewhere.items)]
    for item, seconds in at:
        report_success(ctx, item.item_id, f"T-{item.item_id}")
        owner.execute(
            "UPDATE robot_job_items SET completed_at = %s + %s * interval '1 s' WHERE id = %s",
            [yesterday, seconds, item.item_id],
        )
    owner.execute(
        "UPDATE robot_job_items SET closed_by = 'person', completed_at = completed_at - interval '30 s' WHERE id = %s",
        [earlier.items[-1].item_id],
    )
    job = make_job(owner, ctx, items=10)
    hand_over(ctx, job)
    report_success(ctx, job.items[0].item_id, "T-9")
    [(last,)] = owner.execute(
        "SELECT completed_at FROM robot_job_items WHERE id = %s", [job.items[0].item_id]
    ).fetchall()
    assert read(ctx, job).estimated_end_at == last + 9 * timedelta(seconds=40)


@pytest.mark.parametrize("said", [("success", "error"), ("error", "success")])
def test_the_end_is_guessed_from_the_last_report_whatever_it_said(
    owner: Connection, ctx: DomainContext, said: tuple[ReportStatus, ReportStatus]
) -> None:
    """Naive: from the first of each kind, so that a job which works is about to end in the past."""
    job = make_job(owner, ctx, items=5)
    hand_over(ctx, job)
    accepted_at = row_of_dispatch(owner, job)["accepted_at"]
    for place, (item, status) in enumerate(zip(job.items, said, strict=False), 1):
        number = "T-1" if status == "success" else None
        data_of(update_job_item_result(ctx, UpdateJobItemResultParams(item.item_id, status, number)))
        at = accepted_at + place * timedelta(seconds=50)
        owner.execute("UPDATE robot_job_items SET completed_at = %s WHERE id = %s", [at, item.item_id])
    assert read(ctx, job).estimated_end_at == accepted_at + 5 * timedelta(seconds=50)
