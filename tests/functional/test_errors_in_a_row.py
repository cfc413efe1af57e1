"""Errors in a row with the same words pause a job: a wrong password costs one wave, five bad addresses cost nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    NoHandOver,
    RetryFailedItemsParams,
    SettleItemsParams,
    Settlement,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    UpsertCarrierConfigParams,
    claim_dispatch,
    pause_job,
    resume_job,
    retry_failed_items,
    settle_items,
    update_job_item_results,
    update_job_status,
    upsert_carrier_config,
)
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    events_of,
    failure_of,
    hand_over,
    make_carrier_config,
    make_job,
    make_job_of,
    make_lookup,
    make_orders,
    read_job,
    report_error,
    report_success,
)

LOGIN = "Login fallido en el portal de Coordinadora"


@pytest.fixture(autouse=True)
def _carrier(owner: Connection, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)


@pytest.fixture
def job(owner: Connection, ctx: DomainContext) -> CreatedJob:
    """Give a job of 20 items in waves of ten, whose first is with the robot."""
    # The account says how many a wave has, of either kind.
    owner.execute("UPDATE carrier_configs SET wave_size = 10 WHERE workspace_id = %s", [ctx.workspace_id])
    made = make_job(owner, ctx, items=20)
    hand_over(ctx, made)
    return made


def paused(ctx: DomainContext, job: CreatedJob) -> bool:
    return read_job(ctx, job).job.paused_reason == "errors"


def report(ctx: DomainContext, job: CreatedJob, *words: str | None, error_type: Any = "portal") -> None:
    """Report errors with these words, in this order, of the first items that are open; None is a success."""
    waiting = [item for item in read_job(ctx, job).items if item.status == "processing"]
    for item, each in zip(waiting, words, strict=False):
        if each is None:
            report_success(ctx, item.id, f"T-{item.id}")
        else:
            result = UpdateJobItemResultParams(item.id, "error", error_type=error_type, error_message=each)
            assert data_of(update_job_item_results(ctx, [result]))[0].outcome == "recorded"


def told(owner: Connection, ctx: DomainContext) -> list[tuple[UUID, str]]:
    """Return the jobs of which it was told that errors paused them, each with the words."""
    events = events_of(owner, ctx.workspace_id, "robot/job.paused")
    return [(UUID(event["jobId"]), event["message"]) for event in events if event["reason"] == "errors"]


def test_a_wrong_password_costs_one_wave(owner: Connection, ctx: DomainContext, job: CreatedJob) -> None:
    """Naive: it is learnt five hundred times."""
    report(ctx, job, *[LOGIN] * 4)
    assert not paused(ctx, job)
    report(ctx, job, LOGIN)
    assert paused(ctx, job)
    [event] = events_of(owner, ctx.workspace_id, "robot/job.paused")
    assert event == {
        "jobId": str(job.job_id),
        "workspaceId": str(ctx.workspace_id),
        "reason": "errors",
        "message": LOGIN,
        "dispatch": 1,
    }
    report(ctx, job, *[LOGIN] * 5)
    # The wave is over; the next one is made, and does not start.
    assert data_of(claim_dispatch(ctx, DispatchRef(job.job_id, 2))) == NoHandOver("it is not its turn")
    assert len(events_of(owner, ctx.workspace_id, "robot/job.paused")) == 1
    assert_agreement(owner, ctx.workspace_id)


def test_five_bad_addresses_cost_nothing(ctx: DomainContext, job: CreatedJob) -> None:
    report(ctx, job, *["Dirección no válida"] * 10, error_type="validation")
    assert not paused(ctx, job)


def test_an_invalid_order_between_them_neither_counts_nor_breaks_the_row(ctx: DomainContext, job: CreatedJob) -> None:
    report(ctx, job, *[LOGIN] * 4)
    report(ctx, job, "Dirección no válida", error_type="validation")
    assert not paused(ctx, job)
    report(ctx, job, LOGIN)
    assert paused(ctx, job)


@pytest.mark.parametrize("between", [None, "otra cosa", ""], ids=["success", "other words", "no words"])
@pytest.mark.usefixtures("kind")
def test_what_begins_the_row_anew(ctx: DomainContext, job: CreatedJob, between: str | None) -> None:
    report(ctx, job, *[LOGIN] * 4, between, *[LOGIN] * 4)
    assert not paused(ctx, job)
    report(ctx, job, LOGIN)
    assert paused(ctx, job)


@pytest.mark.parametrize("beside", ["a guide", "a second shipment of its order"])
def test_a_success_begins_the_row_anew_whatever_comes_in_its_list(
    owner: Connection, ctx: DomainContext, beside: str
) -> None:
    """Naive: whether a row ends is asked of what is recorded last."""
    orders = make_orders(owner, ctx.workspace_id, 11)
    older = make_job_of(ctx, orders[:1])
    invalid = UpdateJobItemResultParams(older.items[0].item_id, "error", error_type="validation")
    data_of(update_job_item_results(ctx, [invalid]))
    job = make_job_of(ctx, orders, wave_size=10)
    hand_over(ctx, job)
    for item in job.items[1:5]:
        report_error(ctx, item.item_id, LOGIN)
    other = older if beside != "a guide" else make_lookup(owner, ctx)
    both = [UpdateJobItemResultParams(each.items[0].item_id, "success", f"T-{each.job_id}") for each in (job, other)]
    assert [each.outcome for each in data_of(update_job_item_results(ctx, both))] == ["recorded"] * 2
    report(ctx, job, *[LOGIN] * 4)
    assert not paused(ctx, job)
    report(ctx, job, LOGIN)
    assert paused(ctx, job)


def test_digits_are_left_aside_and_no_words_are_words(ctx: DomainContext, owner: Connection) -> None:
    numbered, silent = (make_job(owner, ctx, items=6) for _ in range(2))
    for number, item in enumerate(numbered.items[:5]):
        report_error(ctx, item.item_id, f"Timeout {number}0000ms exceeded")
    assert paused(ctx, numbered)
    # The operator reads what was said last, digits and all.
    assert told(owner, ctx) == [(numbered.job_id, "Timeout 40000ms exceeded")]
    for item in silent.items[:5]:
        report_error(ctx, item.item_id, "")
    assert paused(ctx, silent)


def test_the_order_in_which_a_list_is_recorded_counts(ctx: DomainContext, job: CreatedJob) -> None:
    """Naive: a batch is judged as a set, by the ids of its items."""
    places = [9, 0, 8, 1, 7, 2]

    def reported(words: list[str | None]) -> list[UpdateJobItemResultParams]:
        return [
            UpdateJobItemResultParams(job.items[place].item_id, "success", f"T-{place}")
            if each is None
            else UpdateJobItemResultParams(job.items[place].item_id, "error", error_type="portal", error_message=each)
            for place, each in zip(places, words, strict=True)
        ]

    data_of(update_job_item_results(ctx, reported([LOGIN, LOGIN, LOGIN, LOGIN, LOGIN, None])))
    assert paused(ctx, job)


def test_a_resume_begins_anew(ctx: DomainContext, job: CreatedJob) -> None:
    report(ctx, job, *[LOGIN] * 5)
    data_of(resume_job(ctx, job.job_id))
    report(ctx, job, *[LOGIN] * 4)
    assert not paused(ctx, job)
    report(ctx, job, LOGIN)
    assert paused(ctx, job)


@pytest.mark.parametrize("begin", [hand_over, claim], ids=["the robot has it", "the call is under way"])
def test_nothing_is_paused_where_no_item_remains(
    owner: Connection, ctx: DomainContext, begin: Callable[[DomainContext, CreatedJob], object]
) -> None:
    """Naive: the operator is told to resume what the robot works on all the time."""
    job, _ = make_job(owner, ctx, items=6), make_job(owner, ctx)
    begin(ctx, job)
    for item in job.items[:5]:
        report_error(ctx, item.item_id, LOGIN)
    assert not paused(ctx, job)
    assert events_of(owner, ctx.workspace_id, "robot/job.paused") == []


def test_a_job_that_is_paused_already_stays_paused_as_it_was(
    owner: Connection, ctx: DomainContext, job: CreatedJob
) -> None:
    """Naive: the operator's own pause is told to everybody as one by errors."""
    data_of(pause_job(ctx, job.job_id))
    report(ctx, job, *[LOGIN] * 6)
    assert (read_job(ctx, job).job.paused_reason, told(owner, ctx)) == ("operator", [])


