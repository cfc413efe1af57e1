"""The operator's page: one order, its correction, and the log of what was done, in words and names."""

import html
import re
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from shared.domain import (
    DomainContext,
    ImportOrder,
    ImportOrdersParams,
    RetryFailedItemsParams,
    UpdateOrderParams,
    get_order,
    import_orders,
    retry_failed_items,
    update_order,
)
from shared.domain.ids import uuid7, uuid7s
from tests.factories import data_of, make_job, report_error
from tests.functional.page_browser import Browser, Page
from tests.functional.shop import Shop, order_of
from tests.wire import counted


def form_of(page: Page, order: UUID) -> dict[str, str]:
    """Return what the form of an order holds, as a browser sends it back untouched."""
    names = ("recipient", "phone", "address", "city", "department", "email", "value", "units")
    fields = {}
    for name in names:
        field = page.text.partition(f'<input name="{name}-{order}"')[2]
        fields[f"{name}-{order}"] = field.partition('value="')[2].partition('"')[0]
        fields[f"was-{name}-{order}"] = page.hidden(f"was-{name}-{order}")
    was = f"was-payment-{order}"
    return {**fields, was: page.hidden(was), f"payment-{order}": page.hidden(was)}


def test_the_form_has_what_the_order_has_and_sent_back_changes_nothing(browser: Browser, shop: Shop) -> None:
    """Naive: e-mail and value look as if they were missing; or they are written back as the form shows them."""
    order = shop.order(total_value=Decimal("89900.50"), email=None, shipping_department=None)
    shop.owner.execute("UPDATE contacts SET email = 'ana@example.com' WHERE id = %s", [contact_of(shop.ctx, order)])
    page = browser.get(f"/app/orders/{order}")
    form = form_of(page, order)
    assert (form[f"email-{order}"], form[f"value-{order}"]) == ("ana@example.com", "89900.5")
    assert (form[f"department-{order}"], form[f"units-{order}"]) == ("", "")
    before = data_of(get_order(shop.ctx, order))
    assert "No cambió nada" in browser.post(f"/app/orders/{order}", form).plain
    assert data_of(get_order(shop.ctx, order)) == before


def contact_of(ctx: DomainContext, order: UUID) -> UUID:
    contact = data_of(get_order(ctx, order)).contact
    assert contact
    return contact.id


def test_what_somebody_else_corrected_meanwhile_stays(browser: Browser, shop: Shop) -> None:
    """Naive: the whole form is written, and brings back what stood there when it was opened."""
    order = shop.order()
    form = form_of(browser.get(f"/app/orders/{order}"), order)
    data_of(update_order(shop.ctx, UpdateOrderParams(order, shipping_address="Calle 9 # 8-7")))
    browser.post(f"/app/orders/{order}", form | {f"value-{order}": "1.000"})
    now = data_of(get_order(shop.ctx, order))
    assert (now.shipping_address, now.total_value) == ("Calle 9 # 8-7", Decimal(1000))


@pytest.mark.parametrize("whose", ["order", "contact"])
def test_an_email_that_is_taken_away_is_gone(browser: Browser, shop: Shop, whose: str) -> None:
    """Naive: the recipient's own e-mail is shown again, and goes to the carrier."""
    order = shop.order(email="ana@example.com" if whose == "order" else None)
    theirs = "ana@example.com" if whose == "contact" else None
    shop.owner.execute("UPDATE contacts SET email = %s WHERE id = %s", [theirs, contact_of(shop.ctx, order)])
    form = form_of(browser.get(f"/app/orders/{order}"), order)
    assert "Guardado" in browser.post(f"/app/orders/{order}", form | {f"email-{order}": ""}).plain
    now = data_of(get_order(shop.ctx, order))
    assert (now.email, now.contact and now.contact.email) == (None, None)


