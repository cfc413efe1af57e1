"""The operator's page: lists of orders, how many there are, and what became of each."""

import html
import re

import pytest
from psycopg import Connection

from functions.operator_page import orders
from shared.domain import DomainContext, ListOrdersByItemsParams, ListOrdersParams, list_orders, list_orders_by_items
from shared.domain.ids import uuid7
from tests.factories import data_of, failure_of, make_job_of, make_orders
from tests.functional.page_browser import Browser
from tests.functional.shop import Shop, order_of
from tests.wire import counted


def test_each_order_says_what_became_of_it(browser: Browser, shop: Shop) -> None:
    shop.order()
    shop.unsettled()
    shop.failed()
    shop.made("T-1")
    shop.success(shop.made("T-2"), "T-3")
    late = shop.unsettled()
    shop.settle(late, shipped=False)
    shop.made("T-4", order_of(late))
    shop.success(late, "T-5")
    shop.at_robot()
    shop.job()
    page = browser.get("/app/orders")
    said = [part.partition("</span>")[0].partition(">")[2] for part in page.text.split('<span class="tag ')[1:]]
    assert said == [
        "En un lote",
        "Con el robot",
        "Enviado dos veces",
        "Enviado dos veces",
        "Enviado",
        "Fallido",
        "Quizá enviado",
        "Por enviar",
    ]


def test_a_list_has_its_own_orders_and_no_others(browser: Browser, shop: Shop) -> None:
    """Naive: what may have been shipped is among what is to be shipped."""
    names = ("libre", "fallido", "quizá", "sin guía", "con guía", "en lote", "con el robot")
    made = {name: shop.order(name=name) for name in names}
    shop.failed(made["fallido"])
    shop.unsettled(made["quizá"])
    shop.made("T-1", made["sin guía"])
    shop.made("T-2", made["con guía"])
    shop.owner.execute("UPDATE orders SET carrier_guide_number = 'G-1' WHERE id = %s", [made["con guía"]])
    shop.at_robot(made["con el robot"])
    shop.job(made["en lote"])
    expected: dict[str, set[str]] = {
        "to-ship": {"libre", "fallido"},
        "in-job": {"en lote", "con el robot"},
        "shipped": {"con guía", "sin guía"},
        "failed": {"fallido"},
        "without-guide": {"sin guía"},
        "all": set(names),
        "nothing": set(names),
    }
    for show, listed in expected.items():
        page = browser.get(f"/app/orders?show={show}").text
        assert {name for name, order in made.items() if f'href="/app/orders/{order}"' in page} == listed, show


