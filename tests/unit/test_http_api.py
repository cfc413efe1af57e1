"""What every route has in common: problems, request ids, limits, validation."""

import base64
import json
import logging
from io import StringIO
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, SecretStr

from shared.domain import refusal_page as page
from shared.domain.database_errors import RetryableDatabaseError
from shared.domain.result import ErrorCode, Failure
from shared.http.auth import Caller
from shared.http.domain_api import DomainApi, data_of
from shared.http.models import Body, JobId, Limit, Resource
from shared.logs import logger
from tests.http_client import LambdaContext, assert_problem, call, http_event

WORKSPACE = UUID("0198c0de-0000-7000-8000-0000000000aa")
ITEM = UUID("0198c0de-0000-7000-8000-000000000001")


class ThingBody(Body):
    order_ids: list[UUID]
    secret: Annotated[SecretStr, Field(max_length=5)] | None = None
    custom_name: str | None = None


class Thing(Resource):
    workspace_id: UUID
    order_count: int


app = DomainApi()
handler = app.resolve


@app.post("/things")
def make_thing(caller: Caller, body: ThingBody) -> Thing:
    return Thing(workspace_id=caller.workspace_id, order_count=len(body.order_ids))


@app.get("/things/<jobId>")
def get_thing(caller: Caller, job_id: JobId, limit: Limit = 50) -> dict[str, Any]:
    return {"source": caller.source, "actor": caller.actor, "jobId": str(job_id), "limit": limit}


REFUSALS = {
    "invalid": page.nothing_to_ship(rejected=[{"order_id": ITEM}]).failure,
    "unknown_in_body": page.orders_not_found(order_ids=[ITEM]).failure,
    "not_found": page.job_not_found(job_id=ITEM).failure,
    "conflict": page.duplicate_job(existing_job_id=ITEM).failure,
    "status": Failure("No.", ErrorCode.CONFLICT, "invalid_transition", {"status": "failed", "code": 1, "type": 2}),
}


@app.get("/failures/<kind>")
def fail(kind: str) -> dict[str, Any]:
    if kind == "busy":
        raise RetryableDatabaseError("deadlock detected on table secrets")
    if kind == "broken":
        raise KeyError("the password is 12345")
    if kind == "misshapen":
        return {"a": {1, 2}, "b": object()}
    data_of(REFUSALS[kind])
    return {}


@app.get("/misshapen")
def misshapen() -> Thing:
    return {"password": "12345"}  # type: ignore[return-value] # the mistake that the test is about


def things(body: object = None, **request: Any) -> Any:
    return call(handler, "POST", "/things", workspace=WORKSPACE, body=body, **request)


def answer_to(event: dict[str, Any]) -> Any:
    context: Any = LambdaContext()
    return handler(event, context)


def test_a_route_gets_its_caller_and_answers_in_camel_case() -> None:
    answer = things({"orderIds": [str(ITEM)]})
    assert (answer.status, answer.json) == (200, {"workspaceId": str(WORKSPACE), "orderCount": 1})
    assert answer.headers["content-type"] == "application/json"


def test_the_context_says_who_calls() -> None:
    answer = call(handler, "GET", f"/things/{ITEM}", workspace=WORKSPACE)
    assert answer.json == {"source": "api", "actor": "operator-1", "jobId": str(ITEM), "limit": 50}


def test_the_context_comes_from_the_token_alone() -> None:
    """A workspace that is taken from the request opens every other one."""
    names = ("workspaceId", "workspace_id", "X-Workspace-Id")
    answer = things({"orderIds": []}, query=dict.fromkeys(names, str(ITEM)), headers=dict.fromkeys(names, str(ITEM)))
    assert answer.json["workspaceId"] == str(WORKSPACE)
    stolen = things({"orderIds": [], "workspaceId": str(ITEM)})
    assert_problem(stolen, 422, "invalid_input")


@pytest.mark.parametrize("claim", [None, "", "no uuid", "*"])
def test_a_token_without_a_workspace_is_forbidden(claim: str | None) -> None:
    answer = call(handler, "GET", f"/things/{ITEM}", claims={} if claim is None else {"workspace_id": claim})
    assert_problem(answer, 403, "no_workspace")


@pytest.mark.parametrize("authorizer", [None, {}, {"jwt": None}, {"jwt": {}}, {"iam": {"userId": str(WORKSPACE)}}])
def test_a_request_that_no_token_came_with_is_forbidden(authorizer: object) -> None:
    event = http_event("GET", f"/things/{ITEM}", workspace=WORKSPACE)
    event["requestContext"]["authorizer"] = authorizer
    assert answer_to(event)["statusCode"] == 403


@pytest.mark.parametrize(
    ("kind", "status", "code", "members"),
    [
        ("invalid", 422, "nothing_to_ship", {"rejected": [{"orderId": str(ITEM)}]}),
        ("unknown_in_body", 422, "orders_not_found", {"orderIds": [str(ITEM)]}),
        ("not_found", 404, "job_not_found", {"jobId": str(ITEM)}),
        ("conflict", 409, "duplicate_job", {"existingJobId": str(ITEM)}),
        ("status", 409, "invalid_transition", {}),
    ],
)
def test_a_refusal_is_a_problem_with_its_details(kind: str, status: int, code: str, members: dict[str, Any]) -> None:
    problem = assert_problem(call(handler, "GET", f"/failures/{kind}"), status, code)
    assert problem.items() >= members.items()


