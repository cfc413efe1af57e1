"""The operator's page: the preview of a shipment, what is corrected in it, and shipping once."""

import re
from decimal import Decimal

import pytest
from psycopg import Connection

from functions.operator_page import selection, ship
from shared.domain import DomainContext, ListJobsParams, ListOrdersParams, get_order, list_jobs, list_orders
from shared.domain.ids import uuid7
from tests.factories import data_of, make_carrier_config, make_job_of, make_orders
from tests.functional.conftest import Bus
from tests.functional.page_browser import Browser, ids_of
from tests.functional.shop import Shop, order_of


def test_a_preview_lists_so_many_and_counts_them_all(browser: Browser, ctx: DomainContext, owner: Connection) -> None:
    """Naive: a page with ten thousand forms is more than a Lambda may answer."""
    make_carrier_config(owner, ctx.workspace_id)
    bad = make_orders(owner, ctx.workspace_id, 201, shipping_city="Puerto Quimera")
    good = make_orders(owner, ctx.workspace_id, 201)
    page = browser.post("/app/ship/preview", {"order": ids_of([*good, *bad])})
    assert page.text.partition("Ver cuáles")[2].partition("</ul>")[0].count("<li>") == 200
    assert page.text.count('name="correct"') == 200
    assert "201 pedidos no se pueden enviar así" in page.plain
    assert page.plain.count("Se muestran los primeros 200") == 2
    # Who may not correct orders is not asked to.
    shipper = Browser().sign_in(ctx.workspace_id, "robot-jobs/read", "robot-jobs/write")
    shown = shipper.post("/app/ship/preview", {"order": str(bad[0])})
    assert ("La transportadora no llega" in shown.plain, 'name="city-' in shown.text) == (True, False)


