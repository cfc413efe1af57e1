"""Lists of orders by what became of them in jobs."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreatedJob,
    DomainContext,
    ListOrdersByItemsParams,
    ListOrdersParams,
    OrderState,
    get_overview,
    list_orders,
    list_orders_by_items,
)
from shared.domain.ids import first_id_of, uuid7
from shared.domain.jobs import create
from tests.factories import data_of, failure_of, hand_over, look_up, make_job_of, make_lookup, report_error
from tests.functional.page_browser import Browser
from tests.functional.shop import Shop, order_of


def ids_in(shop: Shop, state: OrderState, search: str | None = None) -> list[UUID]:
    page = data_of(list_orders_by_items(shop.ctx, ListOrdersByItemsParams(state, search)))
    return [order.id for order in page.orders]


def test_orders_in_a_job_wait_or_are_with_the_robot(owner: Connection, shop: Shop) -> None:
    """Naive: by the job's status; orders that are done stand among those that are not."""
    shop.made("T-1")
    shop.failed()
    shop.unsettled()
    at_robot = order_of(shop.at_robot())
    waits = order_of(shop.job())
    # Its guide is looked for; it is shipped.
    make_lookup(owner, shop.ctx)
    assert ids_in(shop, "in_job") == [waits, at_robot]


def test_failed_orders_are_those_that_somebody_has_to_correct(shop: Shop) -> None:
    """Naive: every item that failed; what was shipped since then, or is on its way again, stands there too."""
    failed = order_of(shop.failed())
    shop.made("T-9", order_of(shop.failed()))
    shop.write_number(order_of(shop.failed()), "T-8")
    shop.unsettled()
    again = order_of(shop.failed())
    shop.failed(again)
    on_its_way = order_of(shop.failed())
    # Its guide was looked for by a number that it turned out not to have.
    wrong_number = order_of(shop.failed())
    shop.write_number(wrong_number, "T-7")
    look_up(shop.owner, shop.ctx, [wrong_number])
    shop.write_number(wrong_number, None)
    shop.job(on_its_way)
    assert ids_in(shop, "failed") == [wrong_number, again, failed]