@pytest.mark.parametrize(
    ("typed", "changed"),
    [
        ({"recipient": "Ana Ruiz"}, {"name": "Ana Ruiz"}),
        ({"phone": "3109876543"}, {"phone": "3109876543"}),
        ({"phone": ""}, {"phone": None}),
        ({"address": "Calle 9"}, {}),
    ],
)
def test_of_a_recipient_only_what_is_typed_is_changed(
    browser: Browser, shop: Shop, typed: dict[str, str], changed: dict[str, str | None]
) -> None:
    """Naive: a corrected name takes the phone and the identification away, and the robot makes something up."""
    order = shop.order(email=None)
    contact = contact_of(shop.ctx, order)
    shop.owner.execute("UPDATE contacts SET email = 'luz@example.com' WHERE id = %s", [contact])
    form = form_of(browser.get(f"/app/orders/{order}"), order)
    browser.post(f"/app/orders/{order}", form | {f"{name}-{order}": text for name, text in typed.items()})
    now = data_of(get_order(shop.ctx, order)).contact
    assert now is not None
    was = {
        "id": contact,
        "name": "Luz Marina Ospina",
        "phone": "3004567890",
        "identification": "43567890",
        "email": "luz@example.com",
    }
    assert {name: getattr(now, name) for name in was} == was | changed


@pytest.mark.parametrize(
    ("name", "why"), [("value", "El pedido necesita un valor"), ("recipient", "El destinatario no tiene nombre")]
)
def test_what_an_order_can_not_be_without_is_not_passed_over(browser: Browser, shop: Shop, name: str, why: str) -> None:
    """Naive: an emptied field is no change, and the page says that it was saved."""
    order = shop.order()
    form = form_of(browser.get(f"/app/orders/{order}"), order) | {f"phone-{order}": ""}
    refused = browser.post(f"/app/orders/{order}", form | {f"{name}-{order}": ""})
    assert (refused.status, why in refused.plain) == (422, True)


def test_what_was_sent_is_told_in_words(browser: Browser, shop: Shop) -> None:
    """Naive: the robot's own keys, `True`, and pesos without a point."""
    order = shop.order(name="A-1", total_value=Decimal(89_900), prepaid=False)
    shop.at_robot(order)
    page = browser.get(f"/app/orders/{order}")
    sent = page.text.partition("Datos que se enviaron")[2].partition("</dl>")[0]
    for pair in ("<dt>Pago contra entrega</dt><dd><bdi>sí</bdi>", "<dt>Total con IVA</dt><dd><bdi>$\xa089.900</bdi>"):
        assert pair in sent
    assert re.findall(r"<dt>(.*?)</dt>", sent)[:4] == ["Referencia", "Nombres", "Apellidos", "Identificación"]
    assert "esRecaudo" not in sent
    assert "True" not in sent


def test_the_log_names_orders_and_jobs_and_what_changed(browser: Browser, shop: Shop) -> None:
    """Naive: “Job”, “Order”; or the names of each line asked for one by one."""
    order = shop.order(name="Caja azul")
    data_of(update_order(shop.ctx, UpdateOrderParams(order, shipping_city="Cali", email="x@example.com")))
    shop.job(order)
    with counted() as traffic:
        page = browser.get("/app/activity")
    # The list, and the end of its transaction.
    assert traffic.round_trips == 2
    assert "Cambió un pedido: la ciudad, el correo" in page.plain
    assert "Pedido Caja azul" in page.plain
    assert "Envió un lote: pedidos: 1" in page.plain
    assert "Lote del " in page.plain
    assert "Lote del " in browser.get(f"/app/orders/{order}").plain