def test_orders_are_shipped_once_however_often_it_is_pressed(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    """H44: naive: a double click, a reload or the back button makes a second job."""
    make_carrier_config(owner, ctx.workspace_id)
    orders = make_orders(owner, ctx.workspace_id, 2)
    preview = browser.post("/app/ship/preview", {"order": list(map(str, orders))})
    assert "Enviar 2 pedidos ahora" in preview.plain
    form = {"key": preview.hidden("key"), "going": preview.hidden("going")}
    first = browser.send("/app/ship", form)
    second = browser.send("/app/ship", form)
    assert first.status == second.status == 303
    assert first.headers["location"].partition("?")[0] == second.headers["location"].partition("?")[0]
    assert "Lote creado" in browser.get(first.headers["location"]).plain
    assert "no se envió nada dos veces" in browser.get(second.headers["location"]).plain
    assert len(data_of(list_jobs(ctx, ListJobsParams())).jobs) == 1
    # Another preview of the same orders has another key: the guard says why nothing goes.
    other = browser.send("/app/ship", {"key": "another", "going": ids_of(orders)})
    assert other.status == 409
    assert "Estos pedidos están en un lote que no ha terminado" in other.plain


def test_what_is_shipped_is_on_its_way_to_the_robot_at_once(
    browser: Browser, ctx: DomainContext, owner: Connection, bus: Bus
) -> None:
    """Naive: the job waits until the relay comes by, a minute later."""
    make_carrier_config(owner, ctx.workspace_id)
    orders = make_orders(owner, ctx.workspace_id, 1)
    assert browser.send("/app/ship", {"key": "k", "going": ids_of(orders)}).status == 303
    [job] = data_of(list_jobs(ctx, ListJobsParams())).jobs
    assert [each["jobId"] for each in bus.received("robot/job.submitted")] == [str(job.id)]


@pytest.mark.parametrize(("pressed", "priority"), [({"urgent": "yes"}, "urgent"), ({}, "normal")])
def test_the_button_that_ships_as_urgent_makes_an_urgent_job_and_the_other_one_none(
    browser: Browser, shop: Shop, pressed: dict[str, str], priority: str
) -> None:
    browser.post("/app/ship", {"key": "k", "going": str(shop.order()), **pressed})
    [job] = data_of(list_jobs(shop.ctx, ListJobsParams())).jobs
    assert job.priority == priority


def test_the_preview_says_how_much_is_to_be_collected_of_what_goes(browser: Browser, shop: Shop) -> None:
    """Naive: with what was paid before, or with what does not go."""
    orders = [
        shop.order(total_value=Decimal(89_900), prepaid=False),
        shop.order(total_value=Decimal("1000.25"), prepaid=False),
        shop.order(total_value=Decimal(7), prepaid=True),
        shop.order(total_value=Decimal(500), prepaid=False, shipping_city="Puerto Quimera"),
    ]
    page = browser.post("/app/ship/preview", {"order": ids_of(orders)})
    assert "$ 90.900,25 por recaudar contra entrega" in page.plain


def test_who_chooses_nothing_is_led_back_to_the_orders_and_told_so(browser: Browser, shop: Shop) -> None:
    """Naive: a preview of nothing, which offers to ship it."""
    shop.order()
    for chosen in ({}, {"order": " "}, {"which": "all", "show": "shipped"}):
        sent = browser.send("/app/ship/preview", chosen)
        assert (sent.status, sent.headers["location"]) == (303, "/app/orders?show=to-ship&said=none-selected")
    assert "No marcaste nada" in browser.get("/app/orders?show=to-ship&said=none-selected").plain


def test_so_many_go_at_once_and_the_others_are_told_of(
    browser: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list is read page by page, and each of its orders once."""
    orders = [shop.order(name=f"A-{number}") for number in range(5)]
    listed = [order.id for order in data_of(list_orders(shop.ctx, ListOrdersParams())).orders]
    monkeypatch.setattr(selection, "_PAGE", 2)
    whole = browser.post("/app/ship/preview", {"which": "all", "show": "to-ship"})
    assert whole.hidden("going").split() == list(map(str, listed))
    found = browser.post("/app/ship/preview", {"which": "all", "show": "to-ship", "search": "A-3"})
    assert found.hidden("going") == str(orders[3])
    for most, is_told in ((3, True), (6, False)):
        for module in (selection, ship):
            monkeypatch.setattr(module, "MAX_ITEMS", most)
        for chosen in ({"which": "all", "show": "to-ship"}, {"order": ids_of(listed + listed)}):
            page = browser.post("/app/ship/preview", chosen)
            assert page.hidden("going").split() == list(map(str, listed[:most]))
            assert ("envía los demás después" in page.plain) is is_told


def test_a_rejected_order_is_corrected_in_place(browser: Browser, ctx: DomainContext, owner: Connection) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    [good] = make_orders(owner, ctx.workspace_id, 1)
    [bad] = make_orders(owner, ctx.workspace_id, 1, shipping_city="Puerto Quimera")
    chosen = ids_of([good, bad])
    preview = browser.post("/app/ship/preview", {"order": chosen})
    assert "La transportadora no llega a esa ciudad" in preview.plain
    fields = {"order": chosen, "correct": str(bad)}
    place = {f"city-{bad}": "Bogotá", f"department-{bad}": "Cundinamarca"}
    again = browser.post("/app/ship/preview", fields | place)
    assert "Enviar 2 pedidos ahora" in again.plain


def test_a_city_that_may_be_meant_is_one_press_and_what_else_is_typed_goes_with_it(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    """Naive: suggestions are words to be typed again, and a press forgets what stands in the other fields."""
    make_carrier_config(owner, ctx.workspace_id)
    bad = make_orders(owner, ctx.workspace_id, 2, shipping_city="Medelin", shipping_address=None)
    preview = browser.post("/app/ship/preview", {"order": ids_of(bad)})
    # All reasons of an order, at once.
    assert preview.plain.count("No tiene dirección") == preview.plain.count("La transportadora no llega") == 2
    pressed = re.search(rf'name="place" value="({bad[0]}[^"]*MEDELLIN[^"]*)"', preview.text)
    assert pressed
    fields = {"order": ids_of(bad), "place": pressed[1]}
    fields |= {f"address-{bad[0]}": "Calle 1", f"address-{bad[1]}": "Calle 2", f"city-{bad[0]}": "Medelin"}
    again = browser.post("/app/ship/preview", fields)
    assert again.hidden("going").split() == [str(bad[0])]
    order = data_of(get_order(ctx, bad[0]))
    assert (order.shipping_city, order.shipping_department, order.shipping_address) == (
        "MEDELLIN",
        "Antioquia",
        "Calle 1",
    )
    assert data_of(get_order(ctx, bad[1])).shipping_address == "Calle 2"


@pytest.mark.parametrize("place", ["x|Cali|Valle", "a|b", "|||", "x"])
def test_what_is_no_suggestion_of_the_page_changes_nothing(place: str, browser: Browser, shop: Shop) -> None:
    assert browser.post("/app/ship/preview", {"order": str(shop.order()), "place": place}).status in {200, 404}


def test_all_that_was_typed_is_saved_by_one_button(browser: Browser, ctx: DomainContext, owner: Connection) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    bad = make_orders(owner, ctx.workspace_id, 2, shipping_city="Puerto Quimera")
    fields = {"order": ids_of(bad), "check": "all"} | {f"city-{order}": "Medellín" for order in bad}
    assert "2 pedidos se pueden enviar" in browser.post("/app/ship/preview", fields).plain


def test_enter_in_a_field_presses_no_button_that_ships_or_says_a_city(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    """A browser presses a form's first button: naive, Enter puts the first suggestion into the first order."""
    make_carrier_config(owner, ctx.workspace_id)
    bad = make_orders(owner, ctx.workspace_id, 1, shipping_city="Medelin")
    text = browser.post("/app/ship/preview", {"order": ids_of(bad)}).text
    forms = re.findall(r'<form method="post" action="/app/ship/preview">.*?</form>', text, re.DOTALL)
    buttons = [re.findall(r"<button[^>]*>", form) for form in forms]
    # The language switch is a form of its own, to the same address.
    assert [each[0] for each in buttons if "_language" not in each[0]] == [
        '<button class="second" name="check" value="all">'
    ]


def test_cities_are_completed_as_they_are_typed(browser: Browser) -> None:
    found = browser.get(f"/app/cities?city-{uuid7()}=envig")
    assert 'data-city="ENVIGADO" data-department="Antioquia"' in found.text
    assert browser.get("/app/cities?city-x=").text.strip() == ""
    assert browser.get("/app/cities?x=envig").text.strip() == ""
    assert "sin pago contra entrega" in browser.get("/app/cities?city-x=abejorral").text
    # More than is ever searched for is cut, and no error.
    assert browser.get("/app/cities?city-x=" + "envig" * 50).status == 200


def test_nothing_but_numbers_of_minutes_that_the_robot_took_is_promised(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    for count, said in (
        (1, "1 minuto."),
        (3, "3 minutos."),
        (115, "119 minutos."),
        (116, "2 horas."),
        (200, "3 horas."),
    ):
        orders = make_orders(owner, ctx.workspace_id, count)
        page = browser.post("/app/ship/preview", {"order": ids_of(orders)})
        assert f"Desde que empiece, el robot se demora más o menos {said}" in page.plain


def test_who_stands_in_the_way_is_told_by_name_with_a_link_and_no_id(browser: Browser, shop: Shop) -> None:
    """Naive: `0198… (job 0198…)`."""
    order = shop.order(name="A-77")
    job = shop.job(order)
    refused = browser.send("/app/ship", {"key": "k", "going": str(order)})
    assert refused.status == 409
    assert "Estos pedidos están en un lote que no ha terminado: A-77." in refused.plain
    assert f'href="/app/jobs/{job.job_id}"' in refused.text
    assert refused.hidden("order") == str(order)
    preview = browser.post("/app/ship/preview", {"order": str(order)})
    for said in (refused, preview):
        assert str(job.job_id) not in said.plain
        assert str(order) not in said.plain
    # The back button leads to a preview, and not to a browser's question about a form.
    assert preview.headers["cache-control"] == "private, no-cache"


def test_of_many_who_stand_in_the_way_the_first_ten_are_named_and_200_listed(browser: Browser, shop: Shop) -> None:
    """Naive: a sentence of ten thousand names."""
    jobs = [shop.job(shop.order(name=f"A-{number:02}")) for number in range(11)]
    why = re.compile(r"un lote que no ha terminado: ([^.]*)\.")
    ten = ", ".join(f"A-{number:02}" for number in range(10))
    for count, named in ((10, ten), (11, f"{ten} …")):
        refused = browser.send("/app/ship", {"key": "k", "going": ids_of([order_of(job) for job in jobs[:count]])})
        assert why.findall(refused.plain) == [named]
    many = make_orders(shop.owner, shop.ctx.workspace_id, 201)
    make_job_of(shop.ctx, many)
    refused = browser.send("/app/ship", {"key": "k", "going": ids_of(many)})
    assert refused.text.partition("<tbody>")[2].count("<tr>") == 200


def test_an_order_without_a_name_that_stands_in_the_way_is_called_so(browser: Browser, shop: Shop) -> None:
    """Naive: a sentence that ends with “:”."""
    order = shop.order(name=None)
    shop.job(order)
    refused = browser.send("/app/ship", {"key": "k", "going": str(order)})
    assert "un lote que no ha terminado: un pedido sin nombre." in refused.plain


def test_the_reasons_have_no_ids_in_english_either(browser: Browser, shop: Shop) -> None:
    browser.cookies["robot_jobs_language"] = "en"
    jobs = [shop.unsettled(), shop.made("T-1"), shop.job()]
    bad = shop.order(shipping_city="Puerto Quimera", shipping_department="Valle del Cauca")
    preview = browser.post("/app/ship/preview", {"order": ids_of([*map(order_of, jobs), bad])})
    for why in (
        "It is in a job that has not ended.",
        "It may have been shipped already",
        "The order has been shipped.",
    ):
        assert why in preview.plain
    assert not [job for job in jobs if str(job.job_id) in preview.plain]
    # What has no id is told with the names and numbers that it is about.
    assert "The carrier does not serve Puerto Quimera (Valle del Cauca); correct the city" in preview.plain


def test_what_is_typed_in_another_order_is_corrected_with_it(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    """Naive: a form for each order; what was typed in the second is gone when the first one's button is pressed."""
    make_carrier_config(owner, ctx.workspace_id)
    bad = make_orders(owner, ctx.workspace_id, 3, shipping_city="Puerto Quimera")
    fields = {"order": ids_of(bad), "correct": str(bad[0])}
    for order, city in zip(bad, ("Medellín", "Medellín", "Puerto Quimera"), strict=True):
        fields |= {f"city-{order}": city, f"department-{order}": "Antioquia"}
    again = browser.post("/app/ship/preview", fields)
    assert again.hidden("going").split() == [str(bad[0]), str(bad[1])]
    # What can't be is said, and stays as it was typed.
    typed = {f"recipient-{bad[2]}": "", f"phone-{bad[2]}": "3109876543", f"city-{bad[2]}": "Mitú"}
    refused = browser.post("/app/ship/preview", {"order": str(bad[2]), "correct": str(bad[2])} | typed)
    assert refused.status == 422
    assert 'value="3109876543"' in refused.text
    assert 'value="Mitú"' in refused.text


@pytest.mark.parametrize(
    ("field", "text", "column"),
    [
        ("recipient", "Ana", "contact.name"),
        ("phone", "3109876543", "contact.phone"),
        ("address", "Carrera 1 # 2-3", "shipping_address"),
        ("city", "Mitú", "shipping_city"),
        ("department", "Vaupés", "shipping_department"),
        ("payment", "cash", "prepaid"),
    ],
)
def test_each_field_that_is_typed_in_another_order_counts(  # noqa: PLR0913, PLR0917 - fixtures
    browser: Browser, ctx: DomainContext, owner: Connection, field: str, text: str, column: str
) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    pressed, other = (make_orders(owner, ctx.workspace_id, 1, shipping_city="Puerto Quimera")[0] for _ in range(2))
    fields = {"order": ids_of([pressed, other]), "correct": str(pressed), f"recipient-{other}": "Luz Marina Ospina"}
    browser.post("/app/ship/preview", fields | {f"{field}-{other}": text})
    found: object = data_of(get_order(ctx, other))
    for name in column.split("."):
        found = getattr(found, name)
    assert found == (False if field == "payment" else text)


def test_what_is_corrected_after_the_others_went_goes_too(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    """Naive: with the key of the first preview the corrected order is answered by the job that went without it."""
    make_carrier_config(owner, ctx.workspace_id)
    [good] = make_orders(owner, ctx.workspace_id, 1)
    [bad] = make_orders(owner, ctx.workspace_id, 1, shipping_city="Puerto Quimera")
    preview = browser.post("/app/ship/preview", {"order": ids_of([good, bad])})
    browser.send("/app/ship", {"key": preview.hidden("key"), "going": preview.hidden("going")})
    # Back, and the form of the first preview is corrected.
    place = {f"city-{bad}": "Bogotá", f"department-{bad}": "Cundinamarca"}
    stale = {"order": ids_of([good, bad]), "correct": str(bad), "key": preview.hidden("key")}
    again = browser.post("/app/ship/preview", stale | place)
    assert again.hidden("going") == str(bad)
    browser.send("/app/ship", {"key": again.hidden("key"), "going": again.hidden("going")})
    jobs = data_of(list_jobs(ctx, ListJobsParams())).jobs
    assert sorted(job.total_items for job in jobs) == [1, 1]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"phone": "3001234567"}, "Un teléfono es de un destinatario"),
        ({"value": "12.34.5"}, "«12.34.5» no es un valor en pesos"),
        ({"value": 41 * "9" + "x"}, f"«{40 * '9'}» no es un valor en pesos"),
    ],
)
def test_what_can_not_be_corrected_so_is_said_and_stays(
    browser: Browser, shop: Shop, typed: dict[str, str], why: str
) -> None:
    """Naive: a phone without its recipient is dropped, and the page says that the order was changed."""
    order = shop.order()
    page = browser.post(f"/app/orders/{order}", {f"{name}-{order}": text for name, text in typed.items()})
    assert page.status == 422
    assert why in page.plain
    assert all(f'value="{text}"' in page.text for text in typed.values())


def test_the_preview_says_with_which_values_each_order_goes(
    browser: Browser, ctx: DomainContext, owner: Connection
) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    owner.execute("UPDATE carrier_configs SET default_declared_value = 50000, default_weight_kg = 2.5")
    page = browser.post("/app/ship/preview", {"order": ids_of(make_orders(owner, ctx.workspace_id, 1))})
    assert "50.000, 2,5 kg" in page.plain


def test_a_preview_of_what_was_shipped_asks_for_no_correction(browser: Browser, shop: Shop) -> None:
    """Naive: it says to correct what no correction lets go."""
    page = browser.post("/app/ship/preview", {"order": str(order_of(shop.made("T-1")))})
    assert "cada uno ya se envió o está en camino" in page.plain
    assert "Su número es T-1. Ver ese lote" in page.plain
    assert "Corrígelos aquí" not in page.plain
    assert 'name="check"' not in page.text


def test_the_preview_says_which_orders_go_and_the_page_after_an_import_how_many_do_not(
    browser: Browser, shop: Shop
) -> None:
    good, bad = shop.order(name="A-1"), shop.order(name="A-2", shipping_city="Puerto Quimera")
    page = browser.post("/app/ship/preview", {"order": f"{good} {bad}"})
    listed = page.plain.partition("Ver cuáles")[2].partition("Enviar 1 pedido ahora")[0]
    assert ("A-1" in listed, "A-2" in listed) == (True, False)
    rows = "B-1,Ana,3001234567,Calle 1,Bogotá,Cundinamarca,1000,no\nB-2,Ana,3001234567,Calle 2,Quimera,Cauca,1000,no\n"
    header = "name,recipient,phone,address,city,department,total_value,prepaid\n"
    path = browser.upload("/app/upload", "a.csv", (header + rows).encode()).path
    done = browser.post(f"{path}/import", {"step": "0"}).plain
    assert "Hay que corregir 1 pedido antes de enviarlo; eso se hace ahí." in done


def test_an_amount_that_has_lost_its_thousands_is_asked_about_before_it_goes(browser: Browser, shop: Shop) -> None:
    """A table tool's 89.9 was 89.900 once, and 89 pesos are collected."""
    orders = [
        shop.order(name="Barato", total_value=Decimal(999), prepaid=False),
        shop.order(name="Centavos", total_value=Decimal("89900.5"), prepaid=False),
        shop.order(name="Pagado", total_value=Decimal("89.9"), prepaid=True),
        shop.order(name="Justo", total_value=Decimal(1_000), prepaid=False),
        shop.order(name="Nada", total_value=Decimal(0), prepaid=False),
    ]
    note = browser.post("/app/ship/preview", {"order": " ".join(map(str, orders))}).plain.partition("Revisa ")[2]
    assert note.startswith("2 pedidos")
    assert ("Barato" in note[:250], "Centavos" in note[:250], "Pagado" in note[:250]) == (True, True, False)
    said = "Si eran miles, corrígelo."
    assert [said in browser.get(f"/app/orders/{order}").plain for order in orders] == [True, True, False, False, False]
