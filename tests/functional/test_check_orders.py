"""POST /order-checks: what an import would do, and which orders may have been entered twice; nothing is written."""

from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from functions.manage_orders.app import handler
from shared.domain import (
    ContactParams,
    DomainContext,
    ImportOrder,
    ImportOrdersParams,
    UpdateJobStatusParams,
    check_orders,
    get_order,
    update_job_status,
)
from shared.domain.ids import uuid7
from shared.domain.orders.check import ChangedOrder
from tests.dump import dump
from tests.factories import (
    data_of,
    hand_over,
    look_up,
    make_carrier_config,
    make_job_of,
    make_orders,
    report_error,
    report_success,
)
from tests.functional.conftest import Bus
from tests.http_client import Answer, assert_problem, call

Send = Callable[..., Answer]
SHIPPED: dict[str, Any] = {
    "externalId": "A-1",
    "name": "A-1",
    "totalValue": 89900,
    "shippingAddress": "Calle 72 # 10-34, apto 502",
    "shippingCity": "Bogotá",
    "shippingDepartment": "Bogotá D.C.",
    "contact": {"name": "Luz Marina Ospina", "phone": "+57 310 452 8817", "identification": "43567890"},
}
#: Entered again, as another person writes it.
ALIKE = {
    "same_name": {"externalId": "Z-1", "name": " #a-1 "},
    "same_phone_and_address": {
        "externalId": "Z-1",
        "name": "Z-1",
        "shippingAddress": "CALLE 72 #10 - 34 Apto. 502",
        "contact": {"name": "Luz Marina", "phone": "3104528817"},
    },
}


@pytest.fixture
def send(workspace: UUID, database: str, bus: Bus) -> Send:
    assert database
    assert bus
    return lambda path, *orders: call(handler, "POST", path, body={"orders": list(orders)}, workspace=workspace)


@pytest.fixture
def order_id(send: Send, owner: Connection, workspace: UUID) -> UUID:
    """Give an order that the workspace has, and a carrier that ships it."""
    make_carrier_config(owner, workspace)
    assert send("/orders", SHIPPED).status == 200
    [(id_,)] = owner.execute("SELECT id FROM orders WHERE workspace_id = %s", [workspace]).fetchall()
    return UUID(str(id_))


def check(send: Send, *orders: object) -> dict[str, Any]:
    answer = send("/order-checks", *orders)
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def _open(ctx: DomainContext, order_id: UUID) -> None:
    make_job_of(ctx, [order_id])


def _made(ctx: DomainContext, order_id: UUID) -> None:
    report_success(ctx, make_job_of(ctx, [order_id]).items[0].item_id, "T-1")


def _unsettled(ctx: DomainContext, order_id: UUID) -> None:
    job = make_job_of(ctx, [order_id])
    hand_over(ctx, job)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))


def _at_robot(ctx: DomainContext, order_id: UUID) -> None:
    hand_over(ctx, make_job_of(ctx, [order_id]))


SITUATIONS = {"open": _open, "at the robot": _at_robot, "made": _made, "unsettled": _unsettled}
SAID = {
    "open": "is in a job that has not ended.",
    "at the robot": "is in a job that has not ended.",
    "made": "with number T-1.",
    "unsettled": "may have been shipped on",
}


def test_it_counts_what_is_new_changed_and_unchanged_and_writes_nothing(
    send: Send, owner: Connection, workspace: UUID
) -> None:
    """Naive: a check by trial, which leaves what it has tried."""
    stays = {"externalId": "U-1", "totalValue": 134500.30000000002, "customFields": {"n": 1e23}}
    contact = {"externalId": "C-1", "contact": {"name": "Luz", "phone": "3001234567"}}
    assert send("/orders", SHIPPED, stays, contact).status == 200
    before = dump(owner, workspace)
    other_phone = {"externalId": "C-1", "contact": {"name": "Luz", "phone": "3001234568"}}
    changed = {**SHIPPED, "shippingAddress": "Calle 73"}
    assert check(send, SHIPPED, stays, contact) == {"new": 0, "changed": 0, "unchanged": 3, "lookalikes": []}
    assert check(send, changed, stays, other_phone, {"externalId": "N-1"}) == {
        "new": 1, "changed": 2, "unchanged": 1, "lookalikes": [],
    }  # fmt: skip
    assert dump(owner, workspace) == before


