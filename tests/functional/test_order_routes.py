"""GET /orders and GET /orders/{orderId} over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from functions.manage_jobs.app import handler as jobs_handler
from functions.manage_orders.app import handler
from shared.domain import DispatchRef, UpdateJobItemResultParams, note_unknown, update_job_item_result
from shared.domain.ids import uuid7
from tests.factories import data_of, hand_over, look_up, make_orders
from tests.functional.shop import Shop, order_of
from tests.http_client import Answer, assert_problem, call


def ask(workspace: UUID, path: str = "/orders", **query: Any) -> Answer:
    return call(handler, "GET", path, workspace=workspace, query=query)


def listed(workspace: UUID, **query: Any) -> Any:
    answer = ask(workspace, **query)
    assert answer.status == 200, answer.json
    assert set(answer.json) == {"orders", "nextCursor"}
    return answer.json


@pytest.mark.usefixtures("database")
def test_orders_are_listed_page_by_page(owner: Connection, workspace: UUID) -> None:
    make_orders(owner, workspace, 3, name="Ñandú")
    first = listed(workspace, search="nandu", limit=2, shipped="false", hasGuide="false")
    last = listed(workspace, search="nandu", limit=2, shipped="false", hasGuide="false", cursor=first["nextCursor"])
    assert (len(first["orders"]), len(last["orders"]), last["nextCursor"]) == (2, 1, None)
    [order] = last["orders"]
    assert order == {
        name: value for name, value in ask(workspace, f"/orders/{order['id']}").json.items() if name in order
    }
    assert order["otherNumbers"] == []
    assert listed(workspace, shipped="true") == listed(workspace, hasGuide="true") == {"orders": [], "nextCursor": None}
    assert listed(workspace, stageId="won")["orders"] == []


@pytest.mark.usefixtures("database")
def test_a_page_that_is_too_large_for_an_answer_is_shorter(owner: Connection, workspace: UUID) -> None:
    """Fails where a page of 500 is promised: 500 orders of 50,000 bytes don't leave a Lambda function."""
    ids = make_orders(owner, workspace, 150)
    owner.execute(
        "UPDATE orders SET custom_fields = jsonb_build_object('x', repeat('x', 49000)) WHERE id = ANY(%s)", [ids]
    )
    found: list[str] = []
    cursor: dict[str, Any] = {}
    for _ in range(5):
        page = listed(workspace, limit=500, **cursor)
        found += [order["id"] for order in page["orders"]]
        cursor = {"cursor": page["nextCursor"]}
        if page["nextCursor"] is None:
            break
    assert sorted(found) == sorted(map(str, ids))


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"search": "x" * 10_000}, "invalid_text"),
        ({"search": ""}, "invalid_text"),
        ({"search": " "}, "invalid_text"),
        ({"shipped": "perhaps"}, "invalid_input"),
        ({"hasGuide": "2"}, "invalid_input"),
        ({"limit": 0}, "invalid_input"),
        ({"limit": 501}, "invalid_input"),
        ({"cursor": "x"}, "invalid_cursor"),
        ({"cursor": ""}, "invalid_cursor"),
    ],
)
def test_what_can_not_be_asked_is_422(workspace: UUID, query: dict[str, Any], code: str) -> None:
    assert_problem(ask(workspace, **query), 422, code)


@pytest.mark.usefixtures("database")
def test_a_cursor_of_another_route_or_workspace_is_422(owner: Connection, workspace: UUID) -> None:
    make_orders(owner, workspace, 2)
    cursor = listed(workspace, limit=1)["nextCursor"]
    assert_problem(ask(uuid7(), cursor=cursor), 422, "invalid_cursor")
    jobs = call(jobs_handler, "GET", "/robot-jobs", workspace=workspace, query={"cursor": cursor})
    assert_problem(jobs, 422, "invalid_cursor")


def test_an_order_shows_its_shipments_and_its_items(shop: Shop) -> None:
    order = shop.order()
    path, workspace = f"/orders/{order}", shop.ctx.workspace_id
    assert ask(workspace, path).json["shipments"] == ask(workspace, path).json["items"] == []
    failed = shop.failed(order)
    assert ask(workspace, path).json["shipments"] == []
    unknown = shop.unsettled(order)
    [shipment] = ask(workspace, path).json["shipments"]
    assert shipment.pop("at")
    assert shipment == {
        "jobId": str(unknown.job_id),
        "itemId": str(unknown.items[0].item_id),
        "carrier": "coordinadora",
        "trackingNumber": None,
        "shipment": "possible",
    }
    assert shop.settle(unknown, shipped=True, tracking_number="T-1").success
    again = shop.made("T-2", order, allow_reshipment=True)
    shown = ask(workspace, path).json
    assert [(each["trackingNumber"], each["shipment"]) for each in shown["shipments"]] == [
        ("T-1", "made"),
        ("T-2", "made"),
    ]
    assert [(each["jobId"], each["status"]) for each in shown["items"]] == [
        (str(failed.job_id), "error"),
        (str(unknown.job_id), "success"),
        (str(again.job_id), "success"),
    ]


