"""POST /robot-jobs: what can be shipped becomes a job, and everything else is said."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from functions.submit_job.app import handler
from shared.domain.ids import uuid7
from tests.factories import make_carrier_config, make_orders
from tests.functional.conftest import Bus
from tests.http_client import Answer, assert_problem, call

Submit = Callable[..., Answer]


@pytest.fixture
def submit(workspace: UUID, database: str, bus: Bus) -> Submit:
    assert database
    assert bus

    def send(body: object, **request: Any) -> Answer:
        return call(handler, "POST", "/robot-jobs", body=body, **{"workspace": workspace, **request})

    return send


@pytest.fixture
def configured(owner: Connection, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)


@pytest.fixture
def orders(owner: Connection, workspace: UUID, configured: None) -> list[str]:
    assert configured is None
    return [str(id_) for id_ in make_orders(owner, workspace, 3)]


def jobs_of(owner: Connection, workspace: UUID) -> int:
    [(count,)] = owner.execute("SELECT count(*) FROM robot_jobs WHERE workspace_id = %s", [workspace]).fetchall()
    return int(count)


def test_orders_become_a_job_that_is_announced(submit: Submit, orders: list[str], workspace: UUID, bus: Bus) -> None:
    answer = submit({"orderIds": orders})
    assert answer.status == 201
    job = answer.json
    assert answer.headers["location"] == f"/robot-jobs/{job['jobId']}"
    assert (job["itemCount"], [item["orderId"] for item in job["items"]], job["rejected"]) == (3, orders, [])
    [submitted] = bus.received("robot/job.submitted")
    assert (submitted["jobId"], submitted["workspaceId"]) == (job["jobId"], str(workspace))
    assert [order["itemId"] for order in submitted["orders"]] == [item["itemId"] for item in job["items"]]


def test_the_job_stands_when_the_bus_is_down(
    submit: Submit, orders: list[str], owner: Connection, workspace: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Save-then-publish loses the event; the outbox keeps it for the relay."""
    monkeypatch.setenv("EVENT_BUS_NAME", "gone")
    assert submit({"orderIds": orders}).status == 201
    waiting = owner.execute(
        "SELECT detail_type FROM outbox WHERE workspace_id = %s AND published_at IS NULL", [workspace]
    ).fetchall()
    assert waiting == [("robot/job.submitted",)]


def test_orders_that_cannot_be_shipped_are_rejected_and_the_rest_goes_ahead(
    submit: Submit, orders: list[str], owner: Connection, workspace: UUID
) -> None:
    [lost] = make_orders(owner, workspace, shipping_city="Atlantis")
    [shipped] = make_orders(owner, workspace, tracking_number="528")
    job = submit({"orderIds": [*orders, str(lost), str(shipped)]}).json
    assert job["itemCount"] == 3
    assert {each["orderId"]: each["code"] for each in job["rejected"]}.keys() == {str(lost), str(shipped)}
    assert all(each["reason"] for each in job["rejected"])


def test_an_order_is_shipped_again_where_the_request_says_so(
    submit: Submit, owner: Connection, workspace: UUID, configured: None
) -> None:
    assert configured is None
    [order] = make_orders(owner, workspace, tracking_number="528")
    problem = assert_problem(submit({"orderIds": [str(order)]}), 422, "nothing_to_ship")
    assert [(each["orderId"], each["code"]) for each in problem["rejected"]] == [(str(order), "already_shipped")]
    assert submit({"orderIds": [str(order)], "allowReshipment": True}).json["itemCount"] == 1


@pytest.mark.parametrize("way", ["body", "header", "both"])
def test_a_key_is_used_once(way: str, submit: Submit, orders: list[str]) -> None:
    body: dict[str, object] = {"idempotencyKey": "key-1"} if way in {"body", "both"} else {}
    headers = {"idempotency-key": "key-1"} if way in {"header", "both"} else {}
    first = submit({"orderIds": orders[:1], **body}, headers=headers)
    assert first.status == 201
    again = submit({"orderIds": orders[1:], **body}, headers=headers)
    problem = assert_problem(again, 409, "duplicate_job")
    assert problem["existingJobId"] == first.json["jobId"]


def test_two_keys_that_differ_are_422(submit: Submit, orders: list[str], owner: Connection, workspace: UUID) -> None:
    body = {"orderIds": orders, "idempotencyKey": "one"}
    assert_problem(submit(body, headers={"Idempotency-Key": "two"}), 422, "idempotency_keys_differ")
    assert jobs_of(owner, workspace) == 0


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_has_1_to_200_characters(key: str, submit: Submit, orders: list[str]) -> None:
    assert_problem(submit({"orderIds": orders, "idempotencyKey": key}), 422, "invalid_input")
    assert_problem(submit({"orderIds": orders}, headers={"Idempotency-Key": key}), 422, "invalid_input")
    assert submit({"orderIds": orders, "idempotencyKey": "k" * 200}).status == 201


