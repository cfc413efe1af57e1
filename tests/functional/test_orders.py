"""Orders: one event for each field that really changed, and imports that change as updates do."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection, connect
from psycopg.errors import CheckViolation
from psycopg.sql import SQL, Identifier

from shared.domain import (
    Contact,
    ContactParams,
    DomainContext,
    ImportOrder,
    ImportOrdersParams,
    UpdateOrderParams,
    get_order,
    import_orders,
    update_order,
)
from shared.domain.ids import uuid7, uuid7s
from shared.events import FieldChanged, OrderStageChanged
from tests.factories import data_of, events_of, failure_of, make_orders, rows_of
from tests.racing import Pause, holding, results, two_racers
from tests.statements import statements_of

FIELD_CHANGED = "automation/field.changed"
STAGE_CHANGED = "automation/order.stage_changed"


def field_changes(owner: Connection, workspace: UUID) -> list[tuple[str, Any, Any]]:
    """Return (field, previous, new) of the workspace's events, each of which its model reads."""
    details = events_of(owner, workspace, FIELD_CHANGED)
    for detail in details:
        FieldChanged.model_validate(detail)
        assert {"previousValue", "newValue"} <= detail.keys()
    return [(each["fieldName"], each["previousValue"], each["newValue"]) for each in details]


