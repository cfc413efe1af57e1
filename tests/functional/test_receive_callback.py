"""The robot's reports reach the bus, or the robot is told that they did not."""

import base64
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from functions.receive_callback import app, passing
from functions.receive_callback.app import handler
from shared.aws.bus import BusUnavailableError
from shared.domain import DomainContext
from shared.domain.ids import uuid7
from shared.events import ItemCompleted
from shared.robot.callback_token import sign_callback_token
from tests.factories import make_job, read_job
from tests.functional.conftest import Bus
from tests.functional.record_queue import RecordQueue
from tests.http_client import Answer, assert_problem, call
from tests.samples import sample

JOB, WORKSPACE, ITEM = uuid7(), uuid7(), uuid7()
PATH = "/robot-callbacks"


@pytest.fixture
def token(callback_secret: str) -> str:
    assert callback_secret
    return sign_callback_token(job_id=JOB, workspace_id=WORKSPACE, dispatch=2)


@pytest.fixture
def report(bus: Bus, token: str) -> Callable[..., Answer]:
    assert bus

    def send(body: object = None, **request: Any) -> Answer:
        return call(handler, "POST", PATH, body=body, headers={"X-Callback-Secret": token}, **request)

    return send


def test_a_success_is_on_the_bus_before_the_robot_is_answered(report: Callable[..., Answer], bus: Bus) -> None:
    answer = report({"itemId": str(ITEM), "status": "success", "trackingNumber": "52800012345", "extra": {"a": 1}})
    assert (answer.status, answer.json) == (202, {"received": True})
    assert bus.received("robot/item.completed") == [
        {
            "jobId": str(JOB),
            "itemId": str(ITEM),
            "workspaceId": str(WORKSPACE),
            "dispatch": 2,
            "status": "success",
            "trackingNumber": "52800012345",
        }
    ]


def test_an_error_is_on_the_bus_with_its_message(report: Callable[..., Answer], bus: Bus) -> None:
    body = {"itemId": str(ITEM), "status": "error", "errorType": "portal", "errorMessage": "m" * 3_000}
    assert report(body).status == 202
    [detail] = bus.received()
    assert (detail["errorType"], detail["errorMessage"]) == ("portal", "m" * 2_000)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_any_content_type_will_do(content_type: str, bus: Bus, token: str) -> None:
    headers = {"x-callback-secret": token, "content-type": content_type}
    answer = call(handler, "POST", PATH, body={"itemId": str(ITEM), "status": "success"}, headers=headers)
    assert answer.status == 202
    assert len(bus.received()) == 1


def test_a_base64_body_is_read(report: Callable[..., Answer], bus: Bus) -> None:
    body = base64.b64encode(json.dumps({"itemId": str(ITEM), "status": "success"}).encode()).decode()
    assert report(body, is_base64=True).status == 202
    assert len(bus.received()) == 1


