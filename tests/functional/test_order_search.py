"""GET /orders: what is found, in which order, and that a search finds nobody else's orders, whatever it is asked."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection

from local.stack.postgres import Postgres
from shared.domain import (
    ContactParams,
    DomainContext,
    ImportOrder,
    ImportOrdersParams,
    ListOrdersParams,
    Order,
    UpdateOrderParams,
    get_overview,
    import_orders,
    list_orders,
    update_order,
)
from shared.domain.ids import uuid7
from tests.factories import data_of, failure_of, make_orders
from tests.functional.shop import Shop, order_of

HOSTILE = ("%", "_", "%%%", "___", "\\", "\\%", "' OR true --", "'; DROP TABLE orders; --", "a|b", ".*", "$1", "{}")


def make(ctx: DomainContext, name: str, contact: ContactParams | None = None, **columns: Any) -> UUID:
    """Import an order."""
    id_ = uuid4()
    given = columns if contact is None else columns | {"contact": contact}
    data_of(import_orders(ctx, ImportOrdersParams([ImportOrder(id_, name=name, **given)])))
    return id_


def listed(ctx: DomainContext, **params: Any) -> list[Order]:
    """Return the orders of a list, page by page; where they are counted, each page says of all how many they are."""
    orders: list[Order] = []
    totals: set[int | None] = set()
    cursor = None
    while True:
        page = data_of(list_orders(ctx, ListOrdersParams(**params, cursor=cursor)))
        assert not {each.id for each in page.orders} & {each.id for each in orders}
        orders += page.orders
        totals.add(page.total)
        if page.next_cursor is None:
            assert totals == {len(orders) if "count_to" in params else None}, params
            return orders
        assert page.orders
        cursor = page.next_cursor


def found(ctx: DomainContext, search: str, **params: Any) -> set[UUID]:
    """Return the orders that a search finds, each of which it finds once."""
    ids = [order.id for order in listed(ctx, search=search, **params)]
    assert len(set(ids)) == len(ids)
    return set(ids)


def names(ctx: DomainContext, **params: Any) -> list[str | None]:
    """Return the names of the orders of a list."""
    return [order.name for order in listed(ctx, **params)]


def test_orders_are_listed_newest_first_whatever_their_ids(ctx: DomainContext) -> None:
    """Fails where they are sorted by id: an id is the caller's."""
    for number in range(7):
        make(ctx, f"A-{number}")
    newest_first = [f"A-{number}" for number in reversed(range(7))]
    assert names(ctx) == newest_first
    assert names(ctx, limit=2) == newest_first
    assert names(ctx, limit=3, search="a-") == newest_first
    assert names(ctx, limit=7, shipped=False) == newest_first


def test_orders_of_one_moment_are_each_listed_once(ctx: DomainContext) -> None:
    """Fails where the place of a page's end is its time alone: an import's orders have the same."""
    ids = {uuid4() for _ in range(9)}
    data_of(import_orders(ctx, ImportOrdersParams([ImportOrder(id_, name="Igual", stage_id="new") for id_ in ids])))
    lists: list[dict[str, Any]] = [
        {},
        {"search": "igual"},
        {"shipped": False},
        {"has_guide": False},
        {"stage_id": "new"},
    ]
    for params in [*lists, {"stage_id": "new"}]:
        found = [order.id for order in listed(ctx, limit=2, **params)]
        assert found == sorted(ids, reverse=True), params