def test_each_change_is_told_with_what_is_there_and_what_would_be(ctx: DomainContext, owner: Connection) -> None:
    """Naive: a phone in words that everybody reads; or no word of an order that was shipped as it was."""
    [same, shipped] = make_orders(owner, ctx.workspace_id, 2, external_id=None, tracking_number="T-1")
    [cleared] = make_orders(owner, ctx.workspace_id, 1, total_value=Decimal("1234.50"))
    contact = data_of(get_order(ctx, cleared)).contact_id
    orders = [
        ImportOrder(same, name="Pedido", contact=ContactParams("Luz Marina Ospina", phone="3004567890")),
        ImportOrder(uuid7(), name="Nuevo"),
        ImportOrder(shipped, external_id="A-7", shipping_city="Cali", contact=ContactParams("Ana", email="a@b.co")),
        ImportOrder(cleared, total_value=None, contact=None),
    ]
    found = data_of(check_orders(ctx, ImportOrdersParams(orders)))
    assert (found.new, found.unchanged, found.changed) == (1, 1, 2)
    contact_changed: tuple[object, object] = (None, None)
    shipped_changes = {"external_id": (None, "A-7"), "shipping_city": ("Medellín", "Cali"), "contact": contact_changed}
    assert found.changes == [
        ChangedOrder(2, shipped, shipped_changes, "T-1"),
        ChangedOrder(3, cleared, {"contact_id": (contact, None), "total_value": (Decimal("1234.50"), None)}, None),
    ]
    # Each field of a contact counts, also where it is emptied.
    for field in ("phone", "email", "identification"):
        for value in ("x@example.com" if field == "email" else "3001112233", None):
            said: dict[str, Any] = {field: value}
            order = ImportOrder(same, contact=ContactParams("Luz Marina Ospina", **said))
            checked = data_of(check_orders(ctx, ImportOrdersParams([order])))
            is_there = field != "email" or value is not None
            assert [each.fields for each in checked.changes] == [{"contact": contact_changed}] * is_there


@pytest.mark.parametrize("code", ALIKE)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_an_order_entered_twice_under_two_ids_is_named(
    send: Send, ctx: DomainContext, order_id: UUID, code: str, situation: str
) -> None:
    """Naive: a shop's order that was entered twice is shipped twice, and nothing else notices."""
    SITUATIONS[situation](ctx, order_id)
    found = check(send, {"externalId": "other"}, ALIKE[code])
    [alike] = found["lookalikes"]
    assert (alike["index"], alike["code"], alike["likeOrderId"]) == (1, code, str(order_id))
    assert alike["jobId"]
    assert alike["trackingNumber"] == ("T-1" if situation == "made" else None)
    assert alike["reason"].startswith("Order A-1 ")
    assert SAID[situation] in alike["reason"]


@pytest.mark.parametrize("code", ALIKE)
def test_what_was_not_shipped_or_long_ago_is_no_lookalike(
    send: Send, ctx: DomainContext, owner: Connection, order_id: UUID, code: str
) -> None:
    assert check(send, ALIKE[code])["lookalikes"] == []
    job = make_job_of(ctx, [order_id])
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    assert check(send, ALIKE[code])["lookalikes"] == []
    _made(ctx, order_id)
    for days, count in ((29, 1), (30, 0)):
        owner.execute(
            "UPDATE robot_job_items SET completed_at = now() - make_interval(days => %s) WHERE order_id = %s",
            [days, order_id],
        )
        owner.execute("UPDATE orders SET created_at = now() - interval '40 days' WHERE id = %s", [order_id])
        assert len(check(send, ALIKE[code])["lookalikes"]) == count


