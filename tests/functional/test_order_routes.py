"""GET /orders and GET /orders/{orderId} over HTTP."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from functions.manage_jobs.app import handler as jobs_handler
from functions.manage_orders.app import handler
from shared.domain.ids import uuid7
from tests.factories import make_orders
from tests.functional.shop import Shop
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


def test_a_shipment_that_was_voided_is_none_any_more(shop: Shop) -> None:
    order = shop.order()
    shop.made("T-1", order)
    late = shop.at_robot(order, allow_reshipment=True)
    shop.write_number(order, "T-9")
    shop.success(late, "T-2")

    def numbers() -> list[str]:
        shown = ask(shop.ctx.workspace_id, f"/orders/{order}").json
        return [each["trackingNumber"] for each in shown["shipments"]]

    assert numbers() == ["T-1", "T-2"]
    assert shop.item(late).shipment == "second"
    assert shop.settle(late, voided=True).success
    assert numbers() == ["T-1"]


def test_another_workspace_s_order_is_404(shop: Shop) -> None:
    order = shop.order()
    shop.made("T-1", order)
    assert_problem(ask(uuid4(), f"/orders/{order}"), 404, "order_not_found")
