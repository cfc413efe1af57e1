"""What of an import could be shipped after it, told before anything is written."""

from dataclasses import replace
from typing import Any

from psycopg import Connection

from shared.domain import (
    CheckedImport,
    ContactParams,
    DomainContext,
    ImportOrder,
    ImportOrdersParams,
    SubmitJobParams,
    UnshippableOrder,
    check_import,
    check_submission,
    import_orders,
)
from shared.domain.ids import uuid7
from tests.dump import dump
from tests.factories import data_of, make_carrier_config, make_orders
from tests.functional.shop import Shop, order_of
from tests.statements import statements_of

WHOLE: dict[str, Any] = {
    "shipping_address": "Calle 10 # 43-12",
    "shipping_city": "Medellín",
    "shipping_department": "Antioquia",
    "total_value": 89_900,
    "contact": ContactParams("Luz Marina Ospina", phone="3004567890"),
}


def order(external_id: str, **columns: Any) -> ImportOrder:
    return ImportOrder(external_id=external_id, name=external_id, **WHOLE | columns)


def checked(ctx: DomainContext, *orders: ImportOrder) -> CheckedImport:
    return data_of(check_import(ctx, ImportOrdersParams(orders)))


def codes(found: list[UnshippableOrder]) -> list[tuple[int, list[str]]]:
    return [(each.index, [str(why.code) for why in each.why.all]) for each in found]


def test_what_is_new_is_judged_as_it_would_be_and_nothing_is_written(ctx: DomainContext, owner: Connection) -> None:
    before = dump(owner)
    bad = order("A-2", shipping_city="Puerto Quimera", contact=ContactParams("Ana", phone="601 234 5678"))
    found = checked(ctx, order("A-1"), bad, order("A-3"))
    assert (found.orders.new, found.shippable, found.taken, found.waiting_ids) == (3, 2, 0, [])
    assert codes(found.unshippable) == [(1, ["city_not_covered", "invalid_phone"])]
    assert dump(owner) == before


def test_it_is_what_the_preview_of_shipping_says_afterwards(ctx: DomainContext, owner: Connection) -> None:
    """Naive: rules of its own; the file says that an order can be shipped, and the next page that it can't."""
    make_carrier_config(owner, ctx.workspace_id)
    orders = [
        order("A-1"),
        order("A-2", shipping_address=None),
        order("A-3", shipping_city="Abejorral"),
        order("A-4", shipping_city="Abejorral", prepaid=True),
        order("A-5", contact=None),
        order("A-6", shipping_department=None),
    ]
    before = checked(ctx, *orders)
    data_of(import_orders(ctx, ImportOrdersParams(orders)))
    after = checked(ctx, *orders)
    shipping = data_of(check_submission(ctx, SubmitJobParams(after.waiting_ids)))
    assert (before.shippable, after.shippable) == (len(shipping.order_ids), len(shipping.order_ids)) == (2, 2)
    assert codes(before.unshippable) == codes(after.unshippable)
    said = {each.order_id: each.code for each in shipping.rejected}
    assert [said[after.waiting_ids[each.index]] for each in before.unshippable] == [
        str(each.why.code) for each in before.unshippable
    ]


def test_what_is_known_is_judged_with_the_file_s_changes(ctx: DomainContext, owner: Connection) -> None:
    """Naive: by the file's cells alone, so that a file of corrections can't be shipped; or by what is stored."""
    [known] = make_orders(owner, ctx.workspace_id, 1, shipping_city="Puerto Quimera", prepaid=False)
    assert codes(checked(ctx, ImportOrder(known)).unshippable) == [(0, ["city_not_covered"])]
    found = checked(ctx, ImportOrder(known, shipping_city="Medellín"))
    assert (found.shippable, found.unshippable, found.waiting_ids) == (1, [], [known])
    nobody = checked(ctx, ImportOrder(known, shipping_city="Medellín", contact=None))
    assert codes(nobody.unshippable) == [(0, ["missing_phone", "missing_name"])]


def test_another_contact_of_the_same_name_is_a_change_as_the_import_makes_it(ctx: DomainContext) -> None:
    """Naive: what the contact is called is compared, and the file says that nothing would change."""
    contact = ContactParams("Luz Marina Ospina", phone="3004567890")
    data_of(import_orders(ctx, ImportOrdersParams([order("A-1", contact=contact)])))
    same, other = order("A-1", contact=contact), order("A-1", contact=replace(contact, id=uuid7()))
    assert [checked(ctx, each).orders.changed for each in (same, other)] == [0, 1]


def test_what_was_shipped_or_is_in_a_job_is_neither_to_be_shipped_nor_to_be_corrected(shop: Shop) -> None:
    """Naive: last week's file once more says that all of it can be shipped."""
    taken = [order_of(each) for each in (shop.made("T-1"), shop.unsettled(), shop.job())]
    free = shop.order()
    found = checked(shop.ctx, *map(ImportOrder, [*taken, free]))
    assert (found.taken, found.shippable, found.waiting_ids) == (3, 1, [free])
    shipping = data_of(check_submission(shop.ctx, SubmitJobParams([*taken, free])))
    assert ([each.order_id for each in shipping.rejected], shipping.order_ids) == (taken, [free])


def test_a_step_takes_as_many_exchanges_whatever_its_size(ctx: DomainContext) -> None:
    """Naive: a question for each row, of ten thousand."""
    few, many = ([order(f"A-{number}", shipping_city=f"Macondo {number}") for number in range(n)] for n in (2, 200))
    counts = [statements_of(check_import, ctx, ImportOrdersParams(orders)) for orders in (few, many)]
    assert counts[0] == counts[1]


def test_all_that_is_wrong_with_an_order_is_in_its_preview(ctx: DomainContext, owner: Connection) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    columns = {"shipping_address": None, "shipping_city": "Medelin"}
    bad = make_orders(owner, ctx.workspace_id, 1, **columns, prepaid=False)
    found = data_of(check_submission(ctx, SubmitJobParams(bad)))
    assert [each.code for each in found.rejected] == ["missing_address"]
    assert [[why.code for why in each.further] for each in found.rejected_orders] == [["city_not_covered"]]
    assert "MEDELLIN" in {each.city for each in found.rejected[0].suggestions}


def test_cities_are_suggested_for_the_first_fifty_orders_that_can_not_be_shipped(ctx: DomainContext) -> None:
    """Who has more corrects these first."""
    cities = ["Medelin"] * 49 + ["Envigao", "Itaguy"]
    orders = [order(f"A-{number}", shipping_city=city) for number, city in enumerate(cities)]
    suggested = [{each.city for each in found.suggestions} for found in checked(ctx, *orders).unshippable]
    assert "MEDELLIN" in suggested[0]
    assert "ENVIGADO" in suggested[49]
    assert suggested[50] == set()
