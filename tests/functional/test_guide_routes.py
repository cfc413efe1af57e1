"""POST /guide-lookups, and what the other routes say of lookups."""

from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from functions.manage_carriers.app import handler as carriers
from functions.manage_jobs.app import handler as jobs
from functions.receive_callback.app import handler as receive
from functions.submit_job.app import handler as submit
from shared.domain import DomainContext, list_activity
from shared.domain.activity import ListActivityParams
from shared.domain.ids import uuid7
from shared.robot.callback_token import sign_callback_token
from tests.factories import data_of, make_carrier_config, make_orders
from tests.functional.conftest import Bus
from tests.http_client import Answer, assert_problem, call


@pytest.fixture(autouse=True)
def _ready(owner: Connection, workspace: UUID, bus: Bus, ctx: DomainContext) -> None:
    assert all((bus, ctx))
    make_carrier_config(owner, workspace)


def look_up(workspace: UUID, body: object = None, **request: Any) -> Answer:
    return call(submit, "POST", "/guide-lookups", body=body, workspace=workspace, **request)


def shipped(owner: Connection, workspace: UUID, count: int = 1) -> list[str]:
    ids = make_orders(owner, workspace, count, tracking_number="P-1")
    owner.execute("UPDATE orders SET number_by_hand = true WHERE id = ANY(%s)", [ids])
    return [str(id_) for id_ in ids]


def test_a_lookup_is_a_job_of_its_own_kind(owner: Connection, workspace: UUID, bus: Bus, ctx: DomainContext) -> None:
    orders = shipped(owner, workspace, 2)
    [unshipped] = map(str, make_orders(owner, workspace))
    answer = look_up(workspace, {"orderIds": [*orders, unshipped]})
    assert answer.status == 201
    job_id = answer.json["jobId"]
    assert answer.headers["location"] == f"/robot-jobs/{job_id}"
    assert (answer.json["itemCount"], [item["orderId"] for item in answer.json["items"]]) == (2, orders)
    assert [(each["orderId"], each["code"]) for each in answer.json["rejected"]] == [(unshipped, "no_tracking_number")]
    [submitted] = bus.received("robot/job.submitted")
    assert (submitted["kind"], submitted["orders"][0]["pedidoNumber"]) == ("guide_lookup", "P-1")
    shown = call(jobs, "GET", f"/robot-jobs/{job_id}", workspace=workspace).json
    assert (shown["job"]["kind"], shown["job"]["counts"]["noGuide"]) == ("guide_lookup", 0)
    assert {item["shipment"] for item in shown["items"]} == {None}
    for kind, listed in (("guide_lookup", [job_id]), ("shipment", [])):
        page = call(jobs, "GET", "/robot-jobs", query={"kind": kind}, workspace=workspace).json
        assert [job["id"] for job in page["jobs"]] == listed
    [entry] = data_of(list_activity(ctx, ListActivityParams(job_id=UUID(job_id)))).entries
    assert (entry.action, entry.details) == ("guides_looked_up", {"items": 2})


def test_without_a_body_the_workspace_s_own_are_looked_up(owner: Connection, workspace: UUID) -> None:
    assert_problem(look_up(workspace), 422, "nothing_to_look_up")
    orders = shipped(owner, workspace)
    answer = look_up(workspace, None, headers={"Idempotency-Key": "k"})
    assert [item["orderId"] for item in answer.json["items"]] == orders
    assert_problem(look_up(workspace, {"idempotencyKey": "k"}), 409, "duplicate_job")
    differ = look_up(workspace, {"idempotencyKey": "other"}, headers={"Idempotency-Key": "k"})
    assert_problem(differ, 422, "idempotency_keys_differ")
    assert_problem(look_up(workspace, {"orderIds": orders}), 409, "order_in_open_job")


def test_what_can_not_be_looked_up_is_refused(owner: Connection, workspace: UUID) -> None:
    theirs = shipped(owner, uuid7())
    assert_problem(look_up(workspace, {"orderIds": theirs}), 422, "orders_not_found")
    assert_problem(look_up(workspace, {"orderIds": []}), 422, "no_ids")
    assert_problem(look_up(workspace, {"orderRefs": ["A-1"]}), 422, "invalid_input")
    unshipped = [str(id_) for id_ in make_orders(owner, workspace)]
    refused = look_up(workspace, {"orderIds": unshipped})
    assert_problem(refused, 422, "nothing_to_look_up")
    assert refused.json["rejected"][0]["code"] == "no_tracking_number"
    assert_problem(look_up(workspace, {"carrier": "otra"}), 422, "carrier_not_configured")


@pytest.mark.parametrize("hours", [-1, 169, 1.5, "2", True])
def test_the_hours_are_a_whole_number_up_to_a_week(workspace: UUID, hours: object) -> None:
    path = "/carriers/coordinadora/config"
    put = call(carriers, "PUT", path, body={"guideLookupHours": hours}, workspace=workspace)
    assert put.status == 422
    assert call(carriers, "GET", path, workspace=workspace).json["guideLookupHours"] == 2
    put = call(carriers, "PUT", path, body={"guideLookupHours": 168}, workspace=workspace)
    assert (put.status, put.json["guideLookupHours"]) == (200, 168)


@pytest.mark.usefixtures("callback_secret")
@pytest.mark.parametrize(
    ("said", "passed_on"),
    [
        ({"guideFound": True, "trackingNumber": 9001}, {"guideFound": True, "trackingNumber": "9001"}),
        ({"guideFound": False}, {"guideFound": False}),
        ({"guideFound": "false"}, {"guideFound": False}),
        ({"guideFound": "perhaps", "trackingNumber": "9001"}, {"trackingNumber": "9001"}),
        ({"guideFound": True, "trackingNumber": "9" * 300}, {"guideFound": True}),
        ({"guideFound": True, "trackingNumber": ""}, {"guideFound": True}),
        ({"guideFound": True, "trackingNumber": "undefined"}, {"guideFound": True}),
    ],
)
def test_a_report_says_whether_the_guide_was_found(
    workspace: UUID, bus: Bus, said: dict[str, object], passed_on: dict[str, object]
) -> None:
    token = sign_callback_token(job_id=uuid7(), workspace_id=workspace, dispatch=1)
    body = {"itemId": str(uuid7()), "status": "success", **said}
    answer = call(receive, "POST", "/robot-callbacks", body=body, headers={"X-Callback-Secret": token})
    assert answer.status == 202
    [event] = bus.received("robot/item.completed")
    told = {name: event[name] for name in ("guideFound", "trackingNumber") if name in event}
    assert told == passed_on
