"""Bad input: each a failure with a code and a sentence, and nothing written."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    ChangeJobParams,
    CreatedJob,
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    GetJobItemParams,
    GetJobPageParams,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    cancel_job,
    change_job,
    claim_dispatch,
    close_dispatches,
    create_robot_job,
    get_job_item,
    get_job_page,
    get_job_with_items,
    is_end_announced,
    note_accepted,
    note_refused,
    note_unknown,
    pause_job,
    release_dispatch,
    resume_job,
    retry_failed_items,
    update_job_item_result,
    update_job_item_results,
    update_job_status,
)
from shared.domain.ids import uuid7
from tests.factories import (
    claim,
    data_of,
    failure_of,
    make_carrier_config,
    make_due,
    make_ended_job,
    make_job,
    make_job_of,
    make_orders,
    read_item,
    read_job,
    rows_of,
)

TWO_MEGABYTES = "x" * 2_000_000
#: With its name, `{"x": "…"}`, it has just as many bytes as an order's value may have.
FIVE_MEGABYTES = "y" * (5_000_000 - 9)
#: The same in every test process, since it is part of the tests' names.
SOME_ID = UUID("0198c0de-0000-7000-8000-000000000001")
NOT_UUIDS = [None, "", "not-a-uuid", str(SOME_ID), SOME_ID.hex, SOME_ID.bytes, 7, 1.5, True, [], {}, object()]
UNSTORABLE = ["NUL \0 in it", "half a pair \ud83d", "\udc00"]
#: Texts that are strange but right, and must come back as they went in.
STORABLE = [
    "مرحبا بالعالم",
    "\u202eright to left",
    "👩‍👩‍👧‍👦🇨🇴",
    "ﬁ İ ß",
    "a\nb\tc",
    "'; DROP TABLE robot_jobs; --",
    "%s {} \\",
]
Report = UpdateJobItemResultParams


def described(value: object) -> str:
    """Return a test's name that is the same in every process."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))[:40]


@pytest.fixture
def order_id(owner: Connection, workspace: UUID) -> UUID:
    return make_orders(owner, workspace)[0]


@pytest.fixture
def job(owner: Connection, ctx: DomainContext) -> CreatedJob:
    return make_job(owner, ctx, items=2)


@pytest.fixture(autouse=True)
def _nothing_is_written(request: pytest.FixtureRequest, owner: Connection, workspace: UUID) -> Iterator[None]:
    """Compare every row of the workspace before and after, except where the input turns out to be right."""
    for name in ("order_id", "job"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
    before = rows_of(owner, workspace)
    yield
    if "storable" not in request.node.name:
        assert rows_of(owner, workspace) == before


@pytest.mark.parametrize(
    "order_ids",
    [None, "abc", 7, {}, {SOME_ID}, iter([SOME_ID]), SOME_ID, *([each] for each in NOT_UUIDS), [SOME_ID, "x"]],
    ids=described,
)
def test_order_ids_are_a_list_of_uuids(ctx: DomainContext, order_ids: Any) -> None:
    failure_of(create_robot_job(ctx, CreateRobotJobParams(order_ids)), "INVALID", "invalid_id")


@pytest.mark.parametrize("carrier", [None, "", 7, b"x", ["x"], "x" * 101, TWO_MEGABYTES, *UNSTORABLE])
def test_a_carrier_is_a_short_text(ctx: DomainContext, order_id: UUID, carrier: Any) -> None:
    failure_of(create_robot_job(ctx, CreateRobotJobParams([order_id], carrier)), "INVALID", "invalid_text")


@pytest.mark.parametrize("allows", [None, "", "false", 0, 1, []], ids=described)
def test_only_true_ships_once_more(ctx: DomainContext, order_id: UUID, allows: Any) -> None:
    """Naive: the text "false" is true, and ships what was shipped."""
    result = create_robot_job(ctx, CreateRobotJobParams([order_id], allow_reshipment=allows))
    failure_of(result, "INVALID", "invalid_value")


@pytest.mark.parametrize("priority", [None, "", "high", 7, []], ids=described)
def test_a_priority_is_one_of_two(ctx: DomainContext, order_id: UUID, priority: Any) -> None:
    failure_of(create_robot_job(ctx, CreateRobotJobParams([order_id], priority=priority)), "INVALID", "invalid_choice")


@pytest.mark.parametrize("key", ["", 7, b"x", ["x"], SOME_ID, "x" * 201, TWO_MEGABYTES, *UNSTORABLE])
def test_a_key_is_a_text_of_1_to_200_characters(ctx: DomainContext, order_id: UUID, key: Any) -> None:
    result = create_robot_job(ctx, CreateRobotJobParams([order_id], idempotency_key=key))
    failure_of(result, "INVALID", "invalid_text")


@pytest.mark.parametrize("key", [*STORABLE, "x", "🎁" * 200])
def test_a_storable_key_is_kept_as_it_is(ctx: DomainContext, order_id: UUID, key: str) -> None:
    assert read_job(ctx, make_job_of(ctx, [order_id], idempotency_key=key)).job.idempotency_key == key


def circle() -> dict[str, object]:
    value: dict[str, object] = {}
    value["itself"] = value
    return value


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        7,
        [],
        {"x": object()},
        {"x": {1, 2}},
        {"x": datetime(2026, 1, 2, 3, 4, 5)},  # noqa: DTZ001 - a naive time is the bad input
        {"x": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)},
        {"x": SOME_ID},
        {"x": float("nan")},
        {"x": float("inf")},
        {(1, 2): "x"},
        {"x": b"bytes"},
        {"x": [{"deep": "NUL \0 in it"}]},
        {"NUL \0 in it": 1},
        {"x": "\\\0"},
        {"x": "half a pair \ud83d"},
        {"\udc00": 1},
        {"x": FIVE_MEGABYTES + "y"},
        circle(),
    ],
    ids=described,
)
def test_an_item_value_is_an_object_that_json_can_hold(
    ctx: DomainContext, order_id: UUID, job: CreatedJob, value: Any
) -> None:
    created = create_robot_job(ctx, CreateRobotJobParams([order_id], item_values={order_id: value}))
    assert f"item_values[{order_id}]" in failure_of(created, "INVALID", "invalid_value").error
    if value is not None:
        reported = update_job_item_result(ctx, Report(job.items[0].item_id, "success", "T-1", value_sent=value))
        failure_of(reported, "INVALID", "invalid_value")