@pytest.mark.parametrize(
    ("search", "is_found"),
    [
        ("Pedido Ñandú-77", True),
        ("pedido nandu-77", True),
        ("ÑANDÚ", True),
        ("n\u0303andu\u0301", True),
        ("du-7", True),
        ("52830019274", True),
        ("830019", True),
        ("GUIA-900", True),
        ("medellin", True),
        ("dellÍn", True),
        ("úrsula iguaran", True),
        ("IGUARÁN", True),
        ("3104528817", True),
        ("452881", True),
        ("  medellín  ", True),
        # Under three characters: the beginning of a field, not of each word.
        ("pe", True),
        ("Ñ", False),
        ("ur", True),
        ("m", True),
        ("3", True),
        ("52", True),
        ("77", False),
        ("ig", False),
        # A part of no field, nor across two.
        ("nandu-78", False),
        ("77 528", False),
        ("77\n52830", False),
        ("ursula  iguaran", False),
        ("calle 72", False),
        *((text, False) for text in HOSTILE),
    ],
)
def test_what_is_searched_for(ctx: DomainContext, search: str, is_found: bool) -> None:  # noqa: FBT001 - a case
    contact = ContactParams("Úrsula Iguarán", phone="+57 310 452 8817")
    order = make(ctx, "Pedido Ñandú-77", contact, shipping_city="Medellín", shipping_address="Calle 72")
    numbers: dict[str, Any] = {"tracking_number": "52830019274", "carrier_guide_number": "GUIA-9001"}
    data_of(update_order(ctx, UpdateOrderParams(order, **numbers)))
    make(ctx, "Otro", ContactParams("Luz Ospina", phone="6014567890"), shipping_city="Cali")
    assert names(ctx, search=search) == (["Pedido Ñandú-77"] if is_found else [])


def test_a_whole_number_finds_its_orders_and_what_names_it(owner: Connection, ctx: DomainContext) -> None:
    """Fails where only the number's own index is asked: a reshipment is named after the first shipment's number."""
    number = "70000000050"

    def ordered(**columns: Any) -> UUID:
        [id_] = make_orders(owner, ctx.workspace_id, **columns)
        return id_

    of_number = {ordered(tracking_number=number), ordered(tracking_number=number)}
    naming, longer = ordered(name=f"again: {number}"), ordered(name=f"{number}9")
    of_number.add(ordered(external_id=number))
    shorter, other = ordered(name=number[:-1]), ordered(tracking_number="70000000051")
    make_orders(owner, uuid7(), tracking_number=number)
    assert found(ctx, number) == {*of_number, naming, longer}
    assert found(ctx, number, limit=1) == {*of_number, naming, longer}
    # No order has this one: it is looked for everywhere, as a part of others.
    assert found(ctx, number[:-1]) == {*of_number, naming, longer, shorter, other}


