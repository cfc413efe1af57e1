"""The rules of recording reports."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreatedJob,
    DomainContext,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    retry_failed_items,
    update_job_item_result,
    update_job_item_results,
    update_job_status,
)
from shared.domain.ids import uuid7
from shared.words import JobKind
from tests.factories import (
    assert_agreement,
    data_of,
    events_of,
    failure_of,
    in_next_wave,
    make_job,
    make_job_of,
    make_orders,
    read_item,
    read_job,
    report_error,
    report_success,
    rows_of,
)

pytestmark = pytest.mark.usefixtures("kind")

Report = UpdateJobItemResultParams


def make_item(owner: Connection, ctx: DomainContext, state: str, dispatch: int) -> CreatedJob:
    """Create a job of two items and bring the first into a state of the table, in that dispatch."""
    job = make_job(owner, ctx, items=2)
    item_id = job.items[0].item_id
    if dispatch == 2:
        report_error(ctx, item_id, "first time")
        data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id, [item_id])))
        assert in_next_wave(owner, job, item_id) == 2
    if state == "processing":
        owner.execute(
            "UPDATE robot_job_items SET status = 'processing', started_at = now() - interval '1 minute' WHERE id = %s",
            [item_id],
        )
    elif state == "error":
        report_error(ctx, item_id, "before")
    elif state == "success":
        report_success(ctx, item_id, "T-1")
    elif state == "success without a number":
        report_success(ctx, item_id, None)
    return job


# The table: what the item is, what is reported, what becomes of it when that answers the current hand-over or an
# older one, and what the item is then.
RULES = [
    ("pending", ("success", "T-1"), "recorded", "recorded", ("success", "T-1")),
    ("processing", ("success", "T-1"), "recorded", "recorded", ("success", "T-1")),
    ("pending", ("success", None), "recorded", "recorded", ("success", None)),
    ("pending", ("error", None), "recorded", "stale", None),
    ("processing", ("error", None), "recorded", "stale", None),
    ("error", ("success", "T-1"), "recorded", "recorded", ("success", "T-1")),
    ("error", ("success", None), "recorded", "recorded", ("success", None)),
    ("error", ("error", None), "duplicate", "stale", ("error", None)),
    ("success without a number", ("success", "T-2"), "recorded", "recorded", ("success", "T-2")),
    ("success without a number", ("success", None), "duplicate", "duplicate", ("success", None)),
    ("success", ("success", "T-1"), "duplicate", "duplicate", ("success", "T-1")),
    ("success", ("success", None), "duplicate", "duplicate", ("success", "T-1")),
    ("success", ("success", "T-2"), "conflict", "conflict", ("success", "T-1")),
    ("success", ("error", None), "stale", "stale", ("success", "T-1")),
    ("success without a number", ("error", None), "stale", "stale", ("success", None)),
]


@pytest.mark.parametrize("is_current", [True, False], ids=["current", "older"])
@pytest.mark.parametrize(
    ("state", "report", "if_current", "if_older", "then"), RULES, ids=[f"{r[0]}, {r[1][0]} {r[1][1]}" for r in RULES]
)
def test_what_becomes_of_a_report(  # noqa: PLR0913, PLR0917 - the columns of the rules' table
    owner: Connection,
    ctx: DomainContext,
    workspace: UUID,
    state: str,
    report: tuple[Any, str | None],
    if_current: str,
    if_older: str,
    then: tuple[str, str | None] | None,
    is_current: bool,  # noqa: FBT001 - the same
) -> None:
    job = make_item(owner, ctx, state, dispatch=2)
    before = read_item(ctx, job)
    params = Report(job.items[0].item_id, report[0], report[1], error_type="timeout", dispatch=2 if is_current else 1)
    result = data_of(update_job_item_result(ctx, params))
    assert (result.item_id, result.order_id) == (job.items[0].item_id, job.items[0].order_id)
    assert result.outcome == (if_current if is_current else if_older)
    after = read_item(ctx, job)
    # The history has it beside the hand-over that it answers, not the one that is out.
    [kept] = owner.execute(
        "SELECT dispatch, status, outcome, source FROM robot_job_item_reports WHERE item_id = %s"
        " ORDER BY id DESC LIMIT 1",
        [after.id],
    ).fetchall()
    assert kept == (params.dispatch, params.status, result.outcome, "robot")
    if result.outcome == "recorded":
        assert (after.status, after.tracking_number) == (then or ("error", None))
        assert None not in {after.started_at, after.completed_at}
        assert before.started_at in {None, after.started_at}
    elif result.outcome == "conflict":
        assert (after.status, after.tracking_number, after.other_numbers) == ("success", "T-1", ["T-2"])
    else:
        assert after == before
    # Twice more, in one list, it changes nothing.
    again = data_of(update_job_item_results(ctx, [params, params]))
    repeated = "duplicate" if result.outcome == "recorded" else result.outcome
    assert [each.outcome for each in again] == [repeated, repeated]
    assert replace(read_item(ctx, job), updated_at=after.updated_at) == after
    assert_agreement(owner, workspace)


def test_a_report_without_a_dispatch_answers_the_current_one(owner: Connection, ctx: DomainContext) -> None:
    job = make_item(owner, ctx, "pending", dispatch=2)
    assert report_error(ctx, job.items[0].item_id, dispatch=None) == "recorded"


def test_a_late_error_of_the_first_hand_over_leaves_the_retried_item(owner: Connection, ctx: DomainContext) -> None:
    """Naive: it overwrites the item that is with the robot again."""
    job = make_item(owner, ctx, "processing", dispatch=2)
    assert report_error(ctx, job.items[0].item_id, dispatch=1) == "stale"
    assert (read_item(ctx, job).status, read_item(ctx, job).error_message) == ("processing", None)


def test_a_late_success_after_a_timeout_counts(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: it is dropped; the shipment exists and is made again."""
    job = make_job(owner, ctx)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed", error_type="timeout")))
    assert report_success(ctx, job.items[0].item_id, "T-9", dispatch=1) == "recorded"
    item = read_item(ctx, job)
    assert (item.status, item.tracking_number, item.error_type, item.error_message) == ("success", "T-9", None, None)
    assert_agreement(owner, workspace)