def test_shipments_are_told_by_when_they_were_reported_or_handed_over(shop: Shop) -> None:
    """Naive: in the order in which their jobs were made; what happened last stands first."""
    early = shop.failed()
    order = order_of(early)
    late = shop.failed(order)
    shop.retry(late)
    shop.claim(late, 2)
    data_of(note_unknown(shop.ctx, DispatchRef(late.job_id, 2)))
    # A neighbour is handed over after it; the job itself was at the robot twice.
    neighbour = shop.at_robot()
    path, workspace = f"/orders/{order}", shop.ctx.workspace_id
    times = "SELECT claimed_at FROM robot_job_item_attempts WHERE item_id = %s ORDER BY claimed_at"
    [_, (handed_over,)] = shop.owner.execute(times, [late.items[0].item_id]).fetchall()
    [possible] = ask(workspace, path).json["shipments"]
    assert (possible["shipment"], datetime.fromisoformat(possible["at"])) == ("possible", handed_over)
    for of, jobs in ((order, [early, late]), (order_of(neighbour), [neighbour])):
        items = ask(workspace, f"/orders/{of}").json["items"]
        assert [each["jobId"] for each in items] == [str(job.job_id) for job in jobs]
    shop.success(late, "T-2")
    shop.success(early, "T-1")
    for days, wanted in ((1, ["T-1", "T-2"]), (-1, ["T-2", "T-1"])):
        shop.owner.execute(
            "UPDATE robot_job_items SET completed_at = now() - make_interval(days => %s) WHERE job_id = %s",
            [days, early.job_id],
        )
        shown = ask(workspace, path).json["shipments"]
        assert [each["trackingNumber"] for each in shown] == wanted
    # Of one moment the one whose job was made first.
    shop.owner.execute("UPDATE robot_job_items SET completed_at = '2026-02-03' WHERE order_id = %s", [order])
    assert [each["trackingNumber"] for each in ask(workspace, path).json["shipments"]] == ["T-1", "T-2"]


def test_an_order_shows_the_numbers_that_stand_beside_its_own(shop: Shop) -> None:
    """Naive: the numbers of one job, or of the neighbour; a parcel that exists is shown to nobody."""
    late = shop.failed()
    order = order_of(late)
    made = shop.made("T-5", order)
    for number in ("T-9", "T-2"):
        assert shop.success(made, number) == "conflict"
    assert shop.success(late, "T-3") == "recorded"
    for number in ("T-2", "T-5"):
        assert shop.success(late, number) == "conflict"
    neighbour = shop.made("N-1")
    assert shop.success(neighbour, "N-2") == "conflict"
    workspace = shop.ctx.workspace_id
    assert ask(workspace, f"/orders/{order}").json["otherNumbers"] == ["T-2", "T-3", "T-9"]
    again = shop.made("T-7", order, allow_reshipment=True)
    lookup = look_up(shop.owner, shop.ctx, [order])
    hand_over(shop.ctx, lookup)
    for guide in ("G-1", "G-2"):
        params = UpdateJobItemResultParams(lookup.items[0].item_id, "success", tracking_number=guide, guide_found=True)
        assert data_of(update_job_item_result(shop.ctx, params)).outcome in {"recorded", "conflict"}
    # Its own number is that of the reshipment now.
    wanted = {str(order): ["T-2", "T-3", "T-5", "T-9"], str(order_of(neighbour)): ["N-2"]}
    assert ask(workspace, f"/orders/{order}").json["trackingNumber"] == shop.item(again).tracking_number == "T-7"
    assert {id_: ask(workspace, f"/orders/{id_}").json["otherNumbers"] for id_ in wanted} == wanted
    assert {each["id"]: each["otherNumbers"] for each in listed(workspace)["orders"]} == wanted
    asked_at = [ask(workspace, f"/orders/{id_}").json["guideAskedAt"] is not None for id_ in wanted]
    assert asked_at == [True, False]


def test_a_shipment_that_was_voided_is_none_any_more(shop: Shop) -> None:
    order = shop.order()
    shop.made("T-1", order)
    late = shop.at_robot(order, allow_reshipment=True)
    shop.write_number(order, "T-9")
    shop.success(late, "T-2")

    def numbers() -> list[str]:
        shown = ask(shop.ctx.workspace_id, f"/orders/{order}").json
        return [each["trackingNumber"] for each in shown["shipments"]]

    def beside() -> Any:
        return ask(shop.ctx.workspace_id, f"/orders/{order}").json["otherNumbers"]

    assert (numbers(), beside()) == (["T-1", "T-2"], ["T-2"])
    assert shop.item(late).shipment == "second"
    assert shop.settle(late, voided=True).success
    assert (numbers(), beside()) == (["T-1"], [])


def test_another_workspace_s_order_is_404(shop: Shop) -> None:
    order = shop.order()
    shop.made("T-1", order)
    assert_problem(ask(uuid4(), f"/orders/{order}"), 404, "order_not_found")