def test_a_pause_after_the_end_does_not_say_what_had_paused_the_job_before(
    owner: Connection, ctx: DomainContext, job: CreatedJob
) -> None:
    """Naive: the operator who pauses the retry reads that the password is wrong, which was corrected long ago."""
    report(ctx, job, *[LOGIN] * 5)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    data_of(pause_job(ctx, job.job_id))
    by_errors, by_hand = events_of(owner, ctx.workspace_id, "robot/job.paused")
    assert (by_errors["message"], by_hand.get("message")) == (LOGIN, None)


def test_each_job_of_a_batch_has_a_row_of_its_own(owner: Connection, ctx: DomainContext) -> None:
    """Naive: what one job's robot says pauses another job, or makes it forget what it has counted."""
    long, short, well = (make_job(owner, ctx, items=7) for _ in range(3))
    other = "El portal no responde"

    def reports(job: CreatedJob, words: str | None, *places: int) -> list[UpdateJobItemResultParams]:
        return [
            UpdateJobItemResultParams(job.items[place].item_id, "success", f"T-{place}")
            if words is None
            else UpdateJobItemResultParams(job.items[place].item_id, "error", error_type="portal", error_message=words)
            for place in places
        ]

    first = [*reports(long, LOGIN, 0, 1), *reports(short, other, 0, 1, 2, 3), *reports(long, LOGIN, 2, 3, 4)]
    data_of(update_job_item_results(ctx, [*first, *reports(well, None, 0)]))
    assert [paused(ctx, each) for each in (long, short, well)] == [True, False, False]
    data_of(update_job_item_results(ctx, [*reports(well, LOGIN, 1), *reports(short, other, 4)]))
    assert [paused(ctx, each) for each in (long, short, well)] == [True, True, False]
    assert told(owner, ctx) == [(long.job_id, LOGIN), (short.job_id, other)]