def test_a_repeated_error_counts_once(owner: Connection, ctx: DomainContext) -> None:
    """Naive: it counts twice, and the job ends early."""
    job = make_job(owner, ctx, items=2)
    assert [report_error(ctx, job.items[0].item_id) for _ in range(2)] == ["recorded", "duplicate"]
    assert (read_job(ctx, job).job.status, read_job(ctx, job).job.error_count) == ("pending", 1)


def test_an_error_that_becomes_a_success_moves_the_count(owner: Connection, ctx: DomainContext) -> None:
    """Naive: the error stays counted, and the job ends early."""
    job = make_job(owner, ctx, items=3)
    report_error(ctx, job.items[0].item_id)
    report_success(ctx, job.items[0].item_id)
    now = read_job(ctx, job).job
    assert (now.status, now.success_count, now.error_count) == ("pending", 1, 0)


def test_an_error_keeps_its_type_and_message(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2)
    params = Report(job.items[0].item_id, "error", error_type="validation", error_message="no such address")
    data_of(update_job_item_result(ctx, params))
    item = read_item(ctx, job)
    assert (item.status, item.error_type, item.error_message) == ("error", "validation", "no such address")
    assert item.started_at is not None
    assert item.completed_at is not None


def test_an_error_without_a_type_is_unknown_and_a_number_on_it_stands_in_its_words(
    owner: Connection, ctx: DomainContext
) -> None:
    job = make_job(owner, ctx)
    data_of(update_job_item_result(ctx, Report(job.items[0].item_id, "error", tracking_number="T-1")))
    item = read_item(ctx, job)
    assert (item.status, item.error_type, item.tracking_number) == ("error", "unknown", None)
    assert item.error_message == "reported with tracking number T-1"