def test_what_only_names_a_number_is_found_among_the_newest_thousand_orders(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: all are looked at, one by one; or its own orders, which indexes know, only where they are among these."""
    number = "70000050"

    def ordered(minutes: int, **columns: Any) -> UUID:
        """Make an order of so many minutes ago."""
        [id_] = make_orders(owner, ctx.workspace_id, **columns)
        owner.execute("UPDATE orders SET created_at = now() - make_interval(mins => %s) WHERE id = %s", [minutes, id_])
        return id_

    owner.execute(
        "INSERT INTO orders (id, workspace_id, created_at)"
        " SELECT gen_random_uuid(), %s, now() - make_interval(mins => n) FROM generate_series(1, 999) AS n",
        [ctx.workspace_id],
    )
    naming, too_old = (ordered(minutes, name=f"again: {number}") for minutes in (1_000, 1_001))
    known = {ordered(2_000, tracking_number=number), ordered(2_000, external_id=number)}
    assert found(ctx, number, count_to=10) == {*known, naming}
    # Seven digits may be a part of anything, also where an order has just these.
    shorter = ordered(2_000, tracking_number=number[:-1])
    assert found(ctx, number[:-1]) == {*known, naming, too_old, shorter}


def test_a_number_of_another_workspace_s_order_is_looked_for_everywhere(owner: Connection, ctx: DomainContext) -> None:
    """Fails where any workspace's order makes the number a known one: phones would not be looked at."""
    phone = "3104528817"
    order = make(ctx, "A-1", ContactParams("Úrsula Iguarán", phone=phone))
    make_orders(owner, uuid7(), tracking_number=phone)
    assert found(ctx, phone) == {order}


def test_signs_of_patterns_are_plain_characters(ctx: DomainContext) -> None:
    """Fails where a search becomes a LIKE: every name would be found by its signs."""
    for name in ("100% algodón", "10_000 pesos", "a\\b", "ab", "100 algodones", "10-000"):
        make(ctx, name)
    assert names(ctx, search="100%") == ["100% algodón"]
    assert names(ctx, search="%") == []
    assert names(ctx, search="10_") == ["10_000 pesos"]
    assert names(ctx, search="0_0") == ["10_000 pesos"]
    assert names(ctx, search="a\\b") == ["a\\b"]
    assert names(ctx, search="a\\") == ["a\\b"]


def test_what_changed_is_found_as_it_is_now(ctx: DomainContext) -> None:
    contact = ContactParams("Úrsula Iguarán", phone="3104528817")
    order = make(ctx, "A-1", contact)
    other = ContactParams("Amaranta Buendía", phone="3205550000")
    data_of(update_order(ctx, UpdateOrderParams(order, name="B-2", contact=other)))
    assert [names(ctx, search=text) for text in ("A-1", "ursula", "3104528817")] == [[], [], []]
    assert [names(ctx, search=text) for text in ("B-2", "amaranta", "3205550000")] == [["B-2"]] * 3


def test_orders_are_listed_by_whether_they_are_shipped(shop: Shop) -> None:
    """Fails where only the number is asked for: a robot may have lost it, and a person may have cleared it."""
    waiting, failed, unsettled = shop.order(name="waits"), shop.order(name="failed"), shop.order(name="unsettled")
    for number in ("T-0", None):
        shop.write_number(waiting, number)
    shop.failed(failed)
    shop.unsettled(unsettled)
    made, numberless, cleared = shop.order(name="made"), shop.order(name="numberless"), shop.order(name="cleared")
    shop.made("T-1", made)
    shop.made("T-5", made, allow_reshipment=True)
    shop.made(None, numberless)
    for guided in (failed, numberless):
        data_of(update_order(shop.ctx, UpdateOrderParams(guided, carrier_guide_number="G-1")))
    shop.made("T-2", cleared)
    shop.write_number(cleared, None)
    by_hand, second = shop.order(name="by hand"), shop.order(name="second")
    number = "70000050"
    shop.write_number(by_hand, number)
    # What its robot reports stands beside the number that a person wrote, and took away again.
    beside = shop.made(None, second)
    shop.write_number(second, "T-6")
    shop.success(beside, "T-7")
    shop.write_number(second, None)
    again = shop.order(name="released")
    first = shop.made(None, again)
    reshipment = shop.at_robot(again, allow_reshipment=True)
    shop.success(first, "T-4")
    shipped = [by_hand, second, made, numberless, cleared, again]
    # A number that one of them has, and each is named after, and one that none has.
    shop.owner.execute(
        "UPDATE orders SET name = concat(name, ' ', %s::text) WHERE workspace_id = %s", [number, shop.ctx.workspace_id]
    )
    shop.owner.execute("UPDATE orders SET stage_id = 'new' WHERE id = ANY(%s)", [[waiting, numberless]])
    searches: list[dict[str, Any]] = [{}, *({"search": text} for text in ("medellín", number, number[:-1]))]
    counted: list[tuple[dict[str, Any], int]] = [
        *((search, 9) for search in searches),
        ({"has_guide": False}, 7),
        ({"has_guide": True}, 2),
        ({"stage_id": "new"}, 2),
    ]
    for more, count in counted:
        # Each is listed once, whichever way it is found.
        everything = [order.id for order in listed(shop.ctx, **more)]
        assert len(everything) == count
        for is_shipped in (True, False):
            found = [order.id for order in listed(shop.ctx, shipped=is_shipped, limit=2, count_to=10, **more)]
            assert found == [id_ for id_ in everything if (id_ in shipped) == is_shipped], more
    assert order_of(reshipment) == again
    assert {order.id for order in listed(shop.ctx)} == {waiting, failed, unsettled, *shipped}
    # Free is what no job has, and none may have shipped.
    shop.job(shop.order(name="in a job"))
    fresh = shop.order(name="fresh")
    for limit in (1, 50):
        free = [order.id for order in listed(shop.ctx, shipped=False, is_free=True, limit=limit)]
        assert free == [fresh, failed, waiting]
    for cap, total in ((1, 2), (2, 3), (3, 3), (10, 3)):
        page = data_of(list_orders(shop.ctx, ListOrdersParams(shipped=False, is_free=True, count_to=cap)))
        assert page.total == data_of(get_overview(shop.ctx, "coordinadora", 10, cap)).to_ship == total


def test_orders_are_listed_by_guide_and_stage_too(ctx: DomainContext) -> None:
    number_of_all = "52830019274"
    for number in range(8):
        # Each names a number that one of them has: a search for it goes another way.
        order = make(
            ctx, f"A-{number}", stage_id="won" if number & 1 else "new", external_id=f"{number_of_all}-{number}"
        )
        said: dict[str, Any] = {"tracking_number": f"T-{number}" if number < 7 else number_of_all} if number & 2 else {}
        said |= {"carrier_guide_number": f"G-{number}"} if number & 4 else {}
        if said:
            data_of(update_order(ctx, UpdateOrderParams(order, **said)))
    for search in (None, "a-", number_of_all, number_of_all[:-1]):
        for stage, shipped, guide in ((s, n, g) for s in (0, 1, 9) for n in (0, 1, 9) for g in (0, 1, 9)):
            wanted = [
                f"A-{number}"
                for number in reversed(range(8))
                if stage in (number & 1, 9) and shipped in (number >> 1 & 1, 9) and guide in (number >> 2 & 1, 9)
            ]
            on_list = names(
                ctx,
                search=search,
                stage_id=[*["new", "won"], *[None] * 8][stage],
                shipped=None if shipped == 9 else bool(shipped),
                has_guide=None if guide == 9 else bool(guide),
                limit=4,
                count_to=10,
            )
            assert on_list == wanted, (search, stage, shipped, guide)


def test_what_many_orders_have_is_found_page_by_page(shop: Shop) -> None:
    """Fails where what follows the newest is left out, or given twice, at the seam of the two ways to look."""
    ctx = shop.ctx
    shop.owner.execute(
        "INSERT INTO orders (id, workspace_id, name, created_at, stage_id, tracking_number, number_by_hand,"
        " carrier_guide_number)"
        " SELECT gen_random_uuid(), %s, CASE WHEN n %% 7 = 6 OR n > 2600 THEN 'Zapato ' ELSE 'Camisa ' END || n,"
        " now() - n * interval '1 minute', CASE WHEN n %% 500 = 1 THEN 'rare' END, CASE WHEN n %% 500 = 2 THEN 'T' END,"
        " n %% 500 = 2,"
        " CASE WHEN n %% 500 = 3 THEN 'G' END FROM generate_series(1, 3200) AS n",
        [ctx.workspace_id],
    )
    wanted = [f"Zapato {number}" for number in range(1, 3201) if number % 7 == 6 or number > 2600]
    assert len(wanted) > 500
    assert names(ctx, search="zapato", limit=400) == wanted
    assert names(ctx, search="zapato", limit=500) == wanted
    rare = [f"Camisa {number}" for number in range(1, 2600, 500) if number % 7 != 6]
    assert names(ctx, search="camisa", stage_id="rare", limit=2) == rare
    shop.made(None, shop.order(name="Camisa hecha"))
    shipped = ["Camisa hecha", *(f"Camisa {number}" for number in range(2, 2600, 500) if number % 7 != 6)]
    assert names(ctx, search="camisa", shipped=True, limit=2) == shipped
    assert len(names(ctx, search="camisa", shipped=False, limit=500)) == 2_601 - len(wanted) + 600 - len(shipped)
    guided = [f"Camisa {number}" for number in range(3, 2600, 500) if number % 7 != 6]
    assert names(ctx, search="camisa", has_guide=True, limit=2) == guided


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"search": ""}, "invalid_text"),
        ({"search": "   "}, "invalid_text"),
        ({"search": "x" * 201}, "invalid_text"),
        ({"search": "x" * 10_000}, "invalid_text"),
        ({"search": "a\0b"}, "invalid_text"),
        ({"search": "\ufffd"}, "invalid_text"),
        ({"search": 7}, "invalid_text"),
        ({"shipped": "yes"}, "invalid_value"),
        ({"has_guide": 1}, "invalid_value"),
        ({"is_free": None}, "invalid_value"),
        ({"stage_id": "x" * 1_001}, "invalid_text"),
        ({"limit": 0}, "invalid_limit"),
        ({"limit": 501}, "invalid_limit"),
        ({"cursor": "x"}, "invalid_cursor"),
    ],
)
def test_what_can_not_be_asked_is_refused(ctx: DomainContext, params: dict[str, Any], reason: str) -> None:
    [name] = params
    said = failure_of(list_orders(ctx, ListOrdersParams(**params)), "INVALID", reason).error
    assert said.startswith("The cursor is not one of this list" if name == "cursor" else f"{name} ")