def test_a_busy_database_asks_for_the_request_again() -> None:
    answer = call(handler, "GET", "/failures/busy")
    assert_problem(answer, 503, "try_again")
    assert answer.headers["retry-after"] == "1"
    assert "secrets" not in (answer.text or "")


@pytest.mark.parametrize("path", ["/failures/broken", "/misshapen"])
def test_an_unexpected_error_is_logged_and_its_text_is_not_given_away(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = call(handler, "GET", path)
    assert_problem(answer, 500, "internal_error")
    assert "12345" not in (answer.text or "")
    assert "password" not in (answer.text or "")
    assert any(record.exc_info for record in caplog.records)


def test_an_answer_that_is_no_json_is_a_problem_too() -> None:
    assert_problem(call(handler, "GET", "/failures/misshapen"), 500, "internal_error")


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "{'a': 1}",
        "hello",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e999}',
        "[" * 100_000,
        '{"a": "\\ud800"}',
        '{"a": ' + "9" * 5_000 + "}",
        '{"a": 1} {',
        "\0",
    ],
)
def test_a_body_that_is_no_json_is_400(body: str) -> None:
    assert_problem(things(body), 400, "invalid_json")


def test_a_base64_body_is_decoded() -> None:
    body = base64.b64encode(json.dumps({"orderIds": [], "customName": "ñ"}).encode()).decode()
    assert things(body, is_base64=True).status == 200


@pytest.mark.parametrize("body", ["no base64!", base64.b64encode(b'{"orderIds": [], "customName": "\xf3"}').decode()])
def test_a_base64_body_that_holds_no_text_is_400(body: str) -> None:
    assert_problem(things(body, is_base64=True), 400, "invalid_json")


@pytest.mark.parametrize("body", ["[]", "null", "5", '"x"', '[{"orderIds": []}]'])
def test_a_body_that_is_no_object_is_422(body: str) -> None:
    assert_problem(things(body), 422, "invalid_input")


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "x", "", "text/json"]
)
def test_a_body_that_says_it_is_no_json_is_415(content_type: str) -> None:
    answer = things({"orderIds": []}, headers={"content-type": content_type})
    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["Application/JSON;charset=UTF-8", "application/merge-patch+json"])
def test_a_body_may_be_any_kind_of_json(content_type: str) -> None:
    assert things({"orderIds": []}, headers={"content-type": content_type}).status == 200


def test_a_body_that_says_nothing_of_itself_is_json_and_no_body_has_no_type() -> None:
    event = http_event("POST", "/things", workspace=WORKSPACE, body={"orderIds": []})
    del event["headers"]["content-type"]
    assert answer_to(event)["statusCode"] == 200
    answer = call(handler, "GET", f"/things/{ITEM}", workspace=WORKSPACE, headers={"content-type": "text/plain"})
    assert answer.status == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (None, "body"),
        ("", "body"),
        ({}, "orderIds"),
        ({"orderIds": "x"}, "orderIds"),
        ({"orderIds": [str(ITEM), "x"]}, "orderIds.1"),
        ({"orderIds": [], "extra": 1}, "extra"),
        ({"order_ids": []}, "orderIds"),
        ({"orderIds": [], "custom_name": "x"}, "custom_name"),
    ],
)
def test_bad_input_is_422_and_names_the_field(body: object, field: str) -> None:
    problem = assert_problem(things(body), 422, "invalid_input")
    assert field in {error["field"] for error in problem["errors"]}
    assert problem["errors"][0]["field"] in problem["detail"]


def test_bad_input_is_not_repeated() -> None:
    """A password would stand in the answer, and in whatever logs it."""
    answer = things({"orderIds": [], "secret": "hunter2-hunter2"})
    assert_problem(answer, 422, "invalid_input")
    assert "hunter2" not in (answer.text or "")


def test_thousands_of_errors_are_cut() -> None:
    problem = assert_problem(things({"orderIds": ["x"] * 10_000}), 422, "invalid_input")
    assert len(problem["errors"]) == 20
    assert problem["detail"].startswith("orderIds.0: Input should be a valid UUID")
    assert " (9999 more). Correct it" in problem["detail"]
    assert " (1 more). Correct it" in assert_problem(things({"orderIds": ["x"] * 2}), 422, "invalid_input")["detail"]


def test_of_one_error_no_others_are_told() -> None:
    problem = assert_problem(things({"orderIds": [], "extra": 1}), 422, "invalid_input")
    assert problem["errors"] == [{"field": "extra", "message": "Extra inputs are not permitted"}]
    assert problem["detail"] == "extra: Extra inputs are not permitted. Correct it and send the request again."