@pytest.mark.parametrize(
    "values", [[], "x", 7, {"x": {}}, {SOME_ID: {}}, {None: {}}, {1: {}, "a": {}, None: {}}], ids=described
)
def test_item_values_map_the_orders_to_objects(ctx: DomainContext, order_id: UUID, values: Any) -> None:
    failure = failure_of(
        create_robot_job(ctx, CreateRobotJobParams([order_id], item_values=values)), "INVALID", "invalid_value"
    )
    if isinstance(values, dict):
        assert failure.error.endswith(f": {', '.join(sorted(map(str, values)))}.")


@pytest.mark.parametrize(
    "value", [{}, {"x": "".join(STORABLE)}, {"deep": [[[{"a": None}]]] * 3}, {"\\u0000": 1.5}, {"x": "\\ud800"}]
)
def test_a_storable_value_is_kept_as_it_is(ctx: DomainContext, order_id: UUID, value: dict[str, Any]) -> None:
    job = make_job_of(ctx, [order_id], item_values={order_id: value})
    assert read_item(ctx, job).value_sent == value


def test_a_storable_value_of_five_megabytes_is_kept(ctx: DomainContext, order_id: UUID) -> None:
    job = make_job_of(ctx, [order_id], item_values={order_id: {"x": FIVE_MEGABYTES}})
    assert read_item(ctx, job).value_sent == {"x": FIVE_MEGABYTES}


@pytest.mark.parametrize("bad", NOT_UUIDS, ids=described)
def test_an_id_is_a_uuid(ctx: DomainContext, bad: Any) -> None:
    of_jobs = (
        update_job_status(ctx, UpdateJobStatusParams(bad, "failed")),
        change_job(ctx, ChangeJobParams(bad, priority="urgent")),
        retry_failed_items(ctx, RetryFailedItemsParams(bad)),
        cancel_job(ctx, bad),
        pause_job(ctx, bad),
        resume_job(ctx, bad),
        get_job_with_items(ctx, bad),
        get_job_page(ctx, GetJobPageParams(bad)),
        get_job_item(ctx, GetJobItemParams(bad, SOME_ID)),
        close_dispatches(ctx, bad),
        is_end_announced(ctx, DispatchRef(bad, 1)),
        claim_dispatch(ctx, DispatchRef(bad, 1)),
        note_accepted(ctx, DispatchRef(bad, 1)),
        note_unknown(ctx, DispatchRef(bad, 1)),
        note_refused(ctx, DispatchRef(bad, 1), "no"),
        release_dispatch(ctx, DispatchRef(bad, 1), "busy", "no"),
    )
    of_items = (
        update_job_item_result(ctx, Report(bad, "success", "T-1")),
        update_job_item_results(ctx, [Report(bad, "success", "T-1")]),
        get_job_item(ctx, GetJobItemParams(SOME_ID, bad)),
    )
    for name, results in (("job_id", of_jobs), ("item_id", of_items)):
        for result in results:
            assert failure_of(result, "INVALID", "invalid_id").error.startswith(f"{name} must be a UUID")