def test_a_success_whose_number_is_too_long_is_kept_without_it_and_logged(
    report: Callable[..., Answer], bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = report({"itemId": str(ITEM), "status": "success", "trackingNumber": "9" * 201})
    assert answer.status == 202
    [detail] = bus.received()
    assert (detail["status"], "trackingNumber" in detail) == ("success", False)
    assert "9" * 200 in caplog.records[0].__dict__["remark"]


def test_a_report_of_more_than_1_mb_is_taken(report: Callable[..., Answer], bus: Bus) -> None:
    body = {"itemId": str(ITEM), "status": "error", "errorMessage": "m" * 3_000_000}
    assert report(body).status == 202
    assert len(bus.received()) == 1


def test_a_report_with_an_unreadable_status_is_kept_and_refused(report: Callable[..., Answer], bus: Bus) -> None:
    answer = report({"itemId": str(ITEM), "status": "shipped?", "trackingNumber": "528"})
    assert_problem(answer, 422, "report_not_understood")
    [detail] = bus.received()
    assert (detail["status"], detail["errorType"], detail["trackingNumber"]) == ("error", "unknown", "528")
    assert detail["errorMessage"].startswith("report not understood: ")


@pytest.mark.parametrize("body", [None, "hello", "[]", "{}", {"itemId": "x", "status": "success"}])
def test_a_report_that_names_no_item_is_refused_and_logged(
    body: object, report: Callable[..., Answer], bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert_problem(report(body), 422, "report_not_understood")
    assert bus.received() == []
    assert "report without an item" in caplog.text


def forged(**changes: object) -> str:
    now = datetime.now(UTC)
    claims = {
        "iss": "robot-jobs",
        "aud": "robot-jobs/robot-callbacks",
        "iat": now,
        "exp": now + timedelta(days=1),
        "job": str(JOB),
        "workspace": str(WORKSPACE),
        "dispatch": 2,
    }
    return jwt.encode(claims | changes, "another-" + "k" * 40, algorithm="HS256")


@pytest.mark.parametrize("secret", [None, "", "x", "a.b.c", forged(), "Bearer " + forged()])
def test_without_our_secret_nothing_is_read(secret: str | None, callback_secret: str, bus: Bus) -> None:
    """One shared secret opens every workspace."""
    assert callback_secret
    headers = {} if secret is None else {"X-Callback-Secret": secret}
    for body in ({"itemId": str(ITEM), "status": "success"}, "no json"):
        answer = call(handler, "POST", PATH, body=body, headers=headers)
        assert_problem(answer, 401, "invalid_callback_secret")
    assert bus.received() == []


def test_a_report_answers_the_hand_over_of_its_secret_whatever_it_says(report: Callable[..., Answer], bus: Bus) -> None:
    body = {"itemId": str(ITEM), "status": "success", "jobId": str(ITEM), "workspaceId": str(ITEM), "dispatch": 9}
    assert report(body).status == 202
    [detail] = bus.received()
    assert (detail["jobId"], detail["workspaceId"], detail["dispatch"]) == (str(JOB), str(WORKSPACE), 2)


def an_impatient_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program ask a bus that there is not, for a moment."""
    monkeypatch.setenv("EVENT_BUS_NAME", "another")
    monkeypatch.setattr("shared.aws.bus._PATIENCE_S", 0.05)


def without_the_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(event: ItemCompleted) -> None:
        raise BusUnavailableError(f"ThrottlingException for {event.item_id}")

    monkeypatch.setattr(passing, "put_event", unavailable)


def test_a_report_that_the_bus_does_not_take_is_recorded_all_the_same(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection,
    ctx: DomainContext,
    bus: Bus,
    callback_secret: str,
    record_queue: RecordQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Naive: the robot is asked to come back, never does, and its number is in a log."""
    assert all((bus, callback_secret))
    job = make_job(owner, ctx)
    secret = sign_callback_token(job_id=job.job_id, workspace_id=ctx.workspace_id, dispatch=1)
    body = {"itemId": str(job.items[0].item_id), "status": "success", "trackingNumber": "Ñ-1", "validatedCity": "CALÍ"}
    with monkeypatch.context() as patch:
        an_impatient_bus(patch)
        answer = call(handler, "POST", PATH, body=body, headers={"X-Callback-Secret": secret})
    assert (answer.status, answer.json) == (202, {"received": True})
    assert record_queue.counts() == (1, 0)
    assert record_queue.deliver() == []
    [item] = read_job(ctx, job).items
    assert (item.status, item.tracking_number, item.validated_city) == ("success", "Ñ-1", "CALÍ")


def test_a_report_beside_the_bus_looks_as_its_rule_delivers_it(
    report: Callable[..., Answer], record_queue: RecordQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_bus(monkeypatch)
    assert report({"itemId": str(ITEM), "status": "success"}).status == 202
    [message] = record_queue.messages(record_queue.url)
    event = json.loads(message["Body"])
    of_a_rule = json.loads(sample("record_results")["Records"][0]["body"])
    assert event.keys() == of_a_rule.keys()
    for same in ("version", "detail-type", "source", "account", "region", "resources"):
        assert event[same] == of_a_rule[same]
    assert UUID(event["id"])
    taken_at = datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(seconds=-1) < datetime.now(UTC) - taken_at < timedelta(minutes=1)
    assert ItemCompleted.model_validate(event["detail"]).item_id == ITEM


def test_a_report_that_is_not_understood_is_kept_beside_the_bus_too(
    report: Callable[..., Answer], record_queue: RecordQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_bus(monkeypatch)
    assert_problem(report({"itemId": str(ITEM), "status": "shipped?"}), 422, "report_not_understood")
    assert record_queue.counts() == (1, 0)


def test_with_the_bus_nothing_is_put_beside_it(report: Callable[..., Answer], record_queue: RecordQueue) -> None:
    assert report({"itemId": str(ITEM), "status": "success"}).status == 202
    assert record_queue.counts() == (0, 0)


def test_without_the_bus_and_the_queue_the_robot_is_asked_to_come_back(
    report: Callable[..., Answer], record_queue: RecordQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_bus(monkeypatch)
    monkeypatch.setenv("RECORD_QUEUE_URL", record_queue.url + "-gone")
    answer = report({"itemId": str(ITEM), "status": "success"})
    assert_problem(answer, 503, "try_again")
    assert int(answer.headers["retry-after"]) > 0
    assert "Throttling" not in (answer.text or "")


def test_a_number_that_nobody_took_is_in_the_log(
    report: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Naive: the robot never sends it again, and nobody knows the shipment's number any more."""
    an_impatient_bus(monkeypatch)
    monkeypatch.setenv("RECORD_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/gone")
    assert report({"itemId": str(ITEM), "status": "success", "trackingNumber": "T-77"}).status == 503
    for said in ("the bus did not take a report", "report not passed on"):
        assert said in caplog.text
    in_every_line = {"job_id": str(JOB), "item_id": str(ITEM), "status": "success", "tracking_number": "T-77"}
    assert vars(app)["logger"].get_current_keys().items() >= in_every_line.items()


def test_passing_a_report_on_needs_no_database() -> None:
    """Naive: an import on the way to the queue brings the database's driver, and with it its trouble."""
    program = "import sys, functions.receive_callback.app; print(sorted({'psycopg', 'shared.db'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout  # noqa: S603 - of our own making
    assert loaded.strip() == "[]"


def test_without_the_signing_keys_the_robot_is_asked_to_come_back(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bus
    monkeypatch.setenv("CALLBACK_SECRET_ARN", "none")
    answer = call(handler, "POST", PATH, body={}, headers={"X-Callback-Secret": forged()})
    assert_problem(answer, 503, "try_again")


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_names = st.sampled_from(
    ["itemId", "status", "trackingNumber", "validatedCity", "valueSent", "errorType", "errorMessage"]
)
_reports = st.dictionaries(_names, _values | st.sampled_from([str(ITEM), "success", "error"])).map(json.dumps)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    body=_reports | st.none() | st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()),
    is_base64=st.booleans(),
    headers=st.dictionaries(st.text(), st.text(), max_size=2),
)
def test_no_report_is_a_server_error(
    token: str,
    monkeypatch: pytest.MonkeyPatch,
    body: str | None,
    is_base64: bool,  # noqa: FBT001 - drawn by Hypothesis
    headers: dict[str, str],
) -> None:
    sent: list[ItemCompleted] = []
    monkeypatch.setattr(passing, "put_event", sent.append)
    request = {"headers": {**headers, "X-Callback-Secret": token}, "is_base64": is_base64}
    answer = call(handler, "POST", PATH, body=body, **request)
    assert answer.status in {202, 422}
    assert (answer.status == 202) <= (len(sent) == 1)
    for event in sent:
        assert isinstance(event.item_id, UUID)
        assert event.to_detail()