@pytest.mark.parametrize("search", ["", "Pedido"])
@pytest.mark.parametrize("show", ["to-ship", "all", "in-job"])
def test_a_list_says_how_many_it_has_up_to_a_cap(
    show: str, search: str, browser: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: no number, or a count of a million orders."""
    five = make_orders(shop.owner, shop.ctx.workspace_id, 5)
    if show == "in-job":
        make_job_of(shop.ctx, five)
    monkeypatch.setattr(orders, "_PAGE", 2)
    for cap, said in ((4, "Más de 4 pedidos"), (5, "5 pedidos"), (6, "5 pedidos")):
        monkeypatch.setattr(orders, "COUNTED_OF_SEARCH" if search else "COUNTED", cap)
        first = browser.get(f"/app/orders?show={show}&search={search}")
        older = re.search(r'href="([^"]*cursor=[^"]+)"', first.text)
        assert older
        later = browser.get(html.unescape(older[1]))
        # A page that begins later has as many.
        assert said in first.plain
        assert said in later.plain
        assert ("Enviar los marcados" in first.plain) == (show != "in-job")
        more = "Enviar todos los de esta lista, más de 4…" in first.plain
        assert more == (show == "to-ship" and cap == 4)
        assert "Volver a la primera página" not in first.plain
        assert "Volver a la primera página" in later.plain


def test_a_list_shows_fifty_and_counts_to_a_thousand_or_to_a_hundred_of_what_is_searched(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    make_orders(owner, ctx.workspace_id, 100)
    found = browser.get("/app/orders?search=Pedido")
    assert (found.text.count('name="order"'), "100 pedidos" in found.plain) == (50, True)
    make_orders(owner, ctx.workspace_id, 900)
    assert "Más de 100 pedidos" in browser.get("/app/orders?search=Pedido").plain
    assert " 1000 pedidos" in browser.get("/app/orders").plain
    make_orders(owner, ctx.workspace_id, 1)
    assert "Más de 1.000 pedidos" in browser.get("/app/orders").plain


def test_a_list_takes_three_exchanges_whatever_it_counts(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    make_orders(owner, ctx.workspace_id, 60)
    browser.get("/app/orders")
    with counted() as traffic:
        browser.get("/app/orders?show=to-ship")
    assert traffic.round_trips == 3


def test_while_somebody_types_the_list_alone_is_sent(browser: Browser, shop: Shop) -> None:
    """Naive: the whole page in the middle of itself."""
    order = shop.order(name="Caja azul")
    whole = browser.get("/app/orders?search=+caja+azul+")
    part = browser.ask("GET", "/app/orders?search=caja", headers={"HX-Target": "orders"})
    for page in (whole, part):
        assert f'href="/app/orders/{order}"' in page.text
    assert ("<html" in whole.text, "<html" in part.text) == (True, False)
    assert part.text.strip().startswith('<div id="orders">')
    assert '<input type="search" name="search" value="caja azul"' in whole.text


@pytest.mark.parametrize("count_to", [0, 10_001, "5", True])
def test_a_cap_is_a_number(count_to: object, ctx: DomainContext) -> None:
    params = ListOrdersParams(count_to=count_to)  # type: ignore[arg-type] # what the test is about
    said = "count_to must be a number from 1 to 10000."
    assert failure_of(list_orders(ctx, params), "INVALID", "invalid_value").error == said
    by_items = ListOrdersByItemsParams("failed", count_to=count_to)  # type: ignore[arg-type] # as above
    failure_of(list_orders_by_items(ctx, by_items), "INVALID", "invalid_value")


def test_nothing_is_counted_unless_it_is_asked_for(ctx: DomainContext) -> None:
    assert data_of(list_orders(ctx, ListOrdersParams())).total is None
    assert data_of(list_orders(ctx, ListOrdersParams(count_to=10_000))).total == 0


def test_an_empty_list_says_what_to_do_next(browser: Browser) -> None:
    """Naive: whoever searches in vain is to upload a file."""
    empty = browser.get("/app/orders?show=to-ship")
    assert "No hay pedidos por enviar. Subir un archivo de pedidos" in empty.plain
    assert "Ver todos los pedidos" in browser.get("/app/orders?show=failed").plain
    in_vain = browser.get("/app/orders?show=to-ship&search=macondo")
    assert "Ningún pedido de esta lista tiene “macondo”." in in_vain.plain
    assert "Borrar la búsqueda" in in_vain.plain
    assert "/app/orders?show=all&amp;search=macondo" in in_vain.text
    assert "Subir un archivo" not in in_vain.plain.replace("Subir archivo", "")


def test_who_may_not_ship_sees_no_button_that_does(browser: Browser, shop: Shop) -> None:
    shop.order()
    assert 'name="which"' in browser.get("/app/orders?show=to-ship").text
    reader = Browser().sign_in(shop.ctx.workspace_id, "robot-jobs/read")
    assert 'name="which"' not in reader.get("/app/orders?show=to-ship").text
    assert reader.get(f"/app/orders?show={uuid7()}").status == 200


@pytest.mark.parametrize(("show", "is_offered"), [("without-guide", True), ("shipped", False)])
def test_the_list_without_guide_has_the_button_that_looks_for_guides(
    browser: Browser, shop: Shop, show: str, *, is_offered: bool
) -> None:
    shop.made("T-1")
    page = browser.get(f"/app/orders?show={show}")
    offered = ('action="/app/guides"' in page.text, "Buscar ya todas las guías que faltan" in page.plain)
    assert offered == (is_offered, is_offered)


def test_of_all_orders_those_can_be_ticked_that_can_be_shipped_and_there_is_no_button_for_all(
    browser: Browser, shop: Shop
) -> None:
    """Naive: a list of what was shipped offers to ship all of it, and a person fears for it."""
    waits = shop.order()
    shop.failed()
    shop.made("T-1")
    shop.unsettled()
    page = browser.get("/app/orders")
    assert page.text.count('name="order" value=') == 2
    assert f'name="order" value="{waits}"' in page.text
    assert 'name="which"' not in page.text
    assert "Enviar los marcados" in page.plain
    for show in ("shipped", "without-guide"):
        assert "Enviar los marcados" not in browser.get(f"/app/orders?show={show}").plain
