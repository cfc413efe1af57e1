"""The routes of orders and of the activation of clients."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from functions.manage_orders.app import handler
from shared.domain.ids import uuid7
from tests.factories import make_orders
from tests.functional.conftest import Bus
from tests.http_client import Answer, assert_problem, call

Ask = Callable[..., Answer]


@pytest.fixture
def ask(workspace: UUID, database: str, bus: Bus) -> Ask:
    assert database
    assert bus

    def send(method: str, path: str, **request: Any) -> Answer:
        return call(handler, method, path, **{"workspace": workspace, **request})

    return send


@pytest.fixture
def order(owner: Connection, workspace: UUID) -> str:
    return str(make_orders(owner, workspace)[0])


def whole_order() -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "name": "Pedido 1",
        "totalValue": 119900.5,
        "prepaid": True,
        "units": 2,
        "shippingAddress": "Calle 10 # 43-12",
        "shippingCity": "Medellín",
        "shippingDepartment": "Antioquia",
        "email": "luz@example.com",
        "carrier": "coordinadora",
        "stageId": "new",
        "customFields": {"talla": "M", "notas": [1, {"a": None}]},
        "contact": {"id": str(uuid7()), "name": "Luz", "phone": "3004567890", "email": None, "identification": "43"},
    }


def test_orders_are_imported_and_read(ask: Ask, workspace: UUID) -> None:
    sent = [whole_order(), {"id": str(uuid7())}]
    answer = ask("POST", "/orders", body={"orders": sent})
    assert (answer.status, answer.json) == (200, {"imported": 2})
    shown = ask("GET", f"/orders/{sent[0]['id']}").json
    contact = shown.pop("contact")
    assert contact == {**sent[0]["contact"], "isClient": False}
    expected = {name: value for name, value in sent[0].items() if name != "contact"}
    assert shown.items() >= {**expected, "workspaceId": str(workspace), "trackingNumber": None}.items()
    bare = ask("GET", f"/orders/{sent[1]['id']}").json
    assert (bare["prepaid"], bare["totalValue"], bare["contact"], bare["customFields"]) == (False, None, None, {})


def test_what_an_import_leaves_out_is_kept_and_a_null_clears(ask: Ask) -> None:
    order = whole_order()
    ask("POST", "/orders", body={"orders": [order]})
    change = {"id": order["id"], "name": None, "contact": {"name": "Luz Marina"}}
    assert ask("POST", "/orders", body={"orders": [change]}).status == 200
    shown = ask("GET", f"/orders/{order['id']}").json
    assert (shown["name"], shown["shippingCity"], shown["totalValue"]) == (None, "Medellín", 119900.5)
    assert shown["contact"] == {**order["contact"], "name": "Luz Marina", "isClient": False}


def test_a_change_is_announced_at_once(ask: Ask, order: str, bus: Bus) -> None:
    answer = ask("PATCH", f"/orders/{order}", body={"trackingNumber": "528", "stageId": "shipped"})
    assert (answer.status, answer.json["trackingNumber"]) == (200, "528")
    changed = bus.received("automation/field.changed")
    assert {(event["fieldName"], event["newValue"]) for event in changed} == {
        ("tracking_number", "528"),
        ("stage_id", "shipped"),
    }


def test_a_change_by_an_import_is_announced_at_once(ask: Ask, order: str, bus: Bus) -> None:
    assert ask("POST", "/orders", body={"orders": [{"id": order, "stageId": "packed"}]}).status == 200
    [changed] = bus.received("automation/field.changed")
    assert (changed["entityId"], changed["fieldName"], changed["newValue"]) == (order, "stage_id", "packed")


def test_a_change_keeps_what_it_leaves_out_and_a_null_clears(ask: Ask, order: str) -> None:
    before = ask("GET", f"/orders/{order}").json
    after = ask("PATCH", f"/orders/{order}", body={"email": None, "totalValue": 5}).json
    kept = {name for name in before if name not in {"email", "totalValue", "updatedAt"}}
    assert (after["email"], after["totalValue"]) == (None, 5)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert ask("PATCH", f"/orders/{order}", body={}).status == 200


def test_a_number_of_another_order_is_409_unless_that_is_allowed(
    ask: Ask, order: str, owner: Connection, workspace: UUID
) -> None:
    [other] = make_orders(owner, workspace, tracking_number="T-1")
    problem = assert_problem(ask("PATCH", f"/orders/{order}", body={"trackingNumber": "T-1"}), 409, "number_in_use")
    assert problem["orders"] == [{"orderId": str(other), "trackingNumber": "T-1"}]
    shared = {"trackingNumber": "T-1", "allowSharedNumber": True}
    assert ask("PATCH", f"/orders/{order}", body=shared).json["trackingNumber"] == "T-1"


def test_an_import_of_thousands_of_bytes_each_is_taken(ask: Ask) -> None:
    orders = [{"id": str(uuid7()), "customFields": {"notas": "x" * 5_000}} for _ in range(500)]
    assert ask("POST", "/orders", body={"orders": orders}).json == {"imported": 500}


def test_a_change_of_more_than_1_mb_is_413(ask: Ask, order: str) -> None:
    answer = ask("PATCH", f"/orders/{order}", body={"customFields": {"a": "x" * 1_000_000}})
    assert_problem(answer, 413, "body_too_large")


@pytest.mark.parametrize(
    "change",
    [
        {"trackingNumber": "528"},
        {"carrierGuideNumber": "528"},
        {"workspaceId": str(uuid7())},
        {"isClient": True},
        {"id": None},
        {"id": "x"},
        {"totalValue": "5"},
        {"totalValue": True},
        {"totalValue": -1},
        {"totalValue": 0.001},
        {"totalValue": 10**20},
        {"units": 0},
        {"units": 1_000},
        {"units": True},
        {"prepaid": None},
        {"prepaid": "no"},
        {"name": 5},
        {"name": "x" * 1_001},
        {"name": "a\0b"},
        {"customFields": []},
        {"customFields": {"a": "\0"}},
        {"customFields": {"a": "x" * 60_000}},
        {"contact": {}},
        {"contact": {"name": None}},
        {"contact": {"name": "x", "isClient": True}},
        {"contact": {"name": "x", "id": "y"}},
        {"shippingAddress": {"street": "x"}},
    ],
)
def test_bad_input_is_422_and_nothing_is_imported(change: dict[str, object], ask: Ask) -> None:
    good, bad = whole_order(), {**whole_order(), **change}
    assert ask("POST", "/orders", body={"orders": [good, bad]}).status == 422
    assert ask("GET", f"/orders/{good['id']}").status == 404


@pytest.mark.parametrize("units", [0, 1_000, 1.5, "dos", [2]])
def test_units_that_are_none_are_refused_in_a_sentence(units: object, ask: Ask, order: str) -> None:
    """Naive: what is no integer gets the words of the parser, and 1.5 becomes 1."""
    patched = ask("PATCH", f"/orders/{order}", body={"units": units})
    sentence = "units must be a whole number, 1 to 999."
    assert assert_problem(patched, 422, "invalid_number")["detail"] == sentence
    imported = ask("POST", "/orders", body={"orders": [{"id": order, "units": units}]})
    said = assert_problem(imported, 422, "invalid_number")["detail"]
    assert said == f"orders.0.{sentence} It is of order {order}."
    assert ask("GET", f"/orders/{order}").json["units"] is None


def test_units_may_be_written_with_a_fraction_of_nothing_and_be_cleared(ask: Ask, order: str) -> None:
    assert ask("PATCH", f"/orders/{order}", body='{"units": 3.0}').json["units"] == 3
    assert ask("PATCH", f"/orders/{order}", body={"units": None}).json["units"] is None


@pytest.mark.parametrize(("depth", "status"), [(200, 200), (300, 422), (900, 422), (20_000, 400)])
def test_custom_fields_may_be_deep_but_not_endless(depth: int, status: int, ask: Ask) -> None:
    deep, order_id = '{"a":' * depth + "1" + "}" * depth, uuid7()
    answer = ask("POST", "/orders", body=f'{{"orders": [{{"id": "{order_id}", "customFields": {deep}}}]}}')
    assert answer.status == status
    assert ask("GET", f"/orders/{order_id}").status == (200 if status == 200 else 404)


def test_an_id_twice_or_too_many_orders_are_422(ask: Ask) -> None:
    order = {"id": str(uuid7())}
    assert_problem(ask("POST", "/orders", body={"orders": [order, order]}), 422, "duplicate_ids")
    assert_problem(ask("POST", "/orders", body={"orders": []}), 422, "no_ids")
    many = [{"id": str(uuid7())} for _ in range(1_001)]
    assert_problem(ask("POST", "/orders", body={"orders": many}), 422, "too_many_ids")


def test_an_id_of_another_workspace_is_422_and_its_order_stays(ask: Ask, owner: Connection) -> None:
    [foreign] = make_orders(owner, uuid7(), name="theirs")
    body = {"orders": [{"id": str(foreign), "name": "mine"}]}
    problem = assert_problem(ask("POST", "/orders", body=body), 422, "order_ids_taken")
    assert problem["orderIds"] == [str(foreign)]
    assert owner.execute("SELECT name FROM orders WHERE id = %s", [foreign]).fetchall() == [("theirs",)]


def test_an_order_of_another_workspace_is_404_as_if_it_did_not_exist(ask: Ask, order: str, owner: Connection) -> None:
    for order_id, workspace in ((order, uuid7()), (str(uuid7()), None)):
        others = {} if workspace is None else {"workspace": workspace}
        assert_problem(ask("GET", f"/orders/{order_id}", **others), 404, "order_not_found")
        assert_problem(ask("PATCH", f"/orders/{order_id}", body={"name": "x"}, **others), 404, "order_not_found")
    assert owner.execute("SELECT name FROM orders WHERE id = %s", [order]).fetchall() == [("Pedido",)]


def test_a_contact_of_another_workspace_is_422(ask: Ask, order: str, owner: Connection) -> None:
    make_orders(owner, other := uuid7())
    [(foreign,)] = owner.execute("SELECT id FROM contacts WHERE workspace_id = %s", [other]).fetchall()
    assert ask("PATCH", f"/orders/{order}", body={"contactId": str(foreign)}).status == 422
    assert ask("PATCH", f"/orders/{order}", body={"contact": {"id": str(foreign), "name": "x"}}).status == 422
    assert owner.execute("SELECT name FROM contacts WHERE id = %s", [foreign]).fetchall() != [("x",)]


def test_an_id_in_the_path_that_is_none_is_422(ask: Ask) -> None:
    assert_problem(ask("GET", "/orders/123"), 422, "invalid_input")


def test_the_activation_of_clients_is_off_until_it_is_set(ask: Ask) -> None:
    assert ask("GET", "/client-activation").json == {
        "isEnabled": False,
        "allAreClients": False,
        "activationStageIds": [],
        "createdAt": None,
        "updatedAt": None,
    }


def test_the_activation_of_clients_keeps_what_is_left_out(ask: Ask) -> None:
    answer = ask("PUT", "/client-activation", body={"isEnabled": True, "activationStageIds": ["won"]})
    assert answer.status == 200
    changed = ask("PUT", "/client-activation", body={"allAreClients": True}).json
    assert (changed["isEnabled"], changed["allAreClients"], changed["activationStageIds"]) == (True, True, ["won"])
    assert ask("GET", "/client-activation").json == changed
    assert ask("GET", "/client-activation", workspace=uuid7()).json["isEnabled"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"isEnabled": "yes"},
        {"activationStageIds": "won"},
        {"activationStageIds": [5]},
        {"activationStageIds": [""]},
        {"x": 1},
    ],
)
def test_an_activation_that_cannot_be_is_422(body: object, ask: Ask) -> None:
    assert ask("PUT", "/client-activation", body=body).status == 422


def test_a_token_without_a_workspace_is_403(ask: Ask, order: str) -> None:
    for method, path, body in (
        ("POST", "/orders", {"orders": []}),
        ("GET", f"/orders/{order}", None),
        ("PATCH", f"/orders/{order}", {}),
        ("GET", "/client-activation", None),
        ("PUT", "/client-activation", {}),
    ):
        assert_problem(ask(method, path, body=body, workspace=None), 403, "no_workspace")