@pytest.mark.parametrize("limit", ["0", "501", "x", "1.5", "", "1,2"])
def test_a_limit_is_1_to_500(limit: str) -> None:
    answer = call(handler, "GET", f"/things/{ITEM}", workspace=WORKSPACE, query={"limit": limit})
    assert assert_problem(answer, 422, "invalid_input")["errors"][0]["field"] == "limit"


@pytest.mark.parametrize("limit", [1, 500])
def test_the_smallest_and_the_largest_limit_are_taken(limit: int) -> None:
    answer = call(handler, "GET", f"/things/{ITEM}", workspace=WORKSPACE, query={"limit": limit})
    assert answer.json["limit"] == limit


def test_a_path_that_holds_no_id_is_422() -> None:
    answer = call(handler, "GET", "/things/no-uuid", workspace=WORKSPACE)
    assert assert_problem(answer, 422, "invalid_input")["errors"][0]["field"] == "jobId"


def test_a_body_of_more_than_1_mb_is_413() -> None:
    assert things({"orderIds": [], "customName": "x" * 999_900}).status == 200
    assert_problem(things({"orderIds": [], "customName": "x" * 1_000_000}), 413, "body_too_large")
    packed = base64.b64encode(b"x" * 1_000_004).decode()
    assert_problem(things(packed, is_base64=True), 413, "body_too_large")
    # To the byte, and in bytes: a letter may have two.
    for letter in ("x", "\u00f1"):
        empty = '{"orderIds": [], "customName": ""}'
        room = 1_000_000 - len(empty)
        largest = empty[:-2] + letter * (room // len(letter.encode())) + empty[-2:]
        assert len(largest.encode()) == 1_000_000
        assert things(largest).status == 200
        assert_problem(things(f"{largest} "), 413, "body_too_large")


def test_an_unknown_route_is_404_and_another_method_405() -> None:
    assert_problem(call(handler, "GET", "/nothing"), 404, "route_not_found")
    # Of every function's routes, whichever is asked.
    for path, allowed in {"/robot-jobs": "GET, POST", f"/orders/{ITEM}": "GET, PATCH", "/orders": "GET, POST"}.items():
        answer = call(handler, "DELETE", path)
        assert_problem(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == allowed


def test_what_comes_by_the_default_route_is_not_matched_with_a_route() -> None:
    """No authorizer has looked at it: a path that only nearly is a route's must not reach that route."""
    event = http_event("POST", "/things", workspace=WORKSPACE, body={"orderIds": []})
    answer = answer_to({**event, "routeKey": "$default"})
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (404, "route_not_found")
    assert answer["headers"]["X-Request-Id"] == "gateway-request-id"


@pytest.mark.parametrize("path", [f"/things/{ITEM}", "/nothing", "/failures/broken"])
def test_the_request_id_is_echoed(path: str) -> None:
    answer = call(handler, "GET", path, workspace=WORKSPACE, headers={"x-request-id": "abc-1"})
    assert answer.headers["x-request-id"] == "abc-1"


@pytest.mark.parametrize("sent", [{}, {"x-request-id": "a\nb"}, {"x-request-id": "x" * 129}])
def test_without_a_usable_request_id_the_gateways_is_given(sent: dict[str, str]) -> None:
    answer = call(handler, "GET", f"/things/{ITEM}", workspace=WORKSPACE, headers=sent)
    assert answer.headers["x-request-id"] == "gateway-request-id"


@pytest.mark.parametrize(
    ("path", "parameters", "job"),
    [(f"/things/{ITEM}", {"jobId": str(ITEM)}, {"job_id": str(ITEM)}), ("/things", None, {})],
)
def test_a_request_is_one_line_of_the_log_that_says_whose_it_was_and_about_which_job(
    path: str, parameters: dict[str, str] | None, job: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runbook looks for the lines of a job by these names."""
    lines = StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", lines)
    # What a request before it was about is forgotten, as by every function.
    call_once = logger.inject_lambda_context(clear_state=True)(handler)
    event = http_event("GET", path, workspace=WORKSPACE, headers={"X-Request-Id": "abc-1"})
    context: Any = LambdaContext()
    call_once(event | ({"pathParameters": parameters} if parameters else {}), context)
    [line] = map(json.loads, lines.getvalue().splitlines())
    asked = {"message": "answered", "method": "GET", "path": path, "status": 200 if job else 404}
    whose = {"workspace_id": str(WORKSPACE)} if job else {}
    told = {"message", "method", "path", "status", "workspace_id", "job_id", "correlation_id"}
    assert {name: value for name, value in line.items() if name in told} == asked | whose | job | {
        "correlation_id": "abc-1"
    }


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "X"]),
    path=st.sampled_from(["/things", f"/things/{ITEM}", "/things/"]) | st.text().map(lambda text: f"/{text}"),
    body=st.none() | st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()),
    is_base64=st.booleans(),
    headers=st.dictionaries(st.text(), st.text(), max_size=3),
    query=st.dictionaries(st.sampled_from(["limit", "x"]), st.text(), max_size=2),
)
def test_no_request_is_a_server_error(**request: Any) -> None:
    answer = call(handler, request.pop("method"), request.pop("path"), workspace=WORKSPACE, **request)
    assert answer.status < 500
