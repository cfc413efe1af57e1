"""Text of orders at the API: stored in one form, or refused by the name of its field and order."""

import json
from pathlib import Path
from typing import Any
from unicodedata import normalize
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from shared.domain import DomainContext, ImportOrder, ImportOrdersParams, UpdateOrderParams, import_orders, update_order
from shared.domain.ids import uuid7
from shared.domain.orders.stored_json import stored_json
from tests.factories import data_of, events_of, failure_of, make_orders
from tests.functional.test_manage_orders import Ask, ask, order  # noqa: F401 - fixtures
from tests.http_client import assert_problem

CASES = Path(__file__).parents[1] / "cases"
PLACEHOLDERS = ("undefined", "NULL", "None", "NaN", "n/a", "[object Object]", "-", "\u2014", "\u200bundefined")


def case(name: str) -> Any:
    return json.loads((CASES / name).read_bytes())


def test_texts_are_stored_in_one_form(ask: Ask) -> None:  # noqa: F811 - the fixture
    """Naive: a Mac's decomposed letters, and signs that nobody sees, go on the label."""
    id_ = str(uuid7())
    mac = normalize("NFD", "Cañón\u200b 7\ufeff ")
    sent = {
        "id": id_,
        "name": "1003.0",
        "shippingAddress": "Cra 21\n# 80-16",
        "shippingCity": mac,
        "shippingDepartment": "05.0",
        "stageId": "None",
        "contact": {"name": "Null", "phone": '="3001234567"', "identification": "1020304052,0"},
    }
    assert ask("POST", "/orders", body={"orders": [sent]}).status == 200
    found = ask("GET", f"/orders/{id_}").json
    assert (found["name"], found["shippingAddress"], found["shippingCity"]) == ("1003", "Cra 21 # 80-16", "Cañón 7")
    assert (found["shippingDepartment"], found["stageId"]) == ("05", "None")
    contact = found["contact"]
    assert (contact["name"], contact["phone"], contact["identification"]) == ("Null", "3001234567", "1020304052")


@pytest.mark.parametrize("text", PLACEHOLDERS)
@pytest.mark.parametrize("field", ["shippingAddress", "shippingCity", "shippingDepartment", "email", "trackingNumber"])
def test_a_placeholder_is_refused_by_the_name_of_its_field(
    ask: Ask,  # noqa: F811
    order: str,  # noqa: F811
    field: str,
    text: str,
) -> None:
    problem = assert_problem(ask("PATCH", f"/orders/{order}", body={field: text}), 422, "invalid_text")
    assert problem["detail"].startswith(f"{field} is ")
    assert "which a program writes where it has no value" in problem["detail"]


@pytest.mark.parametrize("field", ["phone", "identification", "email"])
def test_a_placeholder_of_a_contact_is_refused_in_a_list_by_its_order(ask: Ask, field: str) -> None:  # noqa: F811
    good = {"id": str(uuid7()), "name": "A-1"}
    bad = {"id": str(uuid7()), "name": "A-2", "contact": {"name": "Ana", field: "undefined"}}
    problem = assert_problem(ask("POST", "/orders", body={"orders": [good, bad]}), 422, "invalid_text")
    assert problem["detail"].startswith(f'orders.1.contact.{field} is "undefined"')
    assert problem["detail"].endswith('It is of order "A-2".')
    assert ask("GET", f"/orders/{good['id']}").status == 404


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("name", "Jos\ufffd", "has letters that were lost"),
        ("shippingCity", "#REF!", "a spreadsheet's error"),
        ("name", "1.02E+09", "digits"),
        ("shippingAddress", "x" * 1_001, "must have 0 to 1000 characters; it has 1001"),
    ],
)
def test_what_is_not_understood_is_refused_by_the_order_s_id(ask: Ask, field: str, text: str, said: str) -> None:  # noqa: F811
    id_ = str(uuid7())
    problem = assert_problem(ask("POST", "/orders", body={"orders": [{"id": id_, field: text}]}), 422, "invalid_text")
    assert f"orders.0.{field} " in problem["detail"]
    assert said in problem["detail"]


def test_a_contact_of_signs_that_nobody_sees_has_no_name(ask: Ask) -> None:  # noqa: F811
    body = {"orders": [{"id": str(uuid7()), "contact": {"name": "\u200b\u2060\ufeff"}}]}
    problem = assert_problem(ask("POST", "/orders", body=body), 422, "invalid_text")
    assert problem["detail"].startswith("orders.0.contact.name must have 1 to 1000 characters; it has 0.")


def test_a_float_s_noise_is_taken_off(ask: Ask) -> None:  # noqa: F811
    """Naive: 134500.30000000002 is refused, and the refusal names no order."""
    body = case("which_order.json")
    for each in body["orders"]:
        each["id"] = str(uuid4())
    assert ask("POST", "/orders", body=body).json == {"imported": 3}
    assert ask("GET", f"/orders/{body['orders'][1]['id']}").json["totalValue"] == 134500.30