def test_an_error_s_number_is_kept_though_its_words_are_as_long_as_words_may_be(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: with the number they are too long, and the report is refused for ever."""
    job = make_job(owner, ctx)
    number, words = "N" * 200, "w" * 2_000
    params = Report(job.items[0].item_id, "error", number, error_type="portal", error_message=words)
    assert data_of(update_job_item_result(ctx, params)).outcome == "recorded"
    assert read_item(ctx, job).error_message == f"reported with tracking number {number}: {words}"[:2_000]


def test_city_and_value_of_a_report_are_kept(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    [order_id] = make_orders(owner, workspace)
    job = make_job_of(ctx, [order_id], item_values={order_id: {"ciudad": "CALI (VALLE)"}})
    params = Report(job.items[0].item_id, "success", "T-1", "MEDELLIN (ANT)", {"ciudad": "MEDELLIN (ANT)"})
    data_of(update_job_item_result(ctx, params))
    item = read_item(ctx, job)
    assert (item.validated_city, item.value_sent) == ("MEDELLIN (ANT)", {"ciudad": "MEDELLIN (ANT)"})
    # What comes with another number is of another shipment.
    other = Report(job.items[0].item_id, "success", "T-2", "BUGA (VALLE)", {"ciudad": "BUGA (VALLE)"})
    assert data_of(update_job_item_result(ctx, other)).outcome == "conflict"
    item = read_item(ctx, job)
    assert (item.validated_city, item.value_sent) == ("MEDELLIN (ANT)", {"ciudad": "MEDELLIN (ANT)"})


def test_no_value_keeps_the_one_that_was_sent(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    [order_id] = make_orders(owner, workspace)
    job = make_job_of(ctx, [order_id], item_values={order_id: {"ciudad": "CALI (VALLE)"}})
    report_success(ctx, job.items[0].item_id)
    assert read_item(ctx, job).value_sent == {"ciudad": "CALI (VALLE)"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ([(None, "CALI (VALLE)"), ("T-1", "BUGA (VALLE)"), ("T-1", "TUNJA (BOY)")], "CALI (VALLE)"),
        ([(None, None), (None, "CALI (VALLE)"), ("T-1", "BUGA (VALLE)"), ("T-1", "TUNJA (BOY)")], "BUGA (VALLE)"),
        ([("T-1", None), ("T-1", "TUNJA (BOY)")], None),
        ([("T-1", None), ("T-2", "TUNJA (BOY)")], None),
    ],
)
def test_of_reports_that_come_together_the_first_that_counts_gives_city_and_value(
    owner: Connection,
    ctx: DomainContext,
    workspace: UUID,
    said: list[tuple[str | None, str | None]],
    kept: str | None,
) -> None:
    """Naive: what only repeats the shipment says what was shipped, or nothing does."""
    [order_id] = make_orders(owner, workspace)
    sent = {"ciudad": "PASTO (NAR)"}
    job = make_job_of(ctx, [order_id], item_values={order_id: sent})
    item_id = job.items[0].item_id
    reports = [Report(item_id, "success", number, city, {"ciudad": city} if city else None) for number, city in said]
    data_of(update_job_item_results(ctx, reports))
    item = read_item(ctx, job)
    assert (item.tracking_number, item.validated_city) == ("T-1", kept)
    assert item.value_sent == ({"ciudad": kept} if kept else sent)


def test_an_unknown_item_is_not_found(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    other = make_job(owner, DomainContext(uuid7(), "test"))
    for item_id in (uuid7(), other.items[0].item_id):
        failure = failure_of(
            update_job_item_result(ctx, Report(item_id, "success", "T-1")), "NOT_FOUND", "item_not_found"
        )
        assert failure.details == {"item_id": item_id}
    assert all(not rows for rows in rows_of(owner, workspace).values())


@pytest.mark.usefixtures("kind")
def test_an_item_of_another_job_than_the_secret_s_is_not_found(owner: Connection, ctx: DomainContext) -> None:
    """Naive: whoever may report about one job can report about every job."""
    job, other = make_job(owner, ctx), make_job(owner, ctx)
    params = Report(other.items[0].item_id, "success", "T-1", job_id=job.job_id)
    failure_of(update_job_item_result(ctx, params), "NOT_FOUND", "item_not_found")
    assert read_item(ctx, other).status == "pending"
    assert data_of(update_job_item_result(ctx, Report(other.items[0].item_id, "success", "T-1", job_id=other.job_id)))


def test_a_list_gives_an_outcome_a_report_in_their_order(owner: Connection, ctx: DomainContext, kind: JobKind) -> None:
    """Naive: one report that can't be recorded blocks the other ninety-nine."""
    job = make_job(owner, ctx, items=3)
    theirs = make_job(owner, DomainContext(uuid7(), "test")).items[0].item_id
    one, two, three = (item.item_id for item in job.items)
    reports = [
        Report(three, "success", "T-3"),
        Report(theirs, "success", "T-X"),
        Report(one, "error", error_type="portal"),
        Report(one, "success", "T-1"),
        Report(uuid7(), "error"),
        Report(one, "success", "T-2"),
        Report(two, "success", None),
        Report(two, "success", "T-2"),
        Report(two, "error"),
        Report(three, "success", "T-3"),
    ]
    results = data_of(update_job_item_results(ctx, reports))
    assert [result.item_id for result in results] == [report.item_id for report in reports]
    assert [result.outcome for result in results] == [
        "recorded",
        "not_found",
        "recorded",
        "recorded",
        "not_found",
        "conflict",
        "recorded",
        "recorded",
        "stale",
        "duplicate",
    ]
    assert [result.order_id for result in results][:2] == [job.items[2].order_id, None]
    now = read_job(ctx, job)
    assert [(item.status, item.tracking_number) for item in now.items] == [
        ("success", "T-1"),
        ("success", "T-2"),
        ("success", "T-3"),
    ]
    assert (now.job.status, now.job.success_count, now.job.error_count) == ("completed", 3, 0)
    told = {"shipment": "automation/robot.coord.completed", "guide_lookup": "automation/robot.guide.found"}
    assert {name: len(events_of(owner, ctx.workspace_id, event)) for name, event in told.items()} == {
        name: 3 if name == kind else 0 for name in told
    }
    assert_agreement(owner, ctx.workspace_id)


def test_repeats_within_a_list_are_judged_as_if_they_came_one_by_one(owner: Connection, ctx: DomainContext) -> None:
    item_id = make_item(owner, ctx, "pending", dispatch=2).items[0].item_id
    reports = [
        Report(item_id, "error", error_message="of the first", dispatch=1),
        Report(item_id, "error", error_message="the one that counts", dispatch=2),
        Report(item_id, "error", error_message="again", dispatch=2),
    ]
    assert [result.outcome for result in data_of(update_job_item_results(ctx, reports))] == [
        "stale",
        "recorded",
        "duplicate",
    ]
    rows = owner.execute("SELECT error_message FROM robot_job_items WHERE id = %s", [item_id]).fetchall()
    assert rows == [("the one that counts",)]


def test_an_empty_list_is_no_work(ctx: DomainContext) -> None:
    assert data_of(update_job_item_results(ctx, [])) == []