@pytest.mark.parametrize("code", ALIKE)
def test_of_several_that_it_looks_like_the_newest_is_named(
    send: Send, ctx: DomainContext, owner: Connection, order_id: UUID, code: str
) -> None:
    """Naive: the one of last week is named, and who looks there does not see that it went out yesterday."""
    assert send("/orders", {**SHIPPED, "externalId": "A-2"}).status == 200
    rows = owner.execute("SELECT id FROM orders WHERE workspace_id = %s", [ctx.workspace_id]).fetchall()
    ids: list[UUID] = [id_ for (id_,) in rows]
    assert (len(ids), order_id in ids) == (2, True)
    for number, id_ in enumerate(ids):
        report_success(ctx, make_job_of(ctx, [id_]).items[0].item_id, f"T-{number}")
    for newest in ids:
        owner.execute(
            "UPDATE robot_job_items SET completed_at = now() - make_interval(days => CASE order_id WHEN %s THEN 1"
            " ELSE 9 END) WHERE workspace_id = %s",
            [newest, ctx.workspace_id],
        )
        [alike] = check(send, ALIKE[code])["lookalikes"]
        assert alike["likeOrderId"] == str(newest)
    # Of one moment: always the same one.
    owner.execute("UPDATE robot_job_items SET completed_at = now() WHERE workspace_id = %s", [ctx.workspace_id])
    for newest in ids:
        owner.execute(
            "UPDATE orders SET created_at = now() - make_interval(days => CASE id WHEN %s THEN 1 ELSE 2 END)"
            " WHERE workspace_id = %s",
            [newest, ctx.workspace_id],
        )
        [alike] = check(send, ALIKE[code])["lookalikes"]
        assert alike["likeOrderId"] == str(min(ids))


def test_what_is_shipped_again_is_said_to_be_on_its_way(
    send: Send, ctx: DomainContext, order_id: UUID, owner: Connection
) -> None:
    """Naive: any shipment of the order is told, and who reads of last week's sees no job that could be stopped."""
    _made(ctx, order_id)
    [first] = check(send, ALIKE["same_name"])["lookalikes"]
    again = make_job_of(ctx, [order_id], allow_reshipment=True)
    [alike] = check(send, ALIKE["same_name"])["lookalikes"]
    assert alike["jobId"] == str(again.job_id) != first["jobId"]
    assert SAID["open"] in alike["reason"]
    report_success(ctx, again.items[0].item_id, "T-2")
    for days, number in ((9, "T-1"), (0, "T-2")):
        owner.execute(
            "UPDATE robot_job_items SET completed_at = now() - make_interval(days => %s) WHERE id = %s",
            [days, again.items[0].item_id],
        )
        [alike] = check(send, ALIKE["same_name"])["lookalikes"]
        assert alike["trackingNumber"] == number


def test_a_number_that_a_person_wrote_is_a_shipment(send: Send, owner: Connection, order_id: UUID) -> None:
    owner.execute(
        "UPDATE orders SET tracking_number = 'T-9', created_at = now() - interval '30 days' WHERE id = %s", [order_id]
    )
    assert check(send, ALIKE["same_name"])["lookalikes"] == []
    owner.execute("UPDATE orders SET created_at = now() - interval '29 days' WHERE id = %s", [order_id])
    [alike] = check(send, ALIKE["same_name"])["lookalikes"]
    assert (alike["jobId"], alike["trackingNumber"]) == (None, "T-9")
    [(made,)] = owner.execute("SELECT created_at FROM orders WHERE id = %s", [order_id]).fetchall()
    assert alike["reason"].endswith(f"was shipped on {made.astimezone(UTC):%Y-%m-%d} with number T-9.")