def test_the_log_tells_how_many_and_of_what_there_was_none_it_tells_nothing(browser: Browser, shop: Shop) -> None:
    """Naive: “new ones: 2, changed ones: 0”."""
    orders = [ImportOrder(uuid7(), name=name) for name in ("A-1", "A-2")]
    data_of(import_orders(shop.ctx, ImportOrdersParams(orders)))
    data_of(import_orders(shop.ctx, ImportOrdersParams([replace(each, shipping_city="Cali") for each in orders])))
    imported = [each for each in log_of(browser) if "Importó" in each]
    assert imported == ["Importó pedidos: cambiados: 2", "Importó pedidos: nuevos: 2"]
    older = shop.unsettled()
    data_of(shop.settle(older, shipped=False))
    made = shop.made("T-1", order_of(older))
    shop.success(older, "T-2")
    data_of(shop.settle(made, voided=True))
    data_of(shop.settle(shop.unsettled(), shipped=True, tracking_number="T-3"))
    settled = [each.partition(": ")[2] for each in log_of(browser) if "Aclaró" in each]
    assert settled == ["sí están en el portal: 1", "anulados en la transportadora: 1", "no están: 1"]
    job = make_job(shop.owner, shop.ctx, 6)
    for item in job.items[:5]:
        report_error(shop.ctx, item.item_id)
    shop.job(job.items[0].order_id)
    data_of(retry_failed_items(shop.ctx, RetryFailedItemsParams(job.job_id)))
    again, _, paused, *_ = log_of(browser)
    assert "pedidos: 4, se dejaron por fuera: 1" in again
    assert "errores iguales seguidos: 5" in paused


def log_of(browser: Browser) -> list[str]:
    """Return what was done, the newest first."""
    page = browser.get("/app/activity").text.partition("<tbody>")[2]
    return re.findall(r"<td>(.*?)</td>\n<td>", page)


def test_the_log_goes_on_with_what_is_older(browser: Browser, shop: Shop) -> None:
    """Naive: the way on leads to the first page again."""
    order = shop.order()
    for number in range(52):
        data_of(update_order(shop.ctx, UpdateOrderParams(order, shipping_address=f"Calle {number}")))
    newest = browser.get("/app/activity")
    [way] = re.findall(r'href="(/app/activity\?cursor=[^"]+)">Más antiguos', newest.text)
    older = browser.get(html.unescape(way))
    assert (newest.text.count("<time "), older.text.count("<time ")) == (50, 2)
    assert "Más antiguos" not in older.plain


def test_of_an_order_that_is_in_many_jobs_the_last_ten_are_told(browser: Browser, shop: Shop) -> None:
    order = shop.order()
    for number in range(11):
        job = shop.at_robot(order)
        assert shop.error(job, words=f"Motivo {number:02}") == "recorded"
    story = browser.get(f"/app/orders/{order}").plain
    assert re.findall(r"Motivo (\d\d)", story) == [f"{number:02}" for number in range(1, 11)]


def test_a_number_that_the_robot_gave_wrongly_can_be_corrected(browser: Browser, shop: Shop) -> None:
    """The number that another order should have is given free only here."""
    order = order_of(shop.made("T-1"))
    field = f"number-{order}"
    browser.post(f"/app/orders/{order}", {field: "T-2", f"was-{field}": "T-1"})
    assert data_of(get_order(shop.ctx, order)).tracking_number == "T-2"
    emptied = browser.post(f"/app/orders/{order}", {field: "", f"was-{field}": "T-2"})
    assert (emptied.status, data_of(get_order(shop.ctx, order)).tracking_number) == (422, "T-2")
    # What was not shipped has no such field: a number written there would keep it from being shipped.
    assert 'name="number-' not in browser.get(f"/app/orders/{shop.order()}").text


def test_a_search_for_the_guide_does_not_read_like_a_shipment(browser: Browser, shop: Shop) -> None:
    """Naive: `Robot: Enviado` three times, and a person fears that three parcels are on their way."""
    order = order_of(shop.made("T-1"))
    shop.guide_found(order, "G-1")
    story = browser.get(f"/app/orders/{order}").plain.partition("Qué pasó")[2]
    assert "El robot encontró la guía G-1." in story
    assert story.count("Enviado") == 1