@pytest.mark.parametrize(("setting", "errors", "expected"), [(0, 10, False), (1, 1, True), (7, 6, False), (7, 7, True)])
def test_how_many_is_the_workspace_s_to_say(  # noqa: PLR0913 - fixtures and cases
    owner: Connection, ctx: DomainContext, job: CreatedJob, setting: int, errors: int, *, expected: bool
) -> None:
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(stop_after_errors=setting)))
    # It says so for each carrier.
    owner.execute(
        "INSERT INTO carrier_configs (workspace_id, carrier, stop_after_errors) VALUES (%s, 'other', 3)",
        [ctx.workspace_id],
    )
    report(ctx, job, *[LOGIN] * errors)
    assert paused(ctx, job) == expected


@pytest.mark.parametrize("setting", [-1, 101, "5", 2.5, True])
def test_a_number_that_can_not_be_is_refused(ctx: DomainContext, setting: Any) -> None:
    result = upsert_carrier_config(ctx, UpsertCarrierConfigParams(stop_after_errors=setting))
    failure_of(result, "INVALID", "invalid_number")


def test_a_repeated_or_stale_error_does_not_count(ctx: DomainContext, job: CreatedJob) -> None:
    """Naive: one report delivered five times pauses the job."""
    for _ in range(6):
        report_error(ctx, job.items[0].item_id, LOGIN)
    assert not paused(ctx, job)


def test_a_person_s_settlement_neither_counts_nor_breaks_the_row(ctx: DomainContext, job: CreatedJob) -> None:
    """Naive: the operator who looks into the portal lets the robot go on with a wrong password."""
    report(ctx, job, *[LOGIN] * 4)
    settled = [Settlement(job.items[9].item_id, shipped=True)]
    assert data_of(settle_items(ctx, SettleItemsParams(job.job_id, settled))).settled_count == 1
    report(ctx, job, LOGIN)
    assert paused(ctx, job)


def test_a_wave_that_was_called_before_the_pause_gives_way(owner: Connection, ctx: DomainContext) -> None:
    """Naive: reports that come late pause the job, and its next hand-over, asked for already, is made all the same."""
    late, other = make_job(owner, ctx, items=6), make_job(owner, ctx)
    for item in late.items[:5]:
        report_error(ctx, item.item_id, LOGIN)
    assert paused(ctx, late)
    assert data_of(claim_dispatch(ctx, DispatchRef(late.job_id, 1))) == NoHandOver("it is not its turn")
    claim(ctx, other)