def test_each_field_that_changed_is_told_once_and_an_unchanged_one_is_not(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    [order_id] = make_orders(owner, workspace)
    change = UpdateOrderParams(
        order_id,
        name="Pedido",
        total_value=90000,
        prepaid=True,
        carrier="coordinadora",
        tracking_number="T-1",
        carrier_guide_number="G-1",
        shipping_address="Calle 11",
        shipping_city="Bello",
        shipping_department="Antioquia",
        email=None,
        custom_fields={"gift": True},
    )
    order = data_of(update_order(ctx, change))
    assert (order.tracking_number, order.total_value, order.email) == ("T-1", Decimal(90000), None)
    assert order.custom_fields == {"gift": True}
    assert order == data_of(get_order(ctx, order_id))
    assert field_changes(owner, workspace) == [
        ("total_value", 85000, 90000),
        ("carrier", None, "coordinadora"),
        ("tracking_number", None, "T-1"),
        ("carrier_guide_number", None, "G-1"),
        ("shipping_address", "Calle 10 # 43-12", "Calle 11"),
        ("shipping_city", "Medellín", "Bello"),
        ("email", "luz@example.com", None),
        ("custom_fields", {}, {"gift": True}),
    ]


def test_a_repeated_update_tells_nothing(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    [order_id] = make_orders(owner, workspace)
    change = UpdateOrderParams(order_id, tracking_number="T-1", custom_fields={"a": 1, "b": [True, None, 1.5]})
    data_of(update_order(ctx, change))
    before = rows_of(owner, workspace)
    data_of(update_order(ctx, change))
    assert rows_of(owner, workspace) == before


def test_true_and_one_are_different_values(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    [order_id] = make_orders(owner, workspace)
    data_of(update_order(ctx, UpdateOrderParams(order_id, custom_fields={"a": [1]})))
    data_of(update_order(ctx, UpdateOrderParams(order_id, custom_fields={"a": [True]})))
    assert len(field_changes(owner, workspace)) == 2


def test_a_stage_is_told_as_a_field_and_as_a_stage(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    [order_id] = make_orders(owner, workspace)
    data_of(update_order(ctx, UpdateOrderParams(order_id, stage_id="sent")))
    data_of(update_order(ctx, UpdateOrderParams(order_id, stage_id="sent")))
    assert field_changes(owner, workspace) == [("stage_id", None, "sent")]
    [detail] = events_of(owner, workspace, STAGE_CHANGED)
    event = OrderStageChanged.model_validate(detail)
    assert (event.order_id, event.previous_stage_id, event.new_stage_id) == (order_id, None, "sent")
    assert event.contact_id == data_of(get_order(ctx, order_id)).contact_id


@pytest.mark.parametrize(("depth", "told"), [(0, 1), (2, 1), (3, 0), (4, 0)])
def test_nothing_is_told_when_the_cascade_has_reached_three(
    ctx: DomainContext, owner: Connection, workspace: UUID, depth: int, told: int
) -> None:
    [order_id] = make_orders(owner, workspace)
    deep = replace(ctx, cascade_depth=depth)
    assert data_of(update_order(deep, UpdateOrderParams(order_id, stage_id="x"))).stage_id == "x"
    events = events_of(owner, workspace, FIELD_CHANGED)
    assert [event["cascadeDepth"] for event in events] == [depth] * told
    assert len(events_of(owner, workspace, STAGE_CHANGED)) == told


def test_an_order_can_be_given_another_contact_of_the_workspace(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    [first, second] = [make_orders(owner, workspace)[0] for _ in range(2)]
    contact_id = data_of(get_order(ctx, second)).contact_id
    previous = data_of(get_order(ctx, first)).contact_id
    assert data_of(update_order(ctx, UpdateOrderParams(first, contact_id=contact_id))).contact_id == contact_id
    assert field_changes(owner, workspace) == [("contact_id", str(previous), str(contact_id))]
    cleared = data_of(update_order(ctx, UpdateOrderParams(first, contact_id=None)))
    assert (cleared.contact_id, cleared.contact) == (None, None)
    # An automation writes to whom the order has now.
    told = events_of(owner, workspace, FIELD_CHANGED)
    assert [each.get("contactId") for each in told] == [str(contact_id), None]


def test_a_contact_of_another_workspace_is_refused(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    [order_id] = make_orders(owner, workspace)
    [foreign] = make_orders(owner, other := uuid7())
    foreign_contact = data_of(get_order(DomainContext(other, "test"), foreign)).contact_id
    failure_of(
        update_order(ctx, UpdateOrderParams(order_id, contact_id=foreign_contact)), "INVALID", "contact_not_found"
    )


def test_a_number_of_another_order_is_refused_unless_that_is_allowed(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    """Naive: a number that was pasted into the wrong order sends two people after one parcel."""
    [first] = make_orders(owner, workspace, tracking_number="T-1")
    [second] = make_orders(owner, workspace)
    make_orders(owner, uuid7(), tracking_number="T-2")
    shared = UpdateOrderParams(second, name="Otro", tracking_number="T-1")
    before = rows_of(owner, workspace)
    refused = failure_of(update_order(ctx, shared), "CONFLICT", "number_in_use")
    assert refused.details["orders"] == [{"order_id": first, "tracking_number": "T-1"}]
    wrong: Any = replace(shared, allow_shared_number="yes")  # type: ignore[arg-type] # callers hand in anything
    assert failure_of(update_order(ctx, wrong), "INVALID", "invalid_value").error.startswith("allow_shared_number ")
    assert rows_of(owner, workspace) == before
    # Its own, and another workspace's, are no other order's.
    for change in (UpdateOrderParams(first, tracking_number="T-1"), UpdateOrderParams(second, tracking_number="T-2")):
        assert data_of(update_order(ctx, change)).tracking_number == change.tracking_number
    assert data_of(update_order(ctx, replace(shared, allow_shared_number=True))).tracking_number == "T-1"


def test_an_order_s_contact_is_written_through_the_order(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    [order_id] = make_orders(owner, workspace)
    before = data_of(get_order(ctx, order_id)).contact
    after = data_of(update_order(ctx, UpdateOrderParams(order_id, contact=ContactParams("Ana", phone="3001112233"))))
    assert before
    assert after.contact
    assert (after.contact.id, after.contact.name, after.contact.phone) == (before.id, "Ana", "3001112233")
    assert after.contact.identification == before.identification
    assert field_changes(owner, workspace) == []


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a\0b"},
        {"name": "x" * 2_000_000},
        {"name": "\ud800"},
        {"name": 7},
        {"total_value": -1},
        {"total_value": float("nan")},
        {"total_value": Decimal("1.001")},
        {"total_value": 10**12},
        {"total_value": "85000"},
        {"total_value": True},
        {"units": 0},
        {"units": 1000},
        {"units": 1.5},
        {"units": "2"},
        {"units": True},
        {"prepaid": None},
        {"prepaid": "yes"},
        {"tracking_number": ""},
        {"tracking_number": "T" * 201},
        {"custom_fields": []},
        {"custom_fields": {"a": {1, 2}}},
        {"custom_fields": {"a": "\0"}},
        {"custom_fields": {"a": "\udc00"}},
        {"custom_fields": {"a": float("inf")}},
        {"custom_fields": {"a": "x" * 60_000}},
        {"contact_id": "7"},
        {"contact": "Ana"},
        {"contact": ContactParams("")},
        {"contact": ContactParams("Ana", phone=7)},  # type: ignore[arg-type] # callers hand in anything
        {"contact": ContactParams("Ana"), "contact_id": None},
    ],
)
def test_a_value_that_can_t_be_one_is_refused_and_nothing_is_written(
    ctx: DomainContext, owner: Connection, workspace: UUID, change: dict[str, Any]
) -> None:
    [order_id] = make_orders(owner, workspace)
    before = rows_of(owner, workspace)
    refused = update_order(ctx, UpdateOrderParams(order_id, **{"carrier": "x", **change}))
    assert not refused.success
    assert (refused.code, refused.error[-1]) == ("INVALID", ".")
    assert len(refused.error) < 500
    assert all(re.search(rf"\b{name}\b", refused.error) for name in change)
    assert rows_of(owner, workspace) == before


def test_what_a_contact_can_not_be_is_refused_by_the_name_of_its_field(ctx: DomainContext, owner: Connection) -> None:
    [order_id] = make_orders(owner, ctx.workspace_id)
    most = dict.fromkeys(("phone", "email", "identification"), "3" * 1_000)
    name = "ñ" * 1_000
    contact = data_of(update_order(ctx, UpdateOrderParams(order_id, contact=ContactParams(name, **most)))).contact  # type: ignore[arg-type] # no id
    assert contact
    assert {field: getattr(contact, field) for field in most} | {"name": contact.name} == {**most, "name": name}
    beyond: list[dict[str, Any]] = [{"name": ""}, {"name": name + "ñ"}, {"id": "x"}]
    for wrong in [*beyond, *({field: "3" * 1_001} for field in most)]:
        params = UpdateOrderParams(order_id, contact=ContactParams(**{"name": "Ana", **wrong}))
        refused = update_order(ctx, params)
        assert not refused.success
        [field] = wrong
        assert refused.error.startswith(f"contact.{field} must "), refused


@pytest.mark.parametrize("text", ["María 🌷", "سارة", "Null", "dos  espacios", "'; DROP TABLE orders; --"])
def test_what_people_write_is_kept_as_it_is(ctx: DomainContext, owner: Connection, workspace: UUID, text: str) -> None:
    [order_id] = make_orders(owner, workspace)
    assert data_of(update_order(ctx, UpdateOrderParams(order_id, name=text, custom_fields={text: text}))).name == text
    assert field_changes(owner, workspace) == [("name", "Pedido", text), ("custom_fields", {}, {text: text})]


def test_another_workspaces_order_is_not_found(ctx: DomainContext, owner: Connection) -> None:
    [foreign] = make_orders(owner, uuid7())
    for order_id in (foreign, uuid7()):
        failure_of(get_order(ctx, order_id), "NOT_FOUND", "order_not_found")
        failure_of(update_order(ctx, UpdateOrderParams(order_id, name="mine")), "NOT_FOUND", "order_not_found")


@pytest.mark.parametrize("order_id", ["x", None, 7, "0190f3a0-0000-7000-8000-000000000000"])
def test_an_order_id_that_is_no_uuid_is_refused(ctx: DomainContext, order_id: Any) -> None:
    failure_of(get_order(ctx, order_id), "INVALID", "invalid_id")
    failure_of(update_order(ctx, UpdateOrderParams(order_id)), "INVALID", "invalid_id")
    # None is no id: the order may have an externalId.
    reason = "missing_id" if order_id is None else "invalid_id"
    failure_of(import_orders(ctx, ImportOrdersParams([ImportOrder(order_id)])), "INVALID", reason)


def test_params_of_another_kind_are_refused(ctx: DomainContext) -> None:
    failure_of(update_order(ctx, None), "INVALID", "invalid_value")  # type: ignore[arg-type] # callers hand in anything
    for params in (None, ImportOrdersParams(None), ImportOrdersParams([None])):  # type: ignore[arg-type,list-item] # the same
        failure_of(import_orders(ctx, params), "INVALID", "invalid_value")  # type: ignore[arg-type] # the same


@pytest.mark.parametrize("units", [1, 999])
def test_an_order_has_1_to_999_units(ctx: DomainContext, owner: Connection, workspace: UUID, units: int) -> None:
    [order_id] = make_orders(owner, workspace)
    assert data_of(get_order(ctx, order_id)).units is None
    assert data_of(update_order(ctx, UpdateOrderParams(order_id, units=units))).units == units
    assert field_changes(owner, workspace) == [("units", None, units)]


def test_a_whole_amount_is_told_without_decimals(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    """Naive: 89900 goes out as 89900.0, which is another text to whoever puts it into a message."""
    [order_id] = make_orders(owner, workspace)
    for value in (89900, Decimal("1234.50")):
        data_of(update_order(ctx, UpdateOrderParams(order_id, total_value=value)))
    assert [list(map(repr, values)) for _, *values in field_changes(owner, workspace)] == [
        ["85000", "89900"],
        ["89900", "1234.5"],
    ]


@pytest.mark.parametrize("units", [0, 1_000])
def test_the_database_holds_the_units_too(owner: Connection, workspace: UUID, units: int) -> None:
    """Naive: the program's own check is the only one."""
    [order_id] = make_orders(owner, workspace)
    with pytest.raises(CheckViolation, match="orders_units_check"):
        owner.execute("UPDATE orders SET units = %s WHERE id = %s", [units, order_id])


# Imports


def whole(order_id: UUID, **fields: Any) -> ImportOrder:
    """Return an order with every field that an import may have."""
    given: dict[str, Any] = {
        "name": "A-1001",
        "total_value": Decimal("189900.50"),
        "prepaid": True,
        "carrier": "coordinadora",
        "shipping_address": "Calle 72 # 10-34",
        "shipping_city": "Bogotá",
        "shipping_department": "Bogotá D.C.",
        "email": "ana@example.com",
        "stage_id": "new",
        "custom_fields": {"channel": "web"},
        "contact": ContactParams("Ana Rojas", phone="3104528817", email="a@example.com", identification="1020"),
    }
    return ImportOrder(order_id, **(given | fields))


def test_an_import_makes_orders_with_their_contacts_and_tells_nothing_of_new_ones(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    order_id = uuid7()
    assert data_of(import_orders(ctx, ImportOrdersParams([whole(order_id), ImportOrder(uuid7())]))).imported == 2
    order = data_of(get_order(ctx, order_id))
    assert (order.name, order.total_value, order.prepaid) == ("A-1001", Decimal("189900.50"), True)
    assert (order.stage_id, order.custom_fields, order.tracking_number) == ("new", {"channel": "web"}, None)
    assert order.contact
    assert order.contact == Contact(
        order.contact.id, "Ana Rojas", "3104528817", "a@example.com", "1020", is_client=False
    )
    assert rows_of(owner, workspace)["outbox"] == []


def test_an_order_of_nothing_but_an_id_has_the_defaults(ctx: DomainContext) -> None:
    data_of(import_orders(ctx, ImportOrdersParams([ImportOrder(order_id := uuid7())])))
    order = data_of(get_order(ctx, order_id))
    assert (order.prepaid, order.custom_fields, order.name, order.contact) == (False, {}, None, None)


def test_an_import_keeps_what_it_leaves_out_and_clears_what_is_none(ctx: DomainContext) -> None:
    order_id = uuid7()
    data_of(import_orders(ctx, ImportOrdersParams([whole(order_id)])))
    data_of(import_orders(ctx, ImportOrdersParams([ImportOrder(order_id, email=None, shipping_city="Chía")])))
    order = data_of(get_order(ctx, order_id))
    assert (order.email, order.shipping_city, order.name, order.prepaid) == (None, "Chía", "A-1001", True)
    assert order.contact
    assert order.contact.name == "Ana Rojas"


def test_an_import_tells_what_changed_of_known_orders_as_an_update_does(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    known = [uuid7(), uuid7()]
    data_of(import_orders(ctx, ImportOrdersParams([whole(id_) for id_ in known])))
    again = [whole(known[0], stage_id="paid"), whole(known[1]), whole(uuid7())]
    data_of(import_orders(ctx, ImportOrdersParams(again)))
    assert field_changes(owner, workspace) == [("stage_id", "new", "paid")]
    assert [event["orderId"] for event in events_of(owner, workspace, STAGE_CHANGED)] == [str(known[0])]


def test_an_import_never_touches_a_tracking_number(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    [order_id] = make_orders(owner, workspace, tracking_number="T-1")
    data_of(import_orders(ctx, ImportOrdersParams([whole(order_id)])))
    assert data_of(get_order(ctx, order_id)).tracking_number == "T-1"
    assert not hasattr(ImportOrder(order_id), "tracking_number")


def test_a_contact_without_an_id_is_the_order_s_own(ctx: DomainContext) -> None:
    order_id = uuid7()
    data_of(import_orders(ctx, ImportOrdersParams([whole(order_id)])))
    first = data_of(get_order(ctx, order_id)).contact
    data_of(
        import_orders(ctx, ImportOrdersParams([ImportOrder(order_id, contact=ContactParams("Ana R.", phone=None))]))
    )
    second = data_of(get_order(ctx, order_id)).contact
    assert first
    assert second
    assert second == replace(first, name="Ana R.", phone=None)
    other = ContactParams("Ana M.", phone="3110000000", email="m@example.com", identification="77")
    data_of(import_orders(ctx, ImportOrdersParams([ImportOrder(order_id, contact=other)])))
    third = data_of(get_order(ctx, order_id)).contact
    assert third == Contact(first.id, "Ana M.", "3110000000", "m@example.com", "77", is_client=False)


def test_orders_can_share_a_contact_by_its_id(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    contact_id = uuid7()
    # Of each field the last word stands.
    said: list[dict[str, Any]] = [{"name": "Ana", "phone": "3104528817"}, {"name": "Ana Rojas", "email": "a@b.co"}]
    named = {uuid7(): ContactParams(**each, id=contact_id) for each in said}
    data_of(import_orders(ctx, ImportOrdersParams([ImportOrder(id_, contact=each) for id_, each in named.items()])))
    contacts = [data_of(get_order(ctx, id_)).contact for id_ in named]
    assert contacts == [Contact(contact_id, "Ana Rojas", "3104528817", "a@b.co", None, is_client=False)] * 2
    count = owner.execute("SELECT count(*) FROM contacts WHERE workspace_id = %s", [workspace]).fetchone()
    assert count == (1,)


def test_a_contact_that_is_named_by_its_id_takes_the_place_of_the_order_s_own(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    """Naive: the one that the order has is written over, and so are the other orders of that person."""
    [first, second] = [make_orders(owner, workspace)[0] for _ in range(2)]
    before, other = (data_of(get_order(ctx, id_)).contact for id_ in (first, second))
    assert before
    assert other
    named = UpdateOrderParams(first, contact=ContactParams("Ana", id=other.id, phone=None))
    assert data_of(update_order(ctx, named)).contact == replace(other, name="Ana", phone=None)
    assert data_of(get_order(ctx, second)).contact == replace(other, name="Ana", phone=None)
    assert field_changes(owner, workspace) == [("contact_id", str(before.id), str(other.id))]
    # Who it was stays as they were.
    data_of(update_order(ctx, UpdateOrderParams(second, contact_id=before.id)))
    assert data_of(get_order(ctx, second)).contact == before


def test_an_id_of_another_workspace_is_refused_and_nothing_is_written(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    [foreign] = make_orders(owner, other := uuid7())
    before = rows_of(owner, other)
    failure = failure_of(
        import_orders(ctx, ImportOrdersParams([whole(uuid7()), whole(foreign)])), "INVALID", "order_ids_taken"
    )
    assert failure.details["order_ids"] == [foreign]
    assert rows_of(owner, other) == before
    assert rows_of(owner, workspace)["orders"] == []


def test_a_contact_id_of_another_workspace_is_refused_and_nothing_is_written(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    [foreign] = make_orders(owner, other := uuid7())
    theirs = data_of(get_order(DomainContext(other, "test"), foreign)).contact
    assert theirs
    mine = whole(uuid7(), contact=ContactParams("Mine now", id=theirs.id))
    failure_of(import_orders(ctx, ImportOrdersParams([mine])), "INVALID", "contact_ids_taken")
    assert data_of(get_order(DomainContext(other, "test"), foreign)).contact == theirs
    assert rows_of(owner, workspace)["orders"] == []


def test_an_id_twice_none_or_too_many_are_refused(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    twice = whole(uuid7())
    failure = failure_of(import_orders(ctx, ImportOrdersParams([twice, twice])), "INVALID", "duplicate_ids")
    assert failure.details["ids"] == [twice.id]
    several = [whole(uuid7()) for _ in range(5)]
    failure = failure_of(import_orders(ctx, ImportOrdersParams([*several, *several[::-1]])), "INVALID", "duplicate_ids")
    assert failure.details["ids"] == [order.id for order in several]
    failure_of(import_orders(ctx, ImportOrdersParams([])), "INVALID", "no_ids")
    many = [ImportOrder(uuid7()) for _ in range(1_001)]
    # That there are too many is said before anything of one of them.
    for orders in (many, [ImportOrder(), *many[1:]]):
        failure_of(import_orders(ctx, ImportOrdersParams(orders)), "INVALID", "too_many_ids")
    assert rows_of(owner, workspace)["orders"] == []


def test_one_bad_order_refuses_the_whole_import(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    failure_of(
        import_orders(ctx, ImportOrdersParams([whole(uuid7()), whole(uuid7(), name="a\0")])), "INVALID", "invalid_text"
    )
    assert rows_of(owner, workspace)["orders"] == []


def test_columns_of_nothing_but_nulls_are_imported(ctx: DomainContext) -> None:
    order_id = uuid7()
    nothing = whole(order_id, **dict.fromkeys(("name", "total_value", "carrier", "email", "stage_id", "contact")))
    for _ in range(2):
        data_of(import_orders(ctx, ImportOrdersParams([nothing])))
    data_of(import_orders(ctx, ImportOrdersParams([ImportOrder(order_id, custom_fields=None)])))
    order = data_of(get_order(ctx, order_id))
    assert (order.name, order.total_value, order.contact_id, order.custom_fields) == (None, None, None, {})


def test_an_import_takes_as_many_statements_for_a_thousand_orders_as_for_two(ctx: DomainContext) -> None:
    data_of(import_orders(ctx, ImportOrdersParams([whole(uuid7())])))  # the connection's first use has one of its own
    few, many = ([whole(uuid7()) for _ in range(count)] for count in (2, 1_000))
    changed = [
        [replace(order, stage_id="paid", contact=ContactParams("Eva")) for order in orders] for orders in (few, many)
    ]
    for round_ in ((few, many), (changed[0], changed[1])):
        counts = [
            statements_of(lambda each: data_of(import_orders(ctx, ImportOrdersParams(each))), each) for each in round_
        ]
        assert counts[0] == counts[1] < 15


def test_two_imports_of_one_new_order_at_once_make_one_and_the_second_changes_it(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    """Naive: the second finds no row to change, and its insert fails or is lost."""
    order_id = uuid7()
    pause = Pause(workspace)
    with two_racers(owner) as (first, second):
        one = first.start(pause.run, import_orders, ctx, ImportOrdersParams([whole(order_id)]))
        pause.until_worked()
        two = second.start_blocked(import_orders, ctx, ImportOrdersParams([ImportOrder(order_id, stage_id="paid")]))
        pause.commit()
        assert [result and data_of(result).imported for result in (*results(one), *results(two))] == [1, 1]
    order = data_of(get_order(ctx, order_id))
    assert (order.name, order.stage_id) == ("A-1001", "paid")
    assert field_changes(owner, workspace) == [("stage_id", "new", "paid")]


@pytest.mark.parametrize("table", ["orders", "contacts"])
def test_imports_that_make_the_same_in_opposite_orders_do_not_deadlock(
    ctx: DomainContext, owner: Connection, workspace: UUID, table: str
) -> None:
    """Naive: each waits for what the other has made, in the order of its file."""
    ids = uuid7s(3)

    def orders(named: list[UUID]) -> ImportOrdersParams:
        if table == "orders":
            return ImportOrdersParams([ImportOrder(id_) for id_ in named])
        return ImportOrdersParams([ImportOrder(uuid7(), contact=ContactParams("Ana", id=id_)) for id_ in named])

    with two_racers(owner) as both, connect(owner.info.dsn, password=owner.info.password) as third:
        query = SQL("INSERT INTO {} (id, workspace_id) VALUES (%s, %s)").format(Identifier(table))
        third.execute(query, [ids[1], workspace])
        calls = [
            racer.start_blocked(import_orders, ctx, orders(each))
            for racer, each in zip(both, (ids, ids[::-1]), strict=True)
        ]
        third.rollback()
        assert [data_of(result).imported for result in results(*calls)] == [3, 3]


def test_two_updates_of_different_fields_at_once_both_stay(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    """Naive: whole rows read without a lock are written back, and the first change is lost."""
    [order_id] = make_orders(owner, workspace)
    pause = Pause(workspace)
    with two_racers(owner) as (first, second):
        one = first.start(pause.run, update_order, ctx, UpdateOrderParams(order_id, name="first"))
        pause.until_worked()
        two = second.start_blocked(update_order, ctx, UpdateOrderParams(order_id, carrier="second"))
        pause.commit()
        results(one)
        results(two)
    order = data_of(get_order(ctx, order_id))
    assert (order.name, order.carrier) == ("first", "second")


def test_who_changes_an_order_waits_for_nobody_who_changes_another(ctx: DomainContext, owner: Connection) -> None:
    """Naive: all orders of the workspace, or all of its contacts, are locked for one; a long import stops everybody."""
    ids = [make_orders(owner, ctx.workspace_id)[0] for _ in range(2)]
    params = [UpdateOrderParams(id_, contact=ContactParams("Ana"), stage_id="paid") for id_ in ids]
    pause = Pause(ctx.workspace_id)
    with two_racers(owner) as (first, second):
        one = first.start(pause.run, update_order, ctx, params[0])
        pause.until_worked()
        two = second.start(update_order, ctx, params[1])
        while not two.done():
            assert not second.is_blocked()
        pause.commit()
        assert [order and data_of(order).stage_id for order in (*results(one), *results(two))] == ["paid", "paid"]


def test_two_changes_of_one_contact_at_once_both_stay(ctx: DomainContext, owner: Connection) -> None:
    """Naive: each is made through an order of its own, and the second writes back the phone that it has read."""
    ids = make_orders(owner, ctx.workspace_id, 2)
    contact_id = data_of(get_order(ctx, ids[0])).contact_id
    assert contact_id
    said = (ContactParams("Luz", phone="3001112233"), ContactParams("Luz", email="luz.ospina@example.com"))
    params = [UpdateOrderParams(id_, contact=contact) for id_, contact in zip(ids, said, strict=True)]
    with two_racers(owner) as both, holding(owner, "contacts", contact_id) as let_go:
        calls = [racer.start_blocked(update_order, ctx, each) for racer, each in zip(both, params, strict=True)]
        let_go()
        assert all(result.success for result in results(*calls))
    contact = data_of(get_order(ctx, ids[0])).contact
    assert contact
    assert (contact.phone, contact.email) == ("3001112233", "luz.ospina@example.com")