@pytest.mark.parametrize(
    ("typed", "status", "units"), [("3", 200, 3), ("", 200, None), ("1,5", 422, 2), ("1000", 422, 2)]
)
def test_the_pieces_of_an_order_are_corrected_on_its_page(
    browser: Browser, shop: Shop, typed: str, status: int, units: int | None
) -> None:
    order = shop.order(units=2)
    form = form_of(browser.get(f"/app/orders/{order}"), order)
    assert form[f"units-{order}"] == "2"
    page = browser.post(f"/app/orders/{order}", form | {f"units-{order}": typed})
    assert (page.status, data_of(get_order(shop.ctx, order)).units) == (status, units)
    assert ("Esto no es un número de unidades" in page.plain) == (status == 422)
    browser.cookies["robot_jobs_language"] = "en"
    if status == 422:
        why = f'Pieces is "{typed}", no number of pieces; write 1 to 999'
        assert why in browser.post(f"/app/orders/{order}", {f"units-{order}": typed}).plain


def test_a_number_of_another_order_is_told_by_its_name_and_may_be_allowed(browser: Browser, shop: Shop) -> None:
    """Naive: the other order by its id, and a box to tick that this page does not have."""
    shop.made("T-1", shop.order(name="Caja azul"))
    order = order_of(shop.made("T-2"))
    form = {f"number-{order}": "T-1", f"was-number-{order}": "T-2"}
    refused = browser.post(f"/app/orders/{order}", form)
    assert (refused.status, "Caja azul" in refused.plain) == (422, True)
    assert 'name="shared"' in refused.text
    browser.post(f"/app/orders/{order}", {**form, "shared": "yes"})
    assert data_of(get_order(shop.ctx, order)).tracking_number == "T-1"


def test_an_order_s_story_is_told_from_its_beginning_on(browser: Browser, shop: Shop) -> None:
    """Naive: what people did stands behind all that the robot said."""
    job = shop.failed(shop.order(name="Caja azul"))
    data_of(update_order(shop.ctx, UpdateOrderParams(order_of(job), shipping_address="Calle 9")))
    shop.retry(job)
    shop.claim(job, 2)
    shop.accept(job, 2)
    shop.success(job, "T-1")
    shop.success(job, "T-1")
    page = browser.get(f"/app/orders/{order_of(job)}")
    story = page.text.partition('<ol class="timeline">')[2]
    assert story.count("(Ya se sabía)") == 1
    # What a command on a whole job counted is not this order's.
    assert "pedidos: 1" not in page.plain
    shipments = page.plain.partition(" Envíos ")[2].partition("Qué pasó")[0]
    assert shipments.strip().startswith("Enviado T-1, ")
    warning = "lo que se corrija aquí no cambia el paquete"
    assert (warning in page.plain, warning in browser.get(f"/app/orders/{shop.order()}").plain) == (True, False)
    times = re.findall(r'<time class="soft" datetime="([^"]+)"', story)
    assert times == sorted(times)
    told = ["Envió un lote", "Fallido", "Cambió un pedido", "Reintentó", "Enviado"]
    assert sorted(told, key=story.index) == told


def test_of_an_order_with_a_long_story_the_newest_hundred_commands_are_told(browser: Browser, shop: Shop) -> None:
    order = shop.order()
    insert = "INSERT INTO activity (id, workspace_id, actor, source, action, order_id) VALUES (%s, %s, %s, 'x', %s, %s)"
    with shop.owner.cursor() as cursor:
        cursor.executemany(
            insert,
            [
                (id_, shop.ctx.workspace_id, f"persona {place}", "order_changed", order)
                for place, id_ in enumerate(uuid7s(101))
            ],
        )
    told = re.findall(r"persona (\d+)", browser.get(f"/app/orders/{order}").plain)
    assert sorted(map(int, told)) == list(range(1, 101))


@pytest.mark.parametrize(("language", "said"), [("es", "27 nov 2026, 14:05"), ("en", "27 Nov 2026, 14:05")])
def test_a_day_and_time_are_those_of_bogota_in_either_language(
    browser: Browser, shop: Shop, language: str, said: str
) -> None:
    order = shop.order()
    shop.owner.execute("UPDATE orders SET created_at = '2026-11-27T19:05:00Z' WHERE id = %s", [order])
    browser.cookies["robot_jobs_language"] = language
    assert (
        f'<time class="soft" datetime="2026-11-27T19:05:00+00:00">{said}</time>'
        in browser.get(f"/app/orders/{order}").text
    )
