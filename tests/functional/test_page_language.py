"""The operator's page: the other language, wherever one is; and where one is, in the menu."""

import re

import pytest
from psycopg import Connection

from shared.domain import DomainContext, GetJobPageParams, get_carrier_config, get_job_page, get_order
from tests.factories import data_of, make_carrier_config, make_orders
from tests.functional.page_browser import Browser, Page
from tests.functional.shop import Shop, order_of


def switch(browser: Browser, page: Page) -> Page:
    """Press the language's button, with all that its form has."""
    [form] = [each for each in re.findall(r"<form.*?</form>", page.text, re.DOTALL) if ">English<" in each]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    [button] = re.findall(r'<button[^>]* name="(\w+)" value="en"', form)
    action = form.partition('action="')[2].partition('"')[0]
    return browser.post(action, {**fields, button: "en"}, ticket=fields.get("_ticket", [""])[0])


def main_of(page: Page) -> str:
    """Return the page without its header, whose switch holds the fields of the form that the page answers."""
    return page.text.partition("<main")[2]


def test_a_preview_stays_on_the_screen(browser: Browser, ctx: DomainContext, owner: Connection) -> None:
    """Naive: the first page, and the choice of a hundred orders is gone."""
    make_carrier_config(owner, ctx.workspace_id)
    good = make_orders(owner, ctx.workspace_id, 2)
    shown = switch(browser, browser.post("/app/ship/preview", {"order": list(map(str, good))}))
    assert "Ship 2 orders now" in shown.plain
    assert 'lang="en"' in shown.text
    assert browser.get("/app/orders").plain.count("Show") > 0, "it is kept"


@pytest.mark.parametrize("button", ["correct", "place", "check"])
def test_what_a_preview_s_button_changed_is_not_changed_again(
    browser: Browser, ctx: DomainContext, owner: Connection, button: str
) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    [bad] = make_orders(owner, ctx.workspace_id, 1, shipping_city="Puerto Quimera")
    pressed = {"correct": str(bad), "place": f"{bad}|Mitú|Nariño", "check": "all"}[button]
    fields = {"order": str(bad), button: pressed, f"city-{bad}": "Mitú", f"department-{bad}": "Nariño"}
    page = browser.post("/app/ship/preview", fields)
    owner.execute("UPDATE orders SET shipping_city = 'Cali', shipping_department = 'Valle' WHERE id = %s", [bad])
    switch(browser, page)
    assert data_of(get_order(ctx, bad)).shipping_city == "Cali"


def test_a_form_that_was_refused_is_shown_again_with_what_was_typed_and_nothing_is_done(
    browser: Browser, shop: Shop
) -> None:
    """Naive: the form is sent again, and what was refused a minute ago is recorded by a switch of language."""
    job = shop.unsettled()
    item = job.items[0].item_id
    refused = browser.post(f"/app/jobs/{job.job_id}/settle", {f"number-{item}": "T-9", "note": "llamé"})
    assert refused.status == 422
    shown = switch(browser, refused)
    assert shown.status == 200
    assert 'value="T-9"' in main_of(shown)
    assert 'value="llamé"' in main_of(shown)
    assert "Record what I found" in shown.plain
    whole = {f"said-{item}": "shipped", f"number-{item}": "T-9"}
    browser.post(f"/app/jobs/{job.job_id}/settle", {**whole, "_language": "es"})
    assert data_of(get_job_page(shop.ctx, GetJobPageParams(job.job_id))).items[0].status == "error"


def test_what_was_typed_into_an_order_and_into_the_settings_stays(browser: Browser, shop: Shop) -> None:
    order = shop.order()
    shown = switch(browser, browser.post(f"/app/orders/{order}", {f"value-{order}": "12.34.5"}))
    assert 'value="12.34.5"' in main_of(shown)
    browser.cookies.pop("robot_jobs_language")
    shown = switch(browser, browser.post("/app/settings", {"wave_size": "muchos", "password": "clave-secreta"}))
    assert 'value="muchos"' in main_of(shown)
    assert "clave-secreta" not in shown.text
    assert data_of(get_carrier_config(shop.ctx, "coordinadora")).wave_size == 25


def test_an_address_that_only_takes_forms_is_shown_as_the_one_above_it(browser: Browser, shop: Shop) -> None:
    job = shop.made()
    refused = browser.post(f"/app/jobs/{job.job_id}/pause")
    assert refused.status == 409
    shown = switch(browser, refused)
    assert (shown.status, str(job.job_id) in shown.text, "Orders of the job" in shown.plain) == (200, True, True)


def test_a_switch_needs_the_page_s_ticket(browser: Browser, shop: Shop) -> None:
    job = shop.unsettled()
    assert browser.post(f"/app/jobs/{job.job_id}/settle", {"_language": "en"}, ticket="").status == 403


def test_what_is_sent_again_after_signing_in_is_the_form_and_not_the_switch(browser: Browser, shop: Shop) -> None:
    """Naive: the switch is kept among the fields, and “send it again” only shows the form."""
    order = shop.order()
    signed_out = Browser()
    page = signed_out.post(f"/app/orders/{order}", {f"name-{order}": "Otro"}, ticket="t")
    shown = switch(signed_out, page)
    assert "Sign in again" in shown.plain
    again = main_of(shown)
    assert f'name="name-{order}" value="Otro"' in again
    assert "_language" not in again
    assert browser


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/app", "/app"),
        ("/app/jobs", "/app/jobs"),
        ("/app/jobs/{job}", "/app/jobs"),
        ("/app/jobs/{job}/settle", "/app/jobs"),
        ("/app/orders/{order}", "/app/orders"),
        ("/app/orders?show=shipped", "/app/orders"),
        ("/app/settings/stop", "/app/settings"),
        ("/app/upload", "/app/upload"),
    ],
)
def test_the_menu_marks_where_one_is(browser: Browser, shop: Shop, path: str, section: str) -> None:
    """Naive: only pages that the menu itself leads to."""
    job = shop.unsettled()
    page = browser.get(path.format(job=job.job_id, order=order_of(job)))
    marked = re.findall(r'<li><a href="([^"]*)" aria-current', page.text)
    assert marked == [section]


def test_previews_belong_to_their_part_of_the_menu(browser: Browser, shop: Shop) -> None:
    order = shop.order()
    preview = browser.post("/app/ship/preview", {"order": str(order)})
    assert '<li><a href="/app/orders" aria-current="true">' in preview.text
    uploaded = browser.upload("/app/upload", "a.csv", b"a,b\n1,2\n")
    assert '<li><a href="/app/upload" aria-current="true">' in uploaded.text


def test_what_was_typed_into_a_preview_stays(browser: Browser, ctx: DomainContext, owner: Connection) -> None:
    """Naive: the corrections of a hundred orders are gone, with a click on “English”."""
    make_carrier_config(owner, ctx.workspace_id)
    [bad] = make_orders(owner, ctx.workspace_id, 1, shipping_city="Puerto Quimera")
    page = browser.post("/app/ship/preview", {"order": str(bad)})
    fields = {"order": str(bad), f"address-{bad}": "Calle 1 # 2-3", "_language": "en"}
    assert 'value="Calle 1 # 2-3"' in browser.post(page.path, fields).text
    assert data_of(get_order(ctx, bad)).shipping_address != "Calle 1 # 2-3"