def test_a_lookup_of_its_guide_is_no_job_that_could_be_stopped(
    send: Send, ctx: DomainContext, owner: Connection, order_id: UUID
) -> None:
    """Naive: an order of last year is on its way again, because somebody asks for its guide."""
    _made(ctx, order_id)
    look_up(owner, ctx, [order_id])
    [alike] = check(send, ALIKE["same_name"])["lookalikes"]
    assert SAID["made"] in alike["reason"]
    owner.execute(
        "UPDATE robot_job_items SET completed_at = now() - interval '40 days' WHERE order_id = %s AND NOT is_lookup",
        [order_id],
    )
    owner.execute("UPDATE orders SET created_at = now() - interval '40 days' WHERE id = %s", [order_id])
    assert check(send, ALIKE["same_name"])["lookalikes"] == []


def test_an_order_of_nobody_is_alike_by_its_name(send: Send, ctx: DomainContext, order_id: UUID) -> None:
    """Naive: it has no contact to be compared by, and is entered twice unseen."""
    _made(ctx, order_id)
    assert send("/orders", {**SHIPPED, "contact": None}).status == 200
    [alike] = check(send, ALIKE["same_name"])["lookalikes"]
    assert alike["likeOrderId"] == str(order_id)
    assert check(send, ALIKE["same_phone_and_address"])["lookalikes"] == []


def test_two_orders_without_a_phone_are_not_alike_by_it(send: Send, ctx: DomainContext, order_id: UUID) -> None:
    """Naive: no number is the same number, and all that goes to one pick-up point has to be confirmed."""
    _made(ctx, order_id)
    without = {"shippingAddress": SHIPPED["shippingAddress"], "contact": {"name": "Luz Marina", "phone": None}}
    assert send("/orders", {**SHIPPED, **without}).status == 200
    assert check(send, {**without, "externalId": "Z-1", "name": "Z-1"})["lookalikes"] == []


def test_a_shipment_that_was_voided_is_no_reason_to_hold_an_order_back(
    send: Send, ctx: DomainContext, owner: Connection, order_id: UUID
) -> None:
    """Naive: the parcel was cancelled at the carrier, and the order that replaces it waits for a confirmation."""
    _made(ctx, order_id)
    owner.execute("UPDATE robot_job_items SET voided_at = now() WHERE order_id = %s", [order_id])
    owner.execute("UPDATE orders SET tracking_number = NULL WHERE id = %s", [order_id])
    assert check(send, ALIKE["same_name"])["lookalikes"] == []


def test_each_new_order_is_told_with_the_one_that_it_looks_like_and_one_of_its_name_first(
    send: Send, ctx: DomainContext, owner: Connection, order_id: UUID
) -> None:
    """Naive: what went to the same door yesterday is named, and the order that was entered twice is not."""
    nameless = {
        "externalId": "B-1",
        "shippingAddress": "Carrera 7 # 1-20",
        "contact": {"name": "A", "phone": "3001112233"},
    }
    assert send("/orders", {**SHIPPED, "externalId": "A-2", "name": "A-2"}, nameless).status == 200
    rows = owner.execute("SELECT external_id, id FROM orders WHERE workspace_id = %s", [ctx.workspace_id]).fetchall()
    ids: dict[str, UUID] = dict(rows)
    for days, name in enumerate(("A-2", "B-1", "A-1")):
        report_success(ctx, make_job_of(ctx, [ids[name]]).items[0].item_id, f"T-{name}")
        owner.execute(
            "UPDATE robot_job_items SET completed_at = now() - make_interval(days => %s) WHERE order_id = %s",
            [days, ids[name]],
        )
    again = [
        {**nameless, "externalId": "Z-1"},
        {**SHIPPED, "externalId": "Z-2", "name": "Z-2"},
        {**SHIPPED, "externalId": "Z-3"},
    ]
    found = check(send, *again)["lookalikes"]
    assert [(each["index"], each["code"], each["likeOrderId"], each["trackingNumber"]) for each in found] == [
        (0, "same_phone_and_address", str(ids["B-1"]), "T-B-1"),
        (1, "same_phone_and_address", str(ids["A-2"]), "T-A-2"),
        (2, "same_name", str(order_id), "T-A-1"),
    ]
    assert found[0]["reason"].startswith(f"Order {ids['B-1']} goes to the same phone and address, and was shipped on ")


