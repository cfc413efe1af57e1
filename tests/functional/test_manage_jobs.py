"""The routes of robot jobs, over real rows."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from functions.manage_jobs.app import handler
from shared.domain import CreatedJob, DomainContext, UpdateJobItemResultParams, update_job_item_result
from shared.domain.ids import uuid7
from tests.factories import events_of, hand_over, make_carrier_config, make_job
from tests.functional.conftest import Bus
from tests.http_client import Answer, assert_problem, call

pytestmark = pytest.mark.usefixtures("bus")
Ask = Callable[..., Answer]


@pytest.fixture
def ask(workspace: UUID, database: str) -> Ask:
    assert database

    def send(method: str, path: str, **request: Any) -> Answer:
        return call(handler, method, path, **{"workspace": workspace, **request})

    return send


@pytest.fixture
def job(owner: Connection, ctx: DomainContext) -> CreatedJob:
    return make_job(owner, ctx, items=3)


def record(ctx: DomainContext, item_id: UUID, number: str | None = None, message: str | None = None) -> None:
    params = UpdateJobItemResultParams(
        item_id=item_id,
        status="success" if number else "error",
        tracking_number=number,
        validated_city=None,
        value_sent=None,
        error_type=None if number else "portal",
        error_message=message,
    )
    assert update_job_item_result(ctx, params).success


def test_jobs_are_listed_newest_first_page_by_page(ask: Ask, owner: Connection, ctx: DomainContext) -> None:
    made = [str(make_job(owner, ctx).job_id) for _ in range(3)]
    first = ask("GET", "/robot-jobs", query={"limit": 2})
    assert first.status == 200
    assert [job["id"] for job in first.json["jobs"]] == [made[2], made[1]]
    last = ask("GET", "/robot-jobs", query={"limit": 2, "cursor": first.json["nextCursor"]})
    assert ([job["id"] for job in last.json["jobs"]], last.json["nextCursor"]) == ([made[0]], None)


def test_a_job_is_a_resource_that_carries_its_nulls(ask: Ask, job: CreatedJob, workspace: UUID) -> None:
    [listed] = ask("GET", "/robot-jobs").json["jobs"]
    created_at = listed.pop("createdAt")
    assert created_at.endswith("Z")
    assert listed.pop("updatedAt") == created_at
    assert listed == {
        "id": str(job.job_id),
        "workspaceId": str(workspace),
        "kind": "shipment",
        "carrier": "coordinadora",
        "status": "pending",
        "totalItems": 3,
        "successCount": 0,
        "errorCount": 0,
        "idempotencyKey": None,
        "startedAt": None,
        "completedAt": None,
        "priority": "normal",
        "waveSize": 25,
        "pausedAt": None,
        "pausedReason": None,
    }


def test_jobs_are_filtered_by_status_and_carrier(ask: Ask, job: CreatedJob) -> None:
    assert job
    assert len(ask("GET", "/robot-jobs", query={"status": "pending", "carrier": "coordinadora"}).json["jobs"]) == 1
    assert ask("GET", "/robot-jobs", query={"status": "failed"}).json["jobs"] == []
    assert ask("GET", "/robot-jobs", query={"carrier": "other"}).json["jobs"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"status": "done"}, "invalid_input"),
        ({"limit": 0}, "invalid_input"),
        ({"limit": 501}, "invalid_input"),
        ({"cursor": "tampered"}, "invalid_cursor"),
        ({"cursor": ""}, "invalid_cursor"),
    ],
)
def test_a_page_that_cannot_be_is_422(query: dict[str, object], code: str, ask: Ask, job: CreatedJob) -> None:
    assert_problem(ask("GET", "/robot-jobs", query=query), 422, code)
    assert_problem(ask("GET", f"/robot-jobs/{job.job_id}", query=query), 422, code)


def test_a_cursor_of_one_list_is_refused_by_another(ask: Ask, job: CreatedJob) -> None:
    cursor = ask("GET", f"/robot-jobs/{job.job_id}", query={"limit": 1}).json["nextCursor"]
    assert_problem(ask("GET", "/robot-jobs", query={"cursor": cursor}), 422, "invalid_cursor")


def test_a_job_shows_its_items_in_creation_order(ask: Ask, job: CreatedJob, ctx: DomainContext) -> None:
    record(ctx, job.items[1].item_id, number="528")
    shown = ask("GET", f"/robot-jobs/{job.job_id}", query={"limit": 2}).json
    assert shown["job"]["successCount"] == 1
    assert [item["id"] for item in shown["items"]] == [str(item.item_id) for item in job.items[:2]]
    assert [item["trackingNumber"] for item in shown["items"]] == [None, "528"]
    rest = ask("GET", f"/robot-jobs/{job.job_id}", query={"limit": 2, "cursor": shown["nextCursor"]}).json
    assert ([item["id"] for item in rest["items"]], rest["nextCursor"]) == ([str(job.items[2].item_id)], None)
    done = ask("GET", f"/robot-jobs/{job.job_id}", query={"status": "success"}).json
    assert [item["orderId"] for item in done["items"]] == [str(job.items[1].order_id)]
    assert set(done["items"][0]) == {
        *("id", "jobId", "orderId", "status", "trackingNumber", "validatedCity", "valueSent", "errorType"),
        *("errorMessage", "retryCount", "lastRetryAt", "startedAt", "completedAt", "createdAt", "updatedAt"),
        *("orderName", "shipment", "otherNumbers", "voidedAt", "attemptCount"),
    }


def test_an_unchanged_job_is_given_once(ask: Ask, job: CreatedJob, ctx: DomainContext) -> None:
    path = f"/robot-jobs/{job.job_id}"
    etag = ask("GET", path).headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = ask("GET", path, headers={"If-None-Match": known})
        assert (again.status, again.text or "", again.headers["etag"]) == (304, "", etag)
    assert ask("GET", path, headers={"If-None-Match": '"other"'}).status == 200
    record(ctx, job.items[0].item_id, number="528")
    changed = ask("GET", path, headers={"If-None-Match": etag})
    assert (changed.status, changed.headers["etag"] == etag) == (200, False)


def test_only_an_answer_that_was_read_is_one_that_the_caller_may_have_already(ask: Ask, job: CreatedJob) -> None:
    """Naive: with `If-None-Match: *` a refusal, and what a command did, become 304 without a word."""
    path = f"/robot-jobs/{job.job_id}"
    for method, of, status in (("GET", f"/robot-jobs/{uuid7()}", 404), ("POST", f"{path}/pause", 202)):
        answer = ask(method, of, headers={"If-None-Match": "*"})
        assert (answer.status, "etag" in answer.headers, "cache-control" in answer.headers) == (status, False, False)
        assert answer.json


def test_the_largest_page_fits_into_a_lambda_answer(ask: Ask, owner: Connection, ctx: DomainContext) -> None:
    """Lambda refuses an answer of more than 6 MB, and the caller sees a server error."""
    job = make_job(owner, ctx, items=500)
    owner.execute(
        "UPDATE robot_job_items SET error_message = repeat('🚚', 2000), value_sent = "
        """jsonb_build_object('direccion', repeat('"', 10000)) WHERE job_id = %s""",
        [job.job_id],
    )
    seen: list[str] = []
    query: dict[str, object] = {"limit": 500}
    while True:
        answer = ask("GET", f"/robot-jobs/{job.job_id}", query=query)
        # As the runtime sends it: the body is a JSON text inside a JSON document.
        assert len(json.dumps({"body": answer.text}, ensure_ascii=False).encode()) < 6_000_000
        seen += [item["id"] for item in answer.json["items"]]
        if answer.json["nextCursor"] is None:
            break
        query["cursor"] = answer.json["nextCursor"]
    assert seen == [str(item.item_id) for item in job.items]


def test_a_job_is_started_and_ended_by_hand(ask: Ask, job: CreatedJob, owner: Connection, workspace: UUID) -> None:
    path = f"/robot-jobs/{job.job_id}"
    started = ask("PATCH", path, body={"status": "processing"})
    assert (started.status, started.json) == (200, {"jobId": str(job.job_id)})
    assert ask("PATCH", path, body={"status": "completed"}).status == 200
    shown = ask("GET", path).json
    assert (shown["job"]["status"], shown["job"]["errorCount"]) == ("completed", 3)
    assert {(item["status"], item["errorType"], item["errorMessage"]) for item in shown["items"]} == {
        ("error", "unknown", "ended by the operator")
    }
    assert len(events_of(owner, workspace, "robot/job.completed")) == 1


def test_ending_a_job_is_published_at_once(ask: Ask, job: CreatedJob, bus: Bus) -> None:
    assert ask("PATCH", f"/robot-jobs/{job.job_id}", body={"status": "failed"}).status == 200
    [completed] = bus.received("robot/job.completed")
    assert (completed["jobId"], completed["status"], completed["errorCount"]) == (str(job.job_id), "failed", 3)


@pytest.mark.parametrize("body", [{}, {"status": None}, {"status": None, "priority": None}])
def test_a_change_of_nothing_is_422(body: dict[str, object], ask: Ask, job: CreatedJob) -> None:
    assert_problem(ask("PATCH", f"/robot-jobs/{job.job_id}", body=body), 422, "nothing_to_change")


@pytest.mark.parametrize(
    "body",
    [{"status": "pending"}, {"status": "done"}, {"status": "failed", "x": 1}, {"priority": "high"}, {"priority": 1}],
)
def test_a_status_that_an_operator_cannot_give_is_422(body: dict[str, object], ask: Ask, job: CreatedJob) -> None:
    assert_problem(ask("PATCH", f"/robot-jobs/{job.job_id}", body=body), 422, "invalid_input")
    assert ask("GET", f"/robot-jobs/{job.job_id}").json["job"]["status"] == "pending"


def test_a_step_that_the_state_does_not_allow_is_409(ask: Ask, job: CreatedJob) -> None:
    path = f"/robot-jobs/{job.job_id}"
    assert ask("PATCH", path, body={"status": "failed"}).status == 200
    assert_problem(ask("PATCH", path, body={"status": "processing"}), 409, "invalid_transition")
    assert_problem(ask("POST", f"{path}/cancel"), 409, "invalid_transition")


@pytest.mark.parametrize("body", [None, "", {}, {"itemIds": None}])
def test_an_empty_body_retries_all_that_failed(
    body: object, ask: Ask, job: CreatedJob, ctx: DomainContext, bus: Bus
) -> None:
    for item in job.items[:2]:
        record(ctx, item.item_id, message="the portal is down")
    record(ctx, job.items[2].item_id, "T1")
    bus.received()
    answer = ask("POST", f"/robot-jobs/{job.job_id}/retry", body=body)
    assert (answer.status, answer.json["retriedCount"]) == (202, 2)
    assert answer.json["itemIds"] == [str(item.item_id) for item in job.items[:2]]
    handed_over = [event for event in bus.received("robot/job.submitted") if event["dispatch"] == 2]
    assert [order["itemId"] for order in handed_over[0]["orders"]] == answer.json["itemIds"]


def test_only_the_items_that_are_named_are_retried(ask: Ask, job: CreatedJob, ctx: DomainContext) -> None:
    for item in job.items[:2]:
        record(ctx, item.item_id)
    named = str(job.items[1].item_id)
    answer = ask("POST", f"/robot-jobs/{job.job_id}/retry", body={"itemIds": [named]})
    assert answer.json == {"retriedCount": 1, "itemIds": [named], "skipped": []}


def test_items_that_did_not_fail_are_422(ask: Ask, job: CreatedJob, ctx: DomainContext) -> None:
    record(ctx, job.items[0].item_id)
    unknown, open_item = str(uuid7()), str(job.items[1].item_id)
    body = {"itemIds": [str(job.items[0].item_id), open_item, unknown]}
    problem = assert_problem(ask("POST", f"/robot-jobs/{job.job_id}/retry", body=body), 422, "invalid_items")
    assert set(problem["itemIds"]) == {open_item, unknown}


def test_nothing_to_retry_is_422(ask: Ask, job: CreatedJob) -> None:
    assert_problem(ask("POST", f"/robot-jobs/{job.job_id}/retry"), 422, "nothing_to_retry")


@pytest.mark.parametrize("item_ids", ["x", ["x"], [], [str(UUID(int=1))] * 2, 5])
def test_ids_that_cannot_be_retried_are_422(item_ids: object, ask: Ask, job: CreatedJob) -> None:
    assert ask("POST", f"/robot-jobs/{job.job_id}/retry", body={"itemIds": item_ids}).status == 422


def test_an_order_that_is_open_in_another_job_by_now_is_skipped(
    ask: Ask, job: CreatedJob, ctx: DomainContext, owner: Connection
) -> None:
    record(ctx, job.items[0].item_id)
    other = make_job(owner, ctx)
    owner.execute(
        "UPDATE robot_job_items SET order_id = %s WHERE id = %s", [job.items[0].order_id, other.items[0].item_id]
    )
    problem = assert_problem(ask("POST", f"/robot-jobs/{job.job_id}/retry"), 422, "nothing_to_retry")
    [skipped] = problem["skipped"]
    assert (skipped["orderId"], skipped["itemId"]) == (str(job.items[0].order_id), str(job.items[0].item_id))
    assert (skipped["code"], skipped["jobId"]) == ("order_in_open_job", str(other.job_id))


def test_a_job_that_no_robot_has_is_cancelled(ask: Ask, job: CreatedJob, bus: Bus) -> None:
    answer = ask("POST", f"/robot-jobs/{job.job_id}/cancel")
    assert (answer.status, answer.json) == (202, {"cancelledCount": 3})
    shown = ask("GET", f"/robot-jobs/{job.job_id}").json
    assert {item["errorMessage"] for item in shown["items"]} == {"cancelled by operator-1"}
    assert len(bus.received("robot/job.completed")) == 1


REQUESTS: list[tuple[str, str, object]] = [
    ("GET", "/robot-jobs/{job}", None),
    ("PATCH", "/robot-jobs/{job}", {"status": "failed"}),
    ("POST", "/robot-jobs/{job}/retry", None),
    ("POST", "/robot-jobs/{job}/cancel", None),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_job_of_another_workspace_is_404_as_if_it_did_not_exist(
    request_: tuple[str, str, object], ask: Ask, job: CreatedJob, owner: Connection
) -> None:
    method, path, body = request_
    before = owner.execute("SELECT * FROM robot_jobs WHERE id = %s", [job.job_id]).fetchall()
    foreign = ask(method, path.format(job=job.job_id), body=body, workspace=uuid7())
    problem = assert_problem(foreign, 404, "job_not_found")
    missing = ask(method, path.format(job=uuid7()), body=body)
    assert assert_problem(missing, 404, "job_not_found").keys() == problem.keys()
    assert owner.execute("SELECT * FROM robot_jobs WHERE id = %s", [job.job_id]).fetchall() == before


def test_jobs_of_another_workspace_are_not_listed(ask: Ask, job: CreatedJob) -> None:
    assert job
    assert ask("GET", "/robot-jobs", workspace=uuid7()).json == {"jobs": [], "nextCursor": None}


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_an_id_that_is_none_is_422(method: str, path: str, body: object, ask: Ask) -> None:
    assert_problem(ask(method, path.format(job="123"), body=body), 422, "invalid_input")


@pytest.mark.parametrize(("method", "path", "body"), [("GET", "/robot-jobs", None), *REQUESTS])
def test_a_token_without_a_workspace_is_403(method: str, path: str, body: object, ask: Ask) -> None:
    assert_problem(ask(method, path.format(job=uuid7()), body=body, workspace=None), 403, "no_workspace")


# --- The brake ------------------------------------------------------------------------------------------------------
def test_a_job_is_paused_resumed_and_made_urgent(ask: Ask, job: CreatedJob, bus: Bus) -> None:
    path = f"/robot-jobs/{job.job_id}"
    for step in ("pause", "pause", "resume", "resume"):
        answer = ask("POST", f"{path}/{step}")
        assert (answer.status, answer.json) == (202, {"jobId": str(job.job_id)})
    assert [event["reason"] for event in bus.received("robot/job.paused")] == ["operator"]
    assert ask("POST", f"{path}/pause").status == 202
    shown = ask("GET", path).json["job"]
    assert (shown["pausedReason"], shown["waiting"]["reason"]) == ("operator", "paused")
    assert ask("PATCH", path, body={"priority": "urgent"}).status == 200
    assert ask("GET", path).json["job"]["priority"] == "urgent"


def test_a_job_that_is_resumed_goes_on_at_once(
    ask: Ask, job: CreatedJob, owner: Connection, ctx: DomainContext, bus: Bus
) -> None:
    """Naive: its orders wait for the relay."""
    held = make_job(owner, ctx)
    assert ask("POST", f"/robot-jobs/{held.job_id}/pause").status == 202
    assert len(bus.received("robot/job.paused")) == 1
    assert ask("POST", f"/robot-jobs/{job.job_id}/cancel").status == 202
    bus.received()
    assert ask("POST", f"/robot-jobs/{held.job_id}/resume").status == 202
    assert [event["jobId"] for event in bus.received("robot/job.submitted")] == [str(held.job_id)]


@pytest.mark.parametrize("step", ["pause", "resume"])
def test_what_has_ended_or_is_another_s_has_no_brake(ask: Ask, job: CreatedJob, step: str) -> None:
    assert_problem(ask("POST", f"/robot-jobs/{uuid7()}/{step}"), 404, "job_not_found")
    assert ask("PATCH", f"/robot-jobs/{job.job_id}", body={"status": "failed"}).status == 200
    assert_problem(ask("POST", f"/robot-jobs/{job.job_id}/{step}"), 409, "invalid_transition")
    answer = ask("PATCH", f"/robot-jobs/{job.job_id}", body={"priority": "urgent"})
    assert_problem(answer, 409, "invalid_transition")


def test_an_etag_stands_still_while_only_the_guess_at_the_end_moves(
    ask: Ask, owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: a report of another job changes the guess, and every page that shows this one is sent anew."""
    make_carrier_config(owner, workspace)
    made = make_job(owner, ctx, items=3)
    hand_over(ctx, made)
    path = f"/robot-jobs/{made.job_id}"
    first = ask("GET", path)
    assert first.headers["etag"].startswith('W/"')
    other = make_job(owner, ctx, items=2)
    for place, item in enumerate(other.items):
        record(ctx, item.item_id, f"T-{place}")
        owner.execute(
            "UPDATE robot_job_items SET value_sent = '{}', completed_at = completed_at - %s * interval '9 s'"
            " WHERE id = %s",
            [place, item.item_id],
        )
    again = ask("GET", path)
    assert again.json["job"].pop("estimatedEndAt") != first.json["job"].pop("estimatedEndAt")
    assert again.headers["etag"] == first.headers["etag"]
    assert ask("GET", path, headers={"If-None-Match": first.headers["etag"]}).status == 304
    record(ctx, made.items[0].item_id, "T-9")
    assert ask("GET", path).headers["etag"] != first.headers["etag"]