def test_what_failed_is_told_for_fourteen_days(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """By when its job was made, as the job's id has it."""
    failed: list[CreatedJob] = []
    for minutes in (-5, 5):
        made_at = datetime.now(UTC) - timedelta(days=14, minutes=minutes)
        monkeypatch.setattr(create, "uuid7", lambda made_at=made_at: first_id_of(made_at))
        failed.append(shop.failed())
    recent, _ = failed
    assert ids_in(shop, "failed") == [order_of(recent)]
    attention = data_of(get_overview(shop.ctx, "coordinadora", 10, 10)).attention
    assert [(each.job_id, each.failed) for each in attention] == [(recent.job_id, 1)]


@pytest.mark.parametrize("state", ["in_job", "failed"])
def test_pages_have_each_order_once(state: OrderState, shop: Shop) -> None:
    make = shop.job if state == "in_job" else shop.failed
    expected = [order_of(make()) for _ in range(5)][::-1]
    found: list[UUID] = []
    cursor = None
    for count_to in (10, 4, 3):
        params = ListOrdersByItemsParams(state, limit=2, cursor=cursor, count_to=count_to)
        page = data_of(list_orders_by_items(shop.ctx, params))
        # On each page it is said of all how many they are.
        assert page.total == min(5, count_to + 1)
        found += [order.id for order in page.orders]
        cursor = page.next_cursor
    assert (found, cursor) == (expected, None)


@pytest.mark.parametrize("state", ["in_job", "failed"])
def test_a_job_s_orders_are_found_a_page_at_a_time(state: OrderState, shop: Shop) -> None:
    order_ids = [shop.order() for _ in range(5)]
    job = make_job_of(shop.ctx, order_ids)
    if state == "failed":
        hand_over(shop.ctx, job)
        for item in job.items:
            report_error(shop.ctx, item.item_id, "no")
    first = data_of(list_orders_by_items(shop.ctx, ListOrdersByItemsParams(state, limit=3)))
    rest = ListOrdersByItemsParams(state, limit=3, cursor=first.next_cursor)
    second = data_of(list_orders_by_items(shop.ctx, rest))
    assert [order.id for order in (*first.orders, *second.orders)] == order_ids[::-1]


@pytest.mark.parametrize("state", ["in_job", "failed"])
def test_of_jobs_that_were_made_at_one_moment_one_follows_the_other(
    state: OrderState, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: pages go by the items, whose ids are given before their job's; some orders stand twice, others nowhere."""
    older, newer = uuid7(), uuid7()
    monkeypatch.setattr(create, "uuid7", iter([newer, older]).__next__)
    jobs = [make_job_of(shop.ctx, [shop.order(), shop.order()]) for _ in range(2)]
    if state == "failed":
        for item in (item for job in jobs for item in job.items):
            report_error(shop.ctx, item.item_id, "no")
    found, cursor = [], None
    for _ in range(4):
        page = data_of(list_orders_by_items(shop.ctx, ListOrdersByItemsParams(state, limit=1, cursor=cursor)))
        found += [order.id for order in page.orders]
        cursor = page.next_cursor
    expected = [item.order_id for job in jobs for item in job.items[::-1]]
    assert (found, cursor) == (expected, None)
    assert ids_in(shop, state) == expected


@pytest.mark.parametrize(
    "search",
    [
        "ñan",
        "NANDU",
        "a-10",
        "bog",
        "bo",
        "ot",
        "luz",
        "300 123",
        "+57 300 123 4567",
        "123 4567",
        "(300)",
        "30",
        "12",
        "57 300",
        "%",
        "_",
    ],
)
def test_the_same_is_found_as_among_all_orders(owner: Connection, search: str, shop: Shop) -> None:
    """Fails where the two ways of searching, which are two statements, drift apart."""
    for name, city in (("Ñandú 1", "Bogotá"), ("A-1024", "Cali"), ("100% _", "Mitú"), ("30", "Bogotá")):
        shop.job(shop.order(name=name, shipping_city=city))
    owner.execute(
        "UPDATE contacts SET name = 'Luz Ñañez', phone = '+57 300 123 4567'"
        " WHERE id IN (SELECT contact_id FROM orders WHERE name IN ('A-1024', '30'))"
    )
    all_orders = data_of(list_orders(shop.ctx, ListOrdersParams(search))).orders
    assert {order.id for order in all_orders} == set(ids_in(shop, "in_job", search))
    assert search in {"ot", "12", "57 300", "%", "_"} or all_orders


def test_bad_input_is_refused(ctx: DomainContext) -> None:
    bad_state = ListOrdersByItemsParams("sold")  # type: ignore[arg-type] # on purpose
    failure_of(list_orders_by_items(ctx, bad_state), "INVALID", "invalid_choice")
    for limit in (0, 501):
        failure_of(
            list_orders_by_items(ctx, ListOrdersByItemsParams("failed", limit=limit)), "INVALID", "invalid_limit"
        )
    other = data_of(list_orders_by_items(ctx, ListOrdersByItemsParams("failed")))
    assert other.next_cursor is None
    failure_of(list_orders_by_items(ctx, ListOrdersByItemsParams("in_job", cursor="x")), "INVALID", "invalid_cursor")


def test_a_list_s_cursor_is_of_that_list(shop: Shop) -> None:
    for _ in range(2):
        shop.failed()
    page = data_of(list_orders_by_items(shop.ctx, ListOrdersByItemsParams("failed", limit=1)))
    other = ListOrdersByItemsParams("in_job", limit=1, cursor=page.next_cursor)
    failure_of(list_orders_by_items(shop.ctx, other), "INVALID", "invalid_cursor")


def test_the_page_filters_by_them_and_ships_all_that_failed(browser: Browser, shop: Shop) -> None:
    """Naive: "all that this list has" ships another list."""
    failed, waits = shop.failed(), shop.job()
    shown = browser.get("/app/orders?show=in-job")
    assert str(order_of(waits)) in shown.text
    assert str(order_of(failed)) not in shown.text
    shown = browser.get("/app/orders?show=failed")
    assert "Fallaron en los últimos 14 días" in shown.plain
    assert str(order_of(failed)) in shown.text
    assert str(order_of(waits)) not in shown.text
    preview = browser.post("/app/ship/preview", {"which": "all", "show": "failed", "search": ""})
    assert str(order_of(failed)) in preview.text
    assert str(order_of(waits)) not in preview.text