@pytest.mark.parametrize(
    "other",
    [
        {"name": "A-11"},
        {"name": "Z-1", "shippingAddress": "Calle 72 # 10-34, apto 502"},
        {"name": "Z-1", "shippingAddress": SHIPPED["shippingAddress"], "contact": {"name": "L", "phone": "3104528818"}},
        {"name": "Z-1", "shippingAddress": "Calle 72", "contact": SHIPPED["contact"]},
        {"name": "\N{FULLWIDTH NUMBER SIGN}", "shippingAddress": "#"},
    ],
)
def test_what_differs_is_no_lookalike(send: Send, ctx: DomainContext, order_id: UUID, other: dict[str, Any]) -> None:
    _made(ctx, order_id)
    # The phone of somebody else says nothing of who lives there.
    neighbour = {"externalId": "N-1", "contact": {"name": "L", "phone": "3104528818"}}
    assert send("/orders", neighbour).status == 200
    assert check(send, {"externalId": "Z-1", **other})["lookalikes"] == []


def test_what_the_workspace_has_is_not_asked_about_again(send: Send, ctx: DomainContext, order_id: UUID) -> None:
    """Confirmed once, a lookalike is in; a sheet that is imported every morning needs no confirmation for it."""
    _made(ctx, order_id)
    assert send("/orders", ALIKE["same_name"]).status == 200
    assert check(send, SHIPPED, ALIKE["same_name"]) == {"new": 0, "changed": 0, "unchanged": 2, "lookalikes": []}


def test_what_an_import_refuses_a_check_refuses(send: Send) -> None:
    bad = [{"externalId": "A-1"}, {"externalId": "A-2", "totalValue": -5}]
    problem = assert_problem(send("/order-checks", *bad), 422, "invalid_number")
    assert problem["detail"].startswith("orders.1.totalValue")
    assert_problem(send("/order-checks"), 422, "no_ids")
    assert_problem(send("/order-checks", {"name": "A"}), 422, "missing_id")


@pytest.mark.parametrize("code", ALIKE)
def test_a_pick_up_point_of_thousands_is_looked_at_in_part(
    send: Send, ctx: DomainContext, owner: Connection, order_id: UUID, code: str
) -> None:
    """Naive: each of a thousand new orders is compared with each of the thousands that went there, or are called so."""
    _made(ctx, order_id)
    owner.execute(
        "INSERT INTO orders (id, workspace_id, name, shipping_address)"
        " SELECT gen_random_uuid(), workspace_id, name, shipping_address FROM orders CROSS JOIN generate_series(1, 200)"
        " WHERE id = %s",
        [order_id],
    )
    assert check(send, ALIKE[code])["lookalikes"] == []
    # Now it is the two hundredth.
    owner.execute(
        "UPDATE orders SET created_at = now() - interval '1 hour' WHERE id IN (SELECT id FROM orders"
        " WHERE workspace_id = %s AND id <> %s LIMIT 1)",
        [ctx.workspace_id, order_id],
    )
    assert len(check(send, ALIKE[code])["lookalikes"]) == 1


def test_the_database_s_key_is_the_text_as_a_person_reads_it(owner: Connection) -> None:
    texts = ["Calle 72 # 10-34", "calle 72 #10 34", "Añil  E\N{COMBINING ACUTE ACCENT}", "#", "Ж", "1" * 300]
    keys = [owner.execute("SELECT look_key(%s)", [text]).fetchone() for text in texts]
    assert [key[0] for key in keys if key] == [
        "CALLE 72 10 34", "CALLE 72 10 34", "ANIL E", None, None, "1" * 200,
    ]  # fmt: skip


def test_another_workspace_s_orders_are_not_looked_at(ctx: DomainContext, order_id: UUID) -> None:
    _made(ctx, order_id)
    answer = call(handler, "POST", "/order-checks", body={"orders": [ALIKE["same_name"]]}, workspace=uuid7())
    assert answer.json == {"new": 1, "changed": 0, "unchanged": 0, "lookalikes": []}