def test_a_search_of_two_hundred_characters_is_one_and_a_stage_as_long_as_an_order_s(ctx: DomainContext) -> None:
    make(ctx, "ñ" * 200, stage_id="ñ" * 1_000)
    assert names(ctx, search="Ñ" * 200) == names(ctx, stage_id="ñ" * 1_000) == ["ñ" * 200]


def test_a_cursor_is_that_of_its_list_alone(ctx: DomainContext) -> None:
    for number in range(3):
        make(ctx, f"A-{number}")
    cursor = data_of(list_orders(ctx, ListOrdersParams(limit=1))).next_cursor
    others: list[dict[str, Any]] = [{"search": "a-1"}, {"shipped": False}, {"has_guide": False}, {"stage_id": "x"}]
    for other in others:
        failure_of(list_orders(ctx, ListOrdersParams(cursor=cursor, **other)), "INVALID", "invalid_cursor")
    failure_of(
        list_orders(DomainContext(uuid7(), "test"), ListOrdersParams(cursor=cursor)), "INVALID", "invalid_cursor"
    )


# --- Isolation -------------------------------------------------------------------------------------------------------
@pytest.fixture
def app(database: str, postgres: Postgres) -> Iterator[Connection]:
    """Give a connection of the functions' role, as it is before a workspace is set."""
    with psycopg.connect(postgres.url(database, "robot_jobs_app"), autocommit=True) as conn:
        yield conn


