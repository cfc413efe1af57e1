"""Orders by what their shop calls them: `externalId` is an order once in a workspace, and routes take it for its id."""

from collections.abc import Callable
from typing import Any
from unicodedata import normalize
from uuid import UUID, uuid5

import pytest
from psycopg import Connection

from functions.manage_orders.app import handler as manage_orders
from functions.submit_job.app import handler as submit_job
from shared.domain import DomainContext, ImportOrder, ImportOrdersParams, find_refs, import_orders
from shared.domain.ids import uuid7
from tests.factories import data_of, failure_of, make_carrier_config, make_orders
from tests.functional.conftest import Bus
from tests.http_client import Answer, assert_problem, call
from tests.racing import Pause, results, two_racers

Send = Callable[..., Answer]
SHIPPABLE = {
    "totalValue": 90000,
    "prepaid": True,
    "shippingAddress": "Calle 1 # 10-20",
    "shippingCity": "Medellín",
    "shippingDepartment": "Antioquia",
    "contact": {"name": "Luz Marina Ospina", "phone": "3004567890", "identification": "43567890"},
}


@pytest.fixture
def send(workspace: UUID, database: str, bus: Bus) -> Send:
    assert database
    assert bus

    def ask(method: str, path: str, body: object = None, **request: Any) -> Answer:
        handler = submit_job if path == "/robot-jobs" else manage_orders
        return call(handler, method, path, body=body, **{"workspace": workspace, **request})

    return ask


@pytest.fixture
def submit(send: Send, owner: Connection, workspace: UUID) -> Send:
    make_carrier_config(owner, workspace)
    return lambda refs, **more: send("POST", "/robot-jobs", {"orderRefs": refs, **more})


def imported(send: Send, *orders: object) -> None:
    answer = send("POST", "/orders", {"orders": list(orders)})
    assert (answer.status, answer.json) == (200, {"imported": len(orders)})


def orders_of(owner: Connection, workspace: UUID) -> list[tuple[UUID, str | None, str | None]]:
    return owner.execute(
        "SELECT id, external_id, name FROM orders WHERE workspace_id = %s ORDER BY name", [workspace]
    ).fetchall()


SPELLINGS = ["Niño 7", normalize("NFD", "Niño 7"), " Niño  7 ", "Niño\N{ZERO WIDTH SPACE} 7", "Niño\n7", '="Niño 7"']


@pytest.mark.parametrize("again", SPELLINGS, ids=ascii)
def test_an_order_imported_twice_is_one_in_every_spelling(
    send: Send, owner: Connection, workspace: UUID, again: str
) -> None:
    """Naive: the second export ships every order once more."""
    imported(send, {"externalId": "Niño 7", "name": "first"})
    imported(send, {"externalId": again, "name": "second"})
    assert orders_of(owner, workspace) == [(uuid5(workspace, "Niño 7"), "Niño 7", "second")]
    assert send("GET", f"/orders/{uuid5(workspace, 'Niño 7')}").json["externalId"] == "Niño 7"


def test_a_table_tool_s_number_is_its_digits(send: Send, owner: Connection, workspace: UUID) -> None:
    imported(send, {"externalId": "1003.0", "name": "x"})
    imported(send, {"externalId": "1003", "name": "x"})
    assert orders_of(owner, workspace) == [(uuid5(workspace, "1003"), "1003", "x")]


def test_an_order_that_was_imported_by_its_name_is_the_one_of_that_external_id(
    send: Send, owner: Connection, workspace: UUID
) -> None:
    """Naive: what came from a sheet before there were externalIds is imported a second time."""
    old = uuid5(workspace, normalize("NFD", "Niño-7"))
    imported(send, {"id": str(old), "name": "before"})
    imported(send, {"externalId": "Niño-7", "name": "after"})
    assert orders_of(owner, workspace) == [(old, "Niño-7", "after")]


def test_the_caller_s_own_id_counts_before_the_derived_one(send: Send, owner: Connection, workspace: UUID) -> None:
    own = uuid7()
    imported(send, {"id": str(own), "externalId": "A-1", "name": "by id"})
    imported(send, {"externalId": "A-1", "name": "by externalId"})
    assert orders_of(owner, workspace) == [(own, "A-1", "by externalId")]
    # By its id it can be called anew.
    imported(send, {"id": str(own), "externalId": "B-1"})
    assert orders_of(owner, workspace) == [(own, "B-1", "by externalId")]