@pytest.mark.parametrize(
    ("value", "said"),
    [(134500.305, "must have at most 2 decimals."), (-5, "must be a number, zero or more"), (1e12, "must be a number")],
)
def test_an_amount_that_is_none_names_its_order(ask: Ask, value: float, said: str) -> None:  # noqa: F811
    orders = [
        {"id": str(uuid7()), "totalValue": 1},
        {"id": str(uuid7()), "externalId": "Z-7", "name": "A-7", "totalValue": value},
    ]
    problem = assert_problem(ask("POST", "/orders", body={"orders": orders}), 422, "invalid_number")
    assert problem["detail"].startswith(f"orders.1.totalValue {said}")
    assert problem["detail"].endswith('It is of order "A-7".')


def test_numbers_in_custom_fields_are_no_change_the_second_time(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    """Naive: 1e23 is sent as a float and comes back as a whole number, a change each time."""
    [order_id] = make_orders(owner, workspace)
    [sent] = case("custom_field_number.json")["orders"]
    fields = {**sent["customFields"], "small": 1e-7, "zero": -0.0, "deep": [1.5e20, {"x": 5e-324}], "text": "1e23"}
    for _ in range(3):
        data_of(update_order(ctx, UpdateOrderParams(order_id, custom_fields=fields)))
    changed = [each["fieldName"] for each in events_of(owner, workspace, "automation/field.changed")]
    assert changed == ["custom_fields"]
    [(stored,)] = owner.execute("SELECT custom_fields FROM orders WHERE id = %s", [order_id]).fetchall()
    assert stored == stored_json(fields, "custom_fields", at_most_bytes=50_000)


@pytest.mark.parametrize(
    "value",
    ["ñ" * 100, '\u0001\n"\\', 1e300, 5e-324, 1e-7, 123456789.25, 10**30, 1.0, {"a b": [None, True, {}]}, "🚚"],
    ids=repr,
)
def test_custom_fields_are_measured_as_the_database_gives_them_back(owner: Connection, value: object) -> None:
    """Naive: letters count six bytes each as ASCII, and 1e300 counts five."""
    fields = {"value": value}
    [(count,)] = owner.execute("SELECT octet_length(%s::jsonb::text)", [json.dumps(fields)]).fetchall()
    assert stored_json(fields, "custom_fields", at_most_bytes=count)
    with pytest.raises(Exception, match=f"has {count} bytes; at most {count - 1} are allowed"):
        stored_json(fields, "custom_fields", at_most_bytes=count - 1)


def test_an_order_goes_on_under_the_first_of_its_former_ids(ctx: DomainContext, owner: Connection) -> None:
    """Naive: the same sheet from another program makes every order a second time."""
    [older, old] = make_orders(owner, ctx.workspace_id, 2)
    new, foreign = uuid7(), make_orders(owner, uuid7())[0]
    params = ImportOrdersParams([ImportOrder(id=new, former_ids=[foreign, uuid7(), old, older], name="Renamed")])
    assert data_of(import_orders(ctx, params)).imported == 1
    rows = owner.execute("SELECT id FROM orders WHERE name = 'Renamed'").fetchall()
    assert rows == [(old,)]
    twice = ImportOrdersParams([ImportOrder(id=uuid7(), former_ids=[old]), ImportOrder(id=old)])
    assert failure_of(import_orders(ctx, twice), "INVALID", "duplicate_ids").details["ids"] == [old]


def test_an_order_without_any_of_its_former_ids_is_new(ask: Ask) -> None:  # noqa: F811
    new = str(uuid7())
    body = {"orders": [{"id": new, "formerIds": [str(uuid7()) for _ in range(10)], "name": "A-1"}]}
    assert ask("POST", "/orders", body=body).json == {"imported": 1}
    assert ask("GET", f"/orders/{new}").json["name"] == "A-1"
    too_many = {"orders": [{"id": new, "formerIds": [str(uuid7()) for _ in range(11)]}]}
    assert_problem(ask("POST", "/orders", body=too_many), 422, "too_many_ids")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("totalValue", "89.900", "must be a number."),
        ("totalValue", True, "must be a number."),
        ("totalValue", [1], "must be a number."),
        ("shippingCity", 5, "must be a text."),
    ],
)
def test_a_value_of_the_wrong_kind_names_its_order(ask: Ask, field: str, value: object, said: str) -> None:  # noqa: F811
    """Naive: `orders.1.totalValue.int`, in a request of a thousand orders that nobody counts."""
    orders = [{"id": str(uuid7())}, {"id": str(uuid7()), "name": "A-7", field: value}]
    answer = ask("POST", "/orders", body={"orders": orders})
    assert answer.status == 422
    assert answer.json["detail"] == f'orders.1.{field} {said} It is of order "A-7".'