def test_a_key_may_hold_commas_and_accents(submit: Submit, orders: list[str]) -> None:
    assert submit({"orderIds": orders[:1]}, headers={"Idempotency-Key": "a,b, ñ"}).status == 201
    assert_problem(submit({"orderIds": orders[1:], "idempotencyKey": "a,b, ñ"}), 409, "duplicate_job")


def test_a_refused_request_does_not_use_up_its_key(submit: Submit, orders: list[str]) -> None:
    refused = submit({"orderIds": [str(uuid7())], "idempotencyKey": "key-1"})
    assert_problem(refused, 422, "orders_not_found")
    assert submit({"orderIds": orders, "idempotencyKey": "key-1"}).status == 201


def test_an_order_in_an_open_job_is_409(submit: Submit, orders: list[str]) -> None:
    first = submit({"orderIds": orders[:2]}).json
    problem = assert_problem(submit({"orderIds": orders[1:]}), 409, "order_in_open_job")
    assert problem["orders"] == [{"orderId": orders[1], "jobId": first["jobId"]}]


def test_unknown_orders_and_those_of_others_are_422_alike(
    submit: Submit, orders: list[str], owner: Connection, workspace: UUID
) -> None:
    [foreign] = make_orders(owner, uuid7())
    unknown = uuid7()
    problem = assert_problem(submit({"orderIds": [*orders, str(foreign), str(unknown)]}), 422, "orders_not_found")
    assert set(problem["orderIds"]) == {str(foreign), str(unknown)}
    assert jobs_of(owner, workspace) == 0


def test_a_carrier_that_is_not_configured_is_422(submit: Submit, owner: Connection, workspace: UUID) -> None:
    ids = [str(id_) for id_ in make_orders(owner, workspace)]
    assert_problem(submit({"orderIds": ids}), 422, "carrier_not_configured")
    make_carrier_config(owner, workspace, is_enabled=False)
    assert_problem(submit({"orderIds": ids}), 422, "carrier_not_configured")
    assert_problem(submit({"orderIds": ids, "carrier": "servientrega"}), 422, "carrier_not_configured")
    assert_problem(submit({"orderIds": ids}, workspace=uuid7()), 422, "carrier_not_configured")


def test_an_order_that_no_robot_takes_is_422(
    submit: Submit, owner: Connection, workspace: UUID, configured: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert configured is None
    monkeypatch.setattr("shared.domain.jobs.submit.MAX_WAVE_BYTES", 100)
    ids = [str(id_) for id_ in make_orders(owner, workspace)]
    assert_problem(submit({"orderIds": ids}), 422, "batch_too_large")


def test_a_job_has_its_own_wave_size_and_priority(
    submit: Submit, owner: Connection, workspace: UUID, configured: None
) -> None:
    assert configured is None
    ids = [str(id_) for id_ in make_orders(owner, workspace, 3)]
    job_id = submit({"orderIds": ids, "waveSize": 2, "priority": "urgent"}).json["jobId"]
    found = owner.execute("SELECT wave_size, priority FROM robot_jobs WHERE id = %s", [job_id]).fetchall()
    assert found == [(2, "urgent")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "invalid_input"),
        ({}, "ids_or_refs"),
        ({"orderIds": None}, "ids_or_refs"),
        ({"orderIds": ["x"]}, "invalid_input"),
        ({"orderIds": [], "workspaceId": str(uuid7())}, "invalid_input"),
        ({"orderIds": [str(uuid7())], "allowReshipment": "yes"}, "invalid_input"),
        ({"orderIds": [str(uuid7())], "idempotencyKey": 5}, "invalid_input"),
        *(({"orderIds": [str(uuid7())], "waveSize": size}, "invalid_input") for size in (0, 501, "many", 1.5, True)),
        *(({"orderIds": [str(uuid7())], "priority": each}, "invalid_input") for each in ("high", "", 1, None)),
        ({"orderIds": []}, "no_ids"),
        ({"orderIds": [str(UUID(int=1))] * 2}, "duplicate_ids"),
        ({"orderIds": [str(UUID(int=n)) for n in range(10_001)]}, "too_many_ids"),
    ],
)
def test_bad_input_is_422(body: object, code: str, submit: Submit) -> None:
    assert_problem(submit(body), 422, code)


def test_bad_json_is_400_and_a_token_without_a_workspace_403(submit: Submit) -> None:
    assert_problem(submit("{"), 400, "invalid_json")
    assert_problem(submit({"orderIds": []}, workspace=None), 403, "no_workspace")


def test_a_key_of_another_workspace_is_free(submit: Submit, orders: list[str], owner: Connection) -> None:
    other = uuid7()
    make_carrier_config(owner, other)
    theirs = [str(id_) for id_ in make_orders(owner, other)]
    assert submit({"orderIds": orders, "idempotencyKey": "key-1"}).status == 201
    assert submit({"orderIds": theirs, "idempotencyKey": "key-1"}, workspace=other).status == 201