def test_two_workspaces_have_the_same_external_id(send: Send, owner: Connection, workspace: UUID) -> None:
    other = uuid7()
    imported(send, {"externalId": "A-1", "name": "mine"})
    assert send("POST", "/orders", {"orders": [{"externalId": "A-1", "name": "theirs"}]}, workspace=other).status == 200
    assert [row[1:] for row in orders_of(owner, workspace)] == [("A-1", "mine")]
    assert [row[1:] for row in orders_of(owner, other)] == [("A-1", "theirs")]


@pytest.mark.parametrize(
    "text", ["undefined", "NULL", "-", "", " ", "\N{ZERO WIDTH SPACE}", "1.02E+09", "x" * 201, "A\ufffd"]
)
def test_an_external_id_that_is_none_is_refused_by_its_order(
    send: Send, owner: Connection, workspace: UUID, text: str
) -> None:
    problem = assert_problem(
        send("POST", "/orders", {"orders": [{"externalId": "A-1"}, {"externalId": text}]}), 422, "invalid_text"
    )
    assert problem["detail"].startswith("orders.1.externalId ")
    assert orders_of(owner, workspace) == []


def test_neither_id_nor_external_id_is_refused_by_its_place(send: Send) -> None:
    problem = assert_problem(
        send("POST", "/orders", {"orders": [{"externalId": "A-1"}, {"name": "B"}]}), 422, "missing_id"
    )
    assert problem["detail"].startswith("orders.1 has neither id nor externalId")
    assert_problem(send("POST", "/orders", {"orders": [{"externalId": None}]}), 422, "missing_id")


def test_an_external_id_twice_in_a_request_is_refused_by_name(send: Send, owner: Connection, workspace: UUID) -> None:
    """Naive: the last one's address goes on the parcel of both."""
    orders = [{"externalId": "A-7", "shippingAddress": "Calle 1"}, {"externalId": "A-7 ", "shippingAddress": "Calle 2"}]
    assert assert_problem(send("POST", "/orders", {"orders": orders}), 422, "duplicate_ids")
    by_id = [{"id": str(uuid7()), "externalId": "A-7"}, {"id": str(uuid7()), "externalId": "A-7"}]
    assert assert_problem(send("POST", "/orders", {"orders": by_id}), 422, "duplicate_refs")["refs"] == ["A-7"]
    assert orders_of(owner, workspace) == []


def test_an_external_id_of_another_order_is_refused_with_that_order(
    send: Send, owner: Connection, workspace: UUID
) -> None:
    imported(send, {"externalId": "A-1", "name": "A"}, {"externalId": "B-1", "name": "B"})
    [(first, *_), (second, *_)] = orders_of(owner, workspace)
    taken = {"orderId": str(first), "externalId": "A-1"}
    by_import = send("POST", "/orders", {"orders": [{"id": str(uuid7()), "externalId": "A-1"}]})
    assert assert_problem(by_import, 422, "external_id_in_use")["orders"] == [taken]
    by_change = send("PATCH", f"/orders/{second}", {"externalId": "A-1"})
    assert assert_problem(by_change, 422, "external_id_in_use")["orders"] == [taken]
    assert send("PATCH", f"/orders/{first}", {"externalId": "A-1"}).status == 200


def test_an_order_that_has_a_new_external_id_is_not_written_over_by_its_old_one(
    send: Send, submit: Send, owner: Connection, workspace: UUID
) -> None:
    """Naive: the derived id finds the order, which is another one's by now, and ships it for this one."""
    imported(send, {"externalId": "A-1", "name": "A", **SHIPPABLE})
    [(order_id, *_)] = orders_of(owner, workspace)
    assert send("PATCH", f"/orders/{order_id}", {"externalId": "B-1"}).status == 200
    refused = send("POST", "/orders", {"orders": [{"externalId": "A-1", "name": "other"}]})
    assert assert_problem(refused, 422, "order_ids_taken")["orderIds"] == [str(order_id)]
    assert assert_problem(submit(["A-1"]), 422, "orders_not_found")["orderRefs"] == ["A-1"]
    assert submit(["B-1"]).json["items"][0]["orderId"] == str(order_id)