@pytest.mark.parametrize("dispatch", ["1", 0, -1, 2**31, 1.0, True, [], SOME_ID])
def test_a_dispatch_is_a_number_of_a_hand_over(ctx: DomainContext, job: CreatedJob, dispatch: Any) -> None:
    for result in (
        update_job_item_result(ctx, Report(job.items[0].item_id, "success", "T-1", dispatch=dispatch)),
        claim_dispatch(ctx, DispatchRef(job.job_id, dispatch)),
        note_accepted(ctx, DispatchRef(job.job_id, dispatch)),
    ):
        failure_of(result, "INVALID", "invalid_value")


@pytest.mark.parametrize(
    "bad",
    [
        {"status": "done"},
        {"status": None},
        {"status": "pending"},
        {"status": "SUCCESS"},
        {"status": ["success"]},
        {"status": "error", "error_type": "weather"},
        {"status": "error", "error_type": ""},
        {"status": "error", "error_type": 7},
        {"error_type": "weather"},
    ],
    ids=described,
)
def test_status_and_error_type_of_a_report_are_known_ones(
    ctx: DomainContext, job: CreatedJob, bad: dict[str, Any]
) -> None:
    report = replace(Report(job.items[0].item_id, "success"), **bad)
    failure_of(update_job_item_result(ctx, report), "INVALID", "invalid_choice")
    good = Report(job.items[1].item_id, "success", "T-1")
    failure_of(update_job_item_results(ctx, [good, report]), "INVALID", "invalid_choice")


@pytest.mark.parametrize("text", [7, b"x", ["x"], {}, TWO_MEGABYTES, *UNSTORABLE], ids=described)
@pytest.mark.parametrize("field", ["tracking_number", "validated_city", "error_message"])
def test_texts_of_a_report_are_texts_that_fit(ctx: DomainContext, job: CreatedJob, field: str, text: Any) -> None:
    status: Any = "error" if field == "error_message" else "success"
    report = replace(Report(job.items[0].item_id, status), **{field: text})
    failure_of(update_job_item_result(ctx, report), "INVALID", "invalid_text")


@pytest.mark.parametrize("number", ["", "x" * 201])
def test_a_tracking_number_has_1_to_200_characters(ctx: DomainContext, job: CreatedJob, number: str) -> None:
    result = update_job_item_result(ctx, Report(job.items[0].item_id, "success", number))
    failure_of(result, "INVALID", "invalid_text")


@pytest.mark.parametrize("text", [*STORABLE, "x" * 200])
def test_storable_texts_of_a_report_are_kept_as_they_are(ctx: DomainContext, job: CreatedJob, text: str) -> None:
    success = Report(job.items[0].item_id, "success", text, text)
    error = Report(job.items[1].item_id, "error", error_message=text * 10)
    data_of(update_job_item_results(ctx, [success, error]))
    shipped, failed = read_job(ctx, job).items
    assert (shipped.tracking_number, shipped.validated_city, failed.error_message) == (text, text, text * 10)


@pytest.mark.parametrize("reports", [None, "x", 7, {}, iter([]), [None], ["x"], [{}]], ids=described)
def test_reports_are_a_list_of_reports(ctx: DomainContext, reports: Any) -> None:
    failure_of(update_job_item_results(ctx, reports), "INVALID", "invalid_value")


def test_at_most_ten_thousand_reports_are_recorded_at_once(ctx: DomainContext) -> None:
    reports = [Report(uuid7(), "error")] * 10_001
    failure_of(update_job_item_results(ctx, reports), "INVALID", "too_many_reports")
    assert len(data_of(update_job_item_results(ctx, reports[1:]))) == 10_000