def searched(app: Connection, text: str | None, before: UUID | None = None) -> list[UUID]:
    """Call the function as anyone with the functions' role can."""
    query = "SELECT order_id FROM search_orders(%s::text, NULL, NULL, NULL, %s::uuid, 1000)"
    return [order_id for (order_id,) in app.execute(query, [text, before])]


def test_the_function_that_searches_finds_nobody_elses_orders(app: Connection, ctx: DomainContext) -> None:
    """Fails where it forgets the workspace: its owner sees every row."""
    theirs = DomainContext(uuid7(), "test")
    contact = ContactParams("Úrsula Iguarán", phone="3104528817")
    their_order = make(theirs, "Pedido 77", contact, shipping_city="Medellín")
    data_of(update_order(theirs, UpdateOrderParams(their_order, tracking_number="52830019274")))
    app.execute("SELECT set_config('app.workspace_id', %s, false)", [str(theirs.workspace_id)])
    everything = ("Pedido 77", "ped", "p", "52830019274", "medellin", "iguaran", "3104528817", "31")
    assert [searched(app, text) for text in everything] == [[their_order]] * len(everything)
    asked = (*everything, *HOSTILE, "\n", "", None, str(theirs.workspace_id), str(their_order))
    for workspace in (ctx.workspace_id, ""):
        app.execute("SELECT set_config('app.workspace_id', %s, false)", [str(workspace)])
        for text in asked:
            assert searched(app, text) == [], text
            assert searched(app, text, their_order) == [], text
    app.execute("RESET app.workspace_id")
    assert [searched(app, text) for text in asked] == [[]] * len(asked)


@pytest.mark.usefixtures("fresh_database")
def test_not_even_where_the_index_leads_to_another_workspace(owner: Connection) -> None:
    """Two workspaces' trigrams may have one key: what the index finds is looked at again."""
    theirs, ours = DomainContext(uuid7(), "test"), DomainContext(uuid7(), "test")
    make(theirs, "Pedido 77", ContactParams("Úrsula Iguarán"))
    mine = make(ours, "Pedido 78", ContactParams("Úrsula Iguarán"))
    owner.execute(
        "CREATE OR REPLACE FUNCTION search_keys(workspace uuid, words text) RETURNS bigint[] LANGUAGE sql"
        " IMMUTABLE PARALLEL SAFE RETURN ARRAY[1::bigint]"
    )
    owner.execute("REINDEX INDEX orders_search")
    owner.execute("REINDEX INDEX contacts_search")
    owner.execute("SELECT set_config('app.workspace_id', %s, false)", [str(ours.workspace_id)])
    owner.execute("SET ROLE robot_jobs_app")
    assert searched(owner, "pedido") == searched(owner, "iguaran") == [mine]