@pytest.mark.parametrize("id_", [None, uuid7()], ids=["both by externalId", "one by its own id"])
def test_of_two_imports_at_once_one_makes_the_order(
    ctx: DomainContext, owner: Connection, workspace: UUID, id_: UUID | None
) -> None:
    """Naive: a read before the write lets both through, and the order is there twice."""
    pause = Pause(workspace)
    first_one = ImportOrdersParams([ImportOrder(id_, external_id="R-1", name="first")])
    with two_racers(owner) as (first, second):
        one = first.start(pause.run, import_orders, ctx, first_one)
        pause.until_worked()
        other = ImportOrdersParams([ImportOrder(external_id="R-1", name="second")])
        two = second.start_blocked(import_orders, ctx, other)
        pause.commit()
        [made], [late] = results(one), results(two)
    assert made is not None
    data_of(made)
    if id_ is None:
        data_of(late)
    else:
        failure_of(late, "INVALID", "external_id_in_use")
    assert orders_of(owner, workspace) == [
        (id_ or uuid5(workspace, "R-1"), "R-1", "second" if id_ is None else "first")
    ]


def test_a_job_is_made_of_references_in_their_order(
    send: Send, submit: Send, owner: Connection, workspace: UUID
) -> None:
    imported(send, *({"externalId": f"A-{n}", "name": f"A-{n}", **SHIPPABLE} for n in range(3)))
    ids = [str(id_) for id_, *_ in orders_of(owner, workspace)]
    made = submit(["A-2", " A-0", normalize("NFD", "A-1")])
    assert made.status == 201
    assert [item["orderId"] for item in made.json["items"]] == [ids[2], ids[0], ids[1]]


def test_what_was_imported_by_its_name_is_submitted_by_it(submit: Send, owner: Connection, workspace: UUID) -> None:
    [order_id] = make_orders(owner, workspace)
    derived = uuid5(workspace, "A-1")
    owner.execute("UPDATE orders SET id = %s WHERE id = %s", [derived, order_id])
    assert submit(["A-1"]).json["items"][0]["orderId"] == str(derived)


def test_unknown_references_are_named_and_make_nothing(
    send: Send, submit: Send, owner: Connection, workspace: UUID
) -> None:
    imported(send, {"externalId": "A-1", **SHIPPABLE})
    theirs = uuid7()
    assert send("POST", "/orders", {"orders": [{"externalId": "T-1", **SHIPPABLE}]}, workspace=theirs).status == 200
    problem = assert_problem(submit(["A-1", "T-1", "Z-1"], idempotencyKey="k"), 422, "orders_not_found")
    assert problem["orderRefs"] == ["T-1", "Z-1"]
    assert "T-1, Z-1" in problem["detail"]
    assert submit(["A-1"], idempotencyKey="k").status == 201
    assert_problem(submit(["Z-1"], idempotencyKey="k"), 409, "duplicate_job")
    assert owner.execute("SELECT count(*) FROM robot_jobs WHERE workspace_id = %s", [workspace]).fetchone() == (1,)


def test_a_carrier_that_is_not_configured_is_said_before_unknown_references(send: Send) -> None:
    assert_problem(send("POST", "/robot-jobs", {"orderRefs": ["Z-1"]}), 422, "carrier_not_configured")


@pytest.mark.parametrize("body", [{}, {"orderIds": [str(uuid7())], "orderRefs": ["A-1"]}])
def test_ids_and_references_or_neither_are_refused(send: Send, body: object) -> None:
    problem = assert_problem(send("POST", "/robot-jobs", body), 422, "ids_or_refs")
    assert problem["detail"] == "Give orderIds or orderRefs: one of them, not both."


@pytest.mark.parametrize(
    ("refs", "code", "said"),
    [
        ([], "no_ids", "orderRefs is empty"),
        (["A-1", "undefined"], "invalid_text", 'orderRefs.1 is "undefined"'),
        (["A-1", ""], "invalid_text", "orderRefs.1 must have 1 to 200 characters"),
        (["A 1", "A  1"], "duplicate_refs", "orderRefs has references twice: A 1"),
        (["A-1", 5], "invalid_input", "orderRefs.1"),
        ("A-1", "invalid_input", "orderRefs"),
    ],
)
def test_references_that_are_none_are_refused(submit: Send, refs: object, code: str, said: str) -> None:
    assert assert_problem(submit(refs), 422, code)["detail"].startswith(said)


def test_references_of_a_caller_in_the_program_are_checked_too(ctx: DomainContext) -> None:
    most = [f"A-{number}" for number in range(10_000)]
    found = find_refs(ctx, most)
    assert found.success
    assert len(set(found.data)) == 10_000
    for refs, reason, said in (
        ([*most, "B"], "too_many_ids", "order_refs has 10001 ids; at most 10000 are allowed."),
        ("A-1", "invalid_text", "order_refs must be a list of texts, each the external_id of an order."),
    ):
        assert failure_of(find_refs(ctx, refs), "INVALID", reason).error == said