def test_one_report_that_is_none_refuses_the_whole_list(ctx: DomainContext, job: CreatedJob) -> None:
    reports = [Report(job.items[0].item_id, "success", "T-1"), Report(job.items[1].item_id, "success", "NUL \0 in it")]
    failure_of(update_job_item_results(ctx, reports), "INVALID", "invalid_text")


@pytest.mark.parametrize("status", [None, "", "done", "FAILED", 7, True, ["failed"], "success"])
def test_a_job_s_status_is_a_known_one(ctx: DomainContext, job: CreatedJob, status: Any) -> None:
    failure_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, status)), "INVALID", "invalid_choice")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"error_type": "weather"}, "invalid_choice"),
        ({"error_type": 7}, "invalid_choice"),
        ({"error_message": 7}, "invalid_text"),
        ({"error_message": "x" * 2_001}, "invalid_text"),
        ({"error_message": TWO_MEGABYTES}, "invalid_text"),
        *(({"error_message": text}, "invalid_text") for text in UNSTORABLE),
    ],
    ids=described,
)
def test_the_error_of_an_end_by_hand_is_one(
    ctx: DomainContext, job: CreatedJob, bad: dict[str, Any], reason: str
) -> None:
    params = replace(UpdateJobStatusParams(job.job_id, "failed"), **bad)
    failure_of(update_job_status(ctx, params), "INVALID", reason)


@pytest.mark.parametrize(
    ("item_ids", "reason"),
    [
        ([], "no_ids"),
        ("x", "invalid_id"),
        ({SOME_ID}, "invalid_id"),
        (["x"], "invalid_id"),
        ([None], "invalid_id"),
        ([SOME_ID] * 2, "duplicate_ids"),
        ([SOME_ID] * 10_001, "too_many_ids"),
        ([SOME_ID], "invalid_items"),
    ],
    ids=described,
)
def test_items_to_retry_are_a_list_of_failed_ones(
    owner: Connection, ctx: DomainContext, workspace: UUID, item_ids: Any, reason: str
) -> None:
    assert workspace
    theirs = make_ended_job(owner, DomainContext(uuid7(), "test"), "error")
    failure_of(retry_failed_items(ctx, RetryFailedItemsParams(theirs.job_id, item_ids)), *_either(reason))


def _either(reason: str) -> tuple[str, str]:
    # What is wrong with the ids is told before the job is looked for.
    return ("NOT_FOUND", "job_not_found") if reason == "invalid_items" else ("INVALID", reason)


@pytest.mark.parametrize("words", [None, 7, b"x", ["x"]])
def test_a_robot_s_words_are_a_text(ctx: DomainContext, job: CreatedJob, words: Any) -> None:
    failure_of(note_refused(ctx, DispatchRef(job.job_id, 1), words), "INVALID", "invalid_text")
    failure_of(release_dispatch(ctx, DispatchRef(job.job_id, 1), "busy", words), "INVALID", "invalid_text")


@pytest.mark.parametrize("refused_as", [None, "", "tired", 7, []])
def test_a_refusal_for_now_has_one_of_two_reasons(ctx: DomainContext, job: CreatedJob, refused_as: Any) -> None:
    result = release_dispatch(ctx, DispatchRef(job.job_id, 1), refused_as, "no")
    failure_of(result, "INVALID", "invalid_choice")


@pytest.mark.parametrize("words", [*UNSTORABLE, *STORABLE, TWO_MEGABYTES, ""], ids=described)
def test_a_robot_s_words_are_made_storable(owner: Connection, ctx: DomainContext, workspace: UUID, words: str) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx)
    claim(ctx, job)
    data_of(release_dispatch(ctx, DispatchRef(job.job_id, 1), "busy", words))
    make_due(owner, job)
    claim(ctx, job)
    data_of(note_refused(ctx, DispatchRef(job.job_id, 1), words))
    item = read_item(ctx, job)
    assert item.error_message == words.replace("\0", "").encode(errors="replace").decode()[:2_000]


@pytest.mark.parametrize("actor", UNSTORABLE + STORABLE)
def test_a_name_of_whoever_cancels_is_made_storable(ctx: DomainContext, job: CreatedJob, actor: str) -> None:
    assert data_of(cancel_job(replace(ctx, actor=actor), job.job_id)).cancelled_count == 2
