"""The operator's page: a job, its file, its brakes, retry, settling."""

import csv
import html
import io
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from shared.domain import (
    GetJobPageParams,
    JobItemsParams,
    ListJobsParams,
    RetryFailedItemsParams,
    SettleItemsParams,
    Settlement,
    UpdateJobItemResultParams,
    UpdateOrderParams,
    get_hand_over_ends,
    get_job_page,
    list_jobs,
    pause_job,
    retry_failed_items,
    settle_items,
    update_job_item_result,
    update_order,
)
from shared.domain.jobs import attention
from tests.factories import (
    data_of,
    events_of,
    hand_over,
    look_up,
    make_job_of,
    make_orders,
    report_error,
    report_success,
)
from tests.functional.page_browser import Browser
from tests.functional.shop import Shop, order_of

SCRIPT = "<script>alert(1)</script>"


def test_a_poll_that_finds_nothing_new_is_304_and_small(browser: Browser, shop: Shop) -> None:
    job = shop.at_robot()
    path = f"/app/jobs/{job.job_id}/live?status=&cursor="
    first = browser.get(path)
    assert first.status == 200
    # What stands between may weaken it.
    weak = browser.ask("GET", path, headers={"if-none-match": f"W/{first.headers['etag']}"})
    again = browser.ask("GET", path, headers={"if-none-match": first.headers["etag"]})
    assert (weak.status, again.status, again.text) == (304, 304, "")
    assert sum(len(name) + len(value) + 4 for name, value in again.headers.items()) < 200
    # A browser keeps it, and asks before it shows it again.
    assert first.headers["cache-control"] == again.headers["cache-control"] == "private, no-cache"
    shop.success(job)
    moved = browser.ask("GET", path, headers={"if-none-match": first.headers["etag"]})
    assert moved.status == 200
    assert "T-1" in moved.text


def test_names_are_text_whatever_they_hold(browser: Browser, shop: Shop) -> None:
    """H51: a script in an order's name."""
    order = shop.order(name=SCRIPT)
    job = shop.failed(order)
    for path in (f"/app/jobs/{job.job_id}", f"/app/jobs/{job.job_id}/retry", f"/app/orders/{order}", "/app/orders"):
        page = browser.get(path)
        assert page.status == 200, path
        assert SCRIPT not in page.text
        assert "&lt;script&gt;" in page.text


def test_the_file_holds_no_formula(browser: Browser, shop: Shop) -> None:
    """H51: naive: a table tool carries out what an order's name says."""
    job = shop.failed(shop.order(name="=HYPERLINK(1)"))
    page = browser.get(f"/app/jobs/{job.job_id}/file")
    assert page.headers["content-type"].startswith("text/csv")
    assert "'=HYPERLINK(1)" in page.text
    assert "\n=HYPERLINK" not in page.text


def test_the_file_has_every_number_that_an_order_has(browser: Browser, shop: Shop) -> None:
    """Naive: of an order with two shipments the file names one, and the other is never voided."""
    job = shop.made("T-1")
    shop.success(job, "T-2")
    shop.owner.execute("UPDATE orders SET carrier_guide_number = 'G-1' WHERE id = %s", [order_of(job)])
    file = browser.get(f"/app/jobs/{job.job_id}/file").text
    assert "Luz Marina Ospina,MEDELLIN (ANT),Enviado,T-1,G-1,T-2," in file


def test_the_file_tells_of_each_order_what_became_of_it(browser: Browser, shop: Shop) -> None:
    job = make_job_of(shop.ctx, [shop.order(name=name) for name in ("Uno", "Dos", "Tres", "Cuatro")])
    hand_over(shop.ctx, job)
    one, two, three, four = job.items
    report_success(shop.ctx, one.item_id, "T-1")
    shop.owner.execute("UPDATE orders SET carrier_guide_number = 'G-1' WHERE id = %s", [one.order_id])
    report_error(shop.ctx, two.item_id, "La dirección no es válida")
    report_error(shop.ctx, three.item_id, "Timeout esperando respuesta del portal" + "." * 200)
    to = ["Luz Marina Ospina", "MEDELLIN (ANT)"]
    lost = "Timeout esperando respuesta del portal".ljust(200, ".")
    rows = [
        ["Uno", *to, "Enviado", "T-1", "G-1", "", "", "", str(one.item_id)],
        [
            "Dos",
            *to,
            "Fallido",
            "",
            "",
            "",
            "Portal de la transportadora",
            "La dirección no es válida",
            str(two.item_id),
        ],
        ["Tres", *to, "Quizá enviado", "", "", "", "Portal de la transportadora", lost, str(three.item_id)],
        ["Cuatro", *to, "Con el robot", "", "", "", "", "", str(four.item_id)],
    ]
    for status, listed in (("", rows), ("failed", [rows[1]]), ("unsettled", [rows[2]]), ("nothing", rows)):
        file = browser.get(f"/app/jobs/{job.job_id}/file?status={status}")
        assert file.text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
        header, *told = csv.reader(io.StringIO(file.text[1:], newline=""))
        assert told == listed
    assert header == [
        *("Pedido", "Destinatario", "Ciudad", "Estado", "Número en el portal", "Guía", "Otros números", "Qué pasó"),
        *("Mensaje", "Ítem"),
    ]


def test_a_job_is_held_and_let_go(browser: Browser, shop: Shop) -> None:
    job = shop.job()
    assert "Reanudar" in browser.post(f"/app/jobs/{job.job_id}/pause").plain
    assert "Pausar" in browser.post(f"/app/jobs/{job.job_id}/resume").plain
    assert "Urgente" in browser.post(f"/app/jobs/{job.job_id}/priority", {"priority": "urgent"}).plain
    assert "El robot termina lo que ya tiene" in browser.get(f"/app/jobs/{job.job_id}/cancel").plain
    browser.post(f"/app/jobs/{job.job_id}/cancel")
    assert data_of(get_job_page(shop.ctx, GetJobPageParams(job.job_id))).job.status == "failed"


def test_what_a_job_does_not_take_any_more_leads_back_to_it(browser: Browser, shop: Shop) -> None:
    """Naive: “see the job's page”, and the way leads to the first one."""
    job = shop.made()
    refused = browser.post(f"/app/jobs/{job.job_id}/pause")
    assert refused.status == 409
    assert f'href="/app/jobs/{job.job_id}">Volver al lote</a>' in refused.text
    assert "<h1>No se cambió nada</h1>" in refused.text


def test_a_retry_says_what_it_skips_before_and_does_the_rest(browser: Browser, shop: Shop) -> None:
    owner, ctx = shop.owner, shop.ctx
    orders = make_orders(owner, ctx.workspace_id, 2)
    job = make_job_of(ctx, orders)
    hand_over(ctx, job)
    for item in job.items:
        data_of(update_job_item_result(ctx, UpdateJobItemResultParams(item.item_id, "error", error_type="portal")))
    data_of(update_order(ctx, UpdateOrderParams(orders[0], tracking_number="T-9")))
    page = browser.get(f"/app/jobs/{job.job_id}/retry")
    assert "1 pedido puede ir otra vez al robot" in page.plain
    assert "T-9" in page.plain
    browser.post(f"/app/jobs/{job.job_id}/retry", {"which": "all"})
    counts = data_of(get_job_page(ctx, GetJobPageParams(job.job_id))).job.counts
    assert (counts.pending, counts.error) == (1, 1)


def test_what_nobody_knows_is_settled_one_by_one(browser: Browser, shop: Shop) -> None:
    job = shop.unsettled()
    path = f"/app/jobs/{job.job_id}/settle"
    item = job.items[0].item_id
    assert "El robot perdió de vista" in browser.get(path).plain
    assert browser.post(path).status == 422
    page = browser.post(path, {f"said-{item}": "shipped", f"number-{item}": "T-77"})
    assert page.status == 200
    assert "T-77" in page.text
    assert shop.item(job).is_known_as == ("success", "made")


def test_what_nobody_knows_is_settled_from_a_pasted_list(browser: Browser, shop: Shop) -> None:
    job = shop.unsettled(shop.order(name="A-7"))
    path = f"/app/jobs/{job.job_id}/settle"
    refused = browser.post(path, {"pasted": "A-8\t700"})
    assert refused.status == 422
    assert "A-8" in refused.text
    browser.post(path, {"pasted": "A-7\tno"})
    assert shop.item(job).is_known_as == ("error", "none")


def test_too_early_to_say_that_it_is_not_there(browser: Browser, shop: Shop) -> None:
    """The robot may come to the order still; the page says until when, in the operator's time."""
    orders = make_orders(shop.owner, shop.ctx.workspace_id, 2)
    job = make_job_of(shop.ctx, orders)
    hand_over(shop.ctx, job)
    item = job.items[0].item_id
    data_of(update_job_item_result(shop.ctx, UpdateJobItemResultParams(item, "error", error_type="timeout")))
    # It is said before anybody looks, and again to who says it all the same, by the order's name.
    before = browser.get(f"/app/jobs/{job.job_id}/settle")
    assert f'name="said-{item}" value="not" disabled' in before.text
    assert "No está: se puede decir desde el" in before.plain
    over_at = data_of(get_hand_over_ends(shop.ctx, JobItemsParams(job.job_id, [item]))).of[item]
    page = browser.post(f"/app/jobs/{job.job_id}/settle", {f"said-{item}": "not"})
    assert page.status == 422
    until = f"{over_at.astimezone(ZoneInfo('America/Bogota')):%Y, %H:%M}"
    why = r"No se guardó nada: El robot todavía puede hacer el envío hasta \d+ \w+\.? " + until
    assert re.search(why, page.plain)
    assert "Es por: Pedido." in page.plain
    assert "UTC" not in page.plain


def asked_to_pause(shop: Shop) -> tuple[str, dict[str, str], str]:
    return f"/app/jobs/{shop.job().job_id}/pause", {}, "robot/job.paused"


def asked_to_resume(shop: Shop) -> tuple[str, dict[str, str], str]:
    first, job = shop.job(), shop.job()
    data_of(pause_job(shop.ctx, job.job_id))
    shop.cancel(first)
    return f"/app/jobs/{job.job_id}/resume", {}, "robot/job.submitted"


def asked_to_cancel(shop: Shop) -> tuple[str, dict[str, str], str]:
    return f"/app/jobs/{shop.job().job_id}/cancel", {}, "robot/job.completed"


def asked_to_retry(shop: Shop) -> tuple[str, dict[str, str], str]:
    return f"/app/jobs/{shop.failed().job_id}/retry", {"which": "all"}, "robot/job.submitted"


def asked_to_settle(shop: Shop) -> tuple[str, dict[str, str], str]:
    job = shop.unsettled()
    item = job.items[0].item_id
    fields = {f"said-{item}": "shipped", f"number-{item}": "T-1"}
    return f"/app/jobs/{job.job_id}/settle", fields, "automation/field.changed"


def asked_to_correct(shop: Shop) -> tuple[str, dict[str, str], str]:
    order = shop.order()
    return f"/app/orders/{order}", {f"city-{order}": "Cali"}, "automation/field.changed"


def asked_for_guides(shop: Shop) -> tuple[str, dict[str, str], str]:
    shop.made("T-1")
    return "/app/guides", {}, "robot/job.submitted"


def asked_to_release_the_stop(shop: Shop) -> tuple[str, dict[str, str], str]:
    first = shop.job()
    shop.job()
    shop.owner.execute("UPDATE carrier_configs SET is_enabled = false WHERE workspace_id = %s", [shop.ctx.workspace_id])
    shop.cancel(first)
    return "/app/settings/stop", {"enabled": "yes"}, "robot/job.submitted"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (asked_to_pause, "El lote está en pausa"),
        (asked_to_resume, "El lote continúa en su turno"),
        (asked_to_cancel, "Cancelado"),
        (asked_to_retry, "Reintento hecho"),
        (asked_to_settle, "Guardado. Lo que marcaste como que no está"),
        (asked_to_correct, "Guardado"),
        (asked_for_guides, "Se le pidieron al robot las guías que faltan"),
        (asked_to_release_the_stop, "Los pedidos vuelven a enviarse al robot"),
    ],
)
def test_what_a_person_does_is_told_at_once(
    browser: Browser, shop: Shop, asked: Callable[[Shop], tuple[str, dict[str, str], str]], said: str
) -> None:
    """Naive: the robot, the automations and the e-mail of a job's end wait for the relay."""
    path, fields, told = asked(shop)
    before = len(events_of(shop.owner, shop.ctx.workspace_id, told))
    page = browser.post(path, fields)
    assert (page.status, f'<p class="note good" role="status">{said}' in page.text) == (200, True)
    assert len(events_of(shop.owner, shop.ctx.workspace_id, told)) > before
    waiting = "SELECT detail_type FROM outbox WHERE workspace_id = %s AND published_at IS NULL"
    assert shop.owner.execute(waiting, [shop.ctx.workspace_id]).fetchall() == []


def test_a_job_is_urgent_no_more_when_that_is_pressed(browser: Browser, shop: Shop) -> None:
    job = shop.job(priority="urgent")
    assert "Se cambió la prioridad" in browser.post(f"/app/jobs/{job.job_id}/priority", {"priority": "normal"}).plain
    assert data_of(get_job_page(shop.ctx, GetJobPageParams(job.job_id))).job.priority == "normal"


def test_a_retry_of_what_is_ticked_leaves_the_others(browser: Browser, shop: Shop) -> None:
    job = make_job_of(shop.ctx, [shop.order() for _ in range(3)])
    hand_over(shop.ctx, job)
    for item in job.items:
        report_error(shop.ctx, item.item_id, "La dirección no es válida")
    ticked = [str(job.items[place].item_id) for place in (0, 2)]
    browser.post(f"/app/jobs/{job.job_id}/retry", {"which": "some", "item": ticked})
    items = data_of(get_job_page(shop.ctx, GetJobPageParams(job.job_id))).items
    assert [item.status for item in items] == ["pending", "error", "pending"]


def test_what_failed_and_was_left_so_is_shown_for_two_weeks(
    browser: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: an order that was given up stands there for ever."""
    shop.failed()
    assert "1 pedido falló" in browser.get("/app").plain
    monkeypatch.setattr(attention, "FAILED_DAYS", 0)
    assert "falló" not in browser.get("/app").plain


def test_of_a_job_with_more_than_a_page_of_items_the_file_has_all_and_the_retry_says_that_it_has_not(
    browser: Browser, shop: Shop
) -> None:
    """Naive: the first 500, as if they were all."""
    job = make_job_of(shop.ctx, make_orders(shop.owner, shop.ctx.workspace_id, 501))
    shop.cancel(job)
    file = browser.get(f"/app/jobs/{job.job_id}/file").text
    assert [row["Ítem"] for row in csv.DictReader(io.StringIO(file[1:], newline=""))] == [
        str(item.item_id) for item in job.items
    ]
    page = browser.get(f"/app/jobs/{job.job_id}/retry")
    assert "501 pedidos pueden ir otra vez al robot" in page.plain
    assert re.findall(r'name="item" value="([^"]+)"', page.text) == [str(item.item_id) for item in job.items[:500]]
    assert "Se muestran los primeros 500." in page.plain


@pytest.mark.parametrize("status", ["", "?status=pending"])
def test_the_orders_of_a_job_go_on_where_a_page_of_them_ends(browser: Browser, shop: Shop, status: str) -> None:
    """Naive: the way on forgets which orders were asked for, or shows the first ones again."""
    job = make_job_of(shop.ctx, make_orders(shop.owner, shop.ctx.workspace_id, 52))
    first = browser.get(f"/app/jobs/{job.job_id}{status}")
    [way] = re.findall(r'<a id="next" href="([^"]+)"', first.text)
    rest = browser.get(html.unescape(way))
    listed = [re.findall(r'<a id="o-([^"]+)"', page.text) for page in (first, rest)]
    assert [len(each) for each in listed] == [50, 2]
    assert [*listed[0], *listed[1]] == [str(item.item_id) for item in job.items]
    [shown] = re.findall(r'<a id="filter-(\w+)" [^>]*aria-current="true"', rest.text)
    assert (shown, 'id="next"' in rest.text) == ("pending" if status else "all", False)


def test_a_retry_that_lists_all_does_not_say_that_there_are_more(browser: Browser, shop: Shop) -> None:
    assert "Se muestran" not in browser.get(f"/app/jobs/{shop.failed().job_id}/retry").plain


def test_enter_retries_what_is_ticked(browser: Browser, shop: Shop) -> None:
    """Naive: the first button of a form is pressed by Enter in any of its boxes, and that one retries all."""
    page = browser.get(f"/app/jobs/{shop.failed().job_id}/retry")
    [form] = [form for form in re.findall(r"<form.*?</form>", page.text, re.DOTALL) if 'type="checkbox"' in form]
    assert re.findall(r'<button[^>]* value="(\w+)"', form) == ["some"]


@pytest.mark.parametrize("path", ["/app/jobs/{}", "/app/orders/{}", "/app/uploads/{}"])
@pytest.mark.parametrize("text", ["no-id", "z" * 32, "0" * 31])
@pytest.mark.usefixtures("database")
def test_what_is_no_id_is_not_found(browser: Browser, path: str, text: str) -> None:
    assert browser.get(path.format(text)).status == 404


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_is_there_in_both_languages(browser: Browser, shop: Shop, language: str) -> None:
    job, order = shop.made(), shop.order()
    browser.cookies["robot_jobs_language"] = language
    pages = ("", "/jobs", "/orders", "/activity", "/settings?city=bog", f"/jobs/{job.job_id}", f"/orders/{order}")
    for path in (*pages, f"/jobs/{job.job_id}/settle", f"/jobs/{job.job_id}/retry", f"/jobs/{job.job_id}/cancel"):
        page = browser.get(f"/app{path}")
        assert page.status == 200, path
        assert f'<html lang="{language}">' in page.text


def test_who_ticks_nothing_is_told_so_where_they_are(browser: Browser, shop: Shop) -> None:
    """Naive: another page with a refusal, and the way back is lost."""
    job = shop.failed()
    page = browser.post(f"/app/jobs/{job.job_id}/retry", {"which": "some"})
    assert page.status == 422
    assert "Marca al menos un pedido." in page.plain
    assert str(job.items[0].item_id) in page.text
    assert shop.item(job).status == "error"


def test_an_order_s_story_has_nothing_of_what_was_done_to_others_of_its_job(browser: Browser, shop: Shop) -> None:
    """Naive: all commands on the job; an order that was shipped at once reads as if it had been retried and settled."""
    shipped, lost, refused = (shop.order(name=name) for name in ("Uno", "Dos", "Tres"))
    job = make_job_of(shop.ctx, [shipped, lost, refused])
    hand_over(shop.ctx, job)
    items = {item.order_id: item.item_id for item in job.items}
    report_success(shop.ctx, items[shipped], "T-1")
    report_error(shop.ctx, items[lost], "Timeout esperando respuesta del portal")
    report_error(shop.ctx, items[refused], "La dirección no es válida")
    found = Settlement(items[lost], shipped=True, tracking_number="T-2")
    data_of(settle_items(shop.ctx, SettleItemsParams(job.job_id, [found])))
    data_of(retry_failed_items(shop.ctx, RetryFailedItemsParams(job.job_id, [items[refused]])))
    stories = {order: browser.get(f"/app/orders/{order}").plain for order in (shipped, lost, refused)}
    assert [order for order, story in stories.items() if "Aclaró" in story] == [lost]
    assert [order for order, story in stories.items() if "Reintentó" in story] == [refused]


def test_what_a_person_found_is_told_in_words_and_an_end_by_hand_is_no_settlement(browser: Browser, shop: Shop) -> None:
    """Naive: `not shipped: …` in English; and whoever ends a job has settled what is in it."""
    lost = shop.unsettled()
    none = Settlement(lost.items[0].item_id, shipped=False)
    data_of(settle_items(shop.ctx, SettleItemsParams(lost.job_id, [none], "llamé a la bodega")))
    story = browser.get(f"/app/orders/{order_of(lost)}").plain
    assert "Una persona miró en el portal de la transportadora: no está." in story
    assert "llamé a la bodega" in story
    assert "not shipped" not in story
    assert "Aclaró" in story
    ended, other = (shop.order(name=name) for name in ("Uno", "Dos"))
    job = make_job_of(shop.ctx, [ended, other])
    hand_over(shop.ctx, job)
    shop.end(job)
    items = {item.order_id: item.item_id for item in job.items}
    found = Settlement(items[other], shipped=True, tracking_number="T-2")
    data_of(settle_items(shop.ctx, SettleItemsParams(job.job_id, [found])))
    assert "Aclaró" not in browser.get(f"/app/orders/{ended}").plain
    assert "Aclaró" in browser.get(f"/app/orders/{other}").plain


def test_a_shipment_that_was_cancelled_is_part_of_its_order_s_story(browser: Browser, shop: Shop) -> None:
    first = shop.unsettled()
    data_of(shop.settle(first, shipped=False))
    made = shop.made("700", order_of(first))
    shop.success(first, "701")
    assert "1 pedido tiene dos envíos" in browser.get("/app").plain
    before = browser.get(f"/app/orders/{order_of(first)}").plain.count("Aclaró")
    data_of(shop.settle(made, voided=True))
    assert browser.get(f"/app/orders/{order_of(first)}").plain.count("Aclaró") == before + 1
    assert "1 pedido tiene dos envíos" not in browser.get("/app").plain


def test_a_long_list_goes_on_where_its_page_ends(browser: Browser, shop: Shop) -> None:
    """Naive: the second page begins anew, or forgets which orders were asked for."""
    job = make_job_of(shop.ctx, make_orders(shop.owner, shop.ctx.workspace_id, 60))
    listed = re.compile(r'href="/app/orders/([0-9a-f-]+)"')
    for asked, most in (("", 60), ("?status=pending", 60), ("?status=failed", 0)):
        first = browser.get(f"/app/jobs/{job.job_id}{asked}").text
        found = listed.findall(first)
        if following := re.search(r'id="next" href="([^"]+)"', first):
            later = browser.get(html.unescape(following[1])).text
            assert 'id="next"' not in later
            found += listed.findall(later)
        assert len(found) == len(set(found)) == most, asked


def test_what_may_have_been_shipped_is_not_counted_as_failed_too(browser: Browser, shop: Shop) -> None:
    """Naive: “failed 2, perhaps shipped 1” of two orders; and a filter that shows both under one name."""
    job = make_job_of(shop.ctx, [shop.order(name="Perdido"), shop.order(name="Fallido"), shop.order(name="Otro")])
    hand_over(shop.ctx, job)
    lost, failed, shipped = (item.item_id for item in job.items)
    report_error(shop.ctx, lost, "Timeout esperando respuesta del portal")
    report_error(shop.ctx, failed, "La dirección no es válida")
    report_success(shop.ctx, shipped, "T-1")
    page = browser.get(f"/app/jobs/{job.job_id}")
    for figure in ("3 / 3 pedidos procesados", "1 pedido enviado", "1 pedido fallido", "1 pedido quizá enviado"):
        assert figure in page.plain
    filters = page.text.partition("filters")[2].partition("</nav>")[0]
    assert re.findall(r'id="filter-(\w+)"', filters) == ["all", "success", "failed", "unsettled"]
    assert re.findall(r"\((\d+)\)", filters) == ["1", "1", "1"]
    retry = browser.get(f"/app/jobs/{job.job_id}/retry").text
    assert f'<a href="/app/jobs/{job.job_id}/settle">Aclarar lo que quizá se envió</a>' in retry
    figures = re.findall(r'<td class="amount" data-label="([^"]+)">(.*?)</td>', browser.get("/app/jobs").text)
    assert figures == [("Pedidos", "3"), ("Enviado", "1"), ("Fallidos o por aclarar", "2")]
    chosen = browser.get(f"/app/jobs/{job.job_id}?status=failed")
    assert 'id="filter-failed"' in chosen.text.partition(' aria-current="true">Fallido')[0].rpartition("<a ")[2]
    listed = chosen.text.partition("<tbody>")[2]
    assert "Fallido</bdi>" in listed
    assert "Perdido" not in listed


def test_a_paused_job_has_one_badge(browser: Browser, shop: Shop) -> None:
    """Naive: “waiting” and “paused” beside each other."""
    job = shop.job()
    data_of(pause_job(shop.ctx, job.job_id))
    # The job's own badge, and that of its one order; in the list the job's alone.
    for path, badges in ((f"/app/jobs/{job.job_id}", ["tag paused", "tag pending"]), ("/app/jobs", ["tag paused"])):
        assert re.findall(r'class="(tag[^"]*)"', browser.get(path).text) == badges


def test_what_the_robot_has_is_what_the_filter_counts(browser: Browser, shop: Shop) -> None:
    """Naive: the size of the wave, which counts what was reported, too."""
    job = make_job_of(shop.ctx, [shop.order() for _ in range(3)])
    hand_over(shop.ctx, job)
    report_success(shop.ctx, job.items[0].item_id, "T-1")
    page = browser.get(f"/app/jobs/{job.job_id}").plain
    assert "El robot tiene 2 pedidos" in page
    assert "De lo último que se le entregó (3) ha reportado 1" in page
    assert "Con el robot (2)" in page


def test_until_when_the_robot_may_report_is_told_in_the_operator_s_time(browser: Browser, shop: Shop) -> None:
    job = shop.at_robot()
    due = "UPDATE robot_job_dispatches SET deadline_at = '2126-11-28T04:05:00Z' WHERE job_id = %s"
    shop.owner.execute(due, [job.job_id])
    assert "Lo que no reporte antes de las 23:05 quedará por aclarar" in browser.get(f"/app/jobs/{job.job_id}").plain


def test_guides_are_looked_up_now_and_the_page_says_when_they_come_by_themselves(browser: Browser, shop: Shop) -> None:
    job = shop.made("T-1")
    page = browser.get(f"/app/jobs/{job.job_id}")
    assert "se buscan automáticamente cada 2 horas" in page.plain
    assert 'action="/app/guides"' in page.text
    lookup = browser.post("/app/guides")
    assert "Se le pidieron al robot las guías que faltan" in lookup.plain
    assert "Pedido Estado Guía" in lookup.plain
    assert "Búsqueda de guías del" in lookup.plain
    jobs = browser.get("/app/jobs")
    assert "Búsqueda de guías del" in jobs.plain
    # What was looked up was not shipped.
    assert re.findall(r'data-label="Enviado">(.*?)<', jobs.text) == ["\N{EN DASH}", "1"]
    [found] = data_of(list_jobs(shop.ctx, ListJobsParams(kind="guide_lookup"))).jobs
    assert f"/app/jobs/{found.id}" in lookup.text
    # Pressed again, nothing is asked for twice, and it is no error of the program.
    again = browser.post("/app/guides")
    assert (again.status, "o el robot ya la está buscando" in again.plain) == (422, True)
    assert '<li><a href="/app/jobs" aria-current="true">' in again.text
    assert '<a class="button" href="/app/jobs">Lotes</a>' in again.text
    shop.owner.execute("UPDATE carrier_configs SET guide_lookup_hours = 0")
    assert "No se buscan automáticamente" in browser.get(f"/app/jobs/{job.job_id}").plain
    shop.owner.execute("DELETE FROM carrier_configs WHERE workspace_id = %s", [shop.ctx.workspace_id])
    assert "No se buscan automáticamente" in browser.get(f"/app/jobs/{job.job_id}").plain


def test_a_lookup_does_not_say_that_it_shipped(browser: Browser, shop: Shop) -> None:
    """Naive: the words of shipments; a guide that was looked up is an order that was shipped."""
    shop.made("T-1")
    browser.post("/app/guides")
    [lookup] = data_of(list_jobs(shop.ctx, ListJobsParams(kind="guide_lookup"))).jobs
    created = data_of(get_job_page(shop.ctx, GetJobPageParams(lookup.id)))
    data_of(update_job_item_result(shop.ctx, UpdateJobItemResultParams(created.items[0].id, "success")))
    page = browser.get(f"/app/jobs/{lookup.id}").plain
    assert "1 pedido consultado" in page
    assert "Enviado" not in page
    assert "Todavía sin guía (1)" in page
    assert "Consultado" in browser.get(f"/app/jobs/{lookup.id}/file").text


def test_a_stop_is_called_a_stop_and_not_an_account_that_is_not_complete(browser: Browser, shop: Shop) -> None:
    order = shop.order()
    shop.owner.execute("UPDATE carrier_configs SET is_enabled = false WHERE workspace_id = %s", [shop.ctx.workspace_id])
    page = browser.post("/app/ship/preview", {"order": str(order)})
    assert "La parada de emergencia está puesta" in page.plain


def test_a_stop_is_the_reason_of_what_it_refuses_and_of_nothing_else(browser: Browser, shop: Shop) -> None:
    """Naive: whatever is refused meanwhile, or an account that is not complete, is said to be the stop."""
    why = "La parada de emergencia está puesta: no le llega nada al robot"
    made = shop.made("T-1")
    setting = "UPDATE carrier_configs SET {} WHERE workspace_id = %s"
    shop.owner.execute(setting.format("robot_url = NULL"), [shop.ctx.workspace_id])
    incomplete = browser.post("/app/guides")
    shop.owner.execute(setting.format("is_enabled = false"), [shop.ctx.workspace_id])
    never_complete = browser.post("/app/guides")
    shop.owner.execute(setting.format("robot_url = 'https://r.example.com'"), [shop.ctx.workspace_id])
    stopped, ended = browser.post("/app/guides"), browser.post(f"/app/jobs/{made.job_id}/pause")
    assert [(page.status, why in page.plain) for page in (incomplete, never_complete, stopped, ended)] == [
        (422, False),
        (422, False),
        (422, True),
        (409, False),
    ]


def test_a_job_that_the_robot_has_whole_has_nothing_to_cancel(browser: Browser, shop: Shop) -> None:
    page = browser.get(f"/app/jobs/{shop.at_robot().job_id}/cancel")
    assert "No hay nada que cancelar" in page.plain
    assert 'class="danger"' not in page.text


def test_a_job_s_file_is_named_by_when_it_was_made(browser: Browser, shop: Shop) -> None:
    """Naive: an id, and nobody knows which batch it is of."""
    job = shop.made("T-1")
    made_at = "UPDATE robot_jobs SET created_at = '2026-11-27T19:05:00Z' WHERE id = %s"
    shop.owner.execute(made_at, [job.job_id])
    headers = browser.get(f"/app/jobs/{job.job_id}/file").headers
    assert headers["content-disposition"] == 'attachment; filename="lote-2026-11-27-1405.csv"'


def test_who_was_not_let_into_the_portal_is_led_to_the_settings(browser: Browser, shop: Shop) -> None:
    """Naive: the robot's words alone, beside each order, as if the orders were at fault."""
    hint = "Revisa el usuario y la contraseña en «Configuración»."
    refused = shop.failed()
    shut_out = shop.at_robot()
    shop.error(shut_out, words="Login fallido en el portal de Coordinadora")
    for page in ("", "/retry"):
        assert hint in browser.get(f"/app/jobs/{shut_out.job_id}{page}").plain
        assert hint not in browser.get(f"/app/jobs/{refused.job_id}{page}").plain


def test_a_pause_by_a_login_that_fails_leads_to_the_settings(browser: Browser, shop: Shop) -> None:
    shop.owner.execute("UPDATE carrier_configs SET stop_after_errors = 1, wave_size = 1")
    job = make_job_of(shop.ctx, [shop.order(), shop.order()])
    hand_over(shop.ctx, job)
    shop.error(job, words="Login fallido en el portal de Coordinadora")
    for page in ("/app", f"/app/jobs/{job.job_id}"):
        assert browser.get(page).plain.count("Revisa el usuario y la contraseña en «Configuración».") == 1
    # Nobody pressed that: the robot's reports name no one.
    shop.owner.execute("UPDATE activity SET actor = NULL WHERE action = 'job_paused' AND job_id = %s", [job.job_id])
    assert "Automático Pausó un lote" in browser.get("/app/activity").plain


def test_what_a_job_has_or_may_have_shipped_is_not_offered_to_be_shipped(browser: Browser, shop: Shop) -> None:
    """Naive: “17 orders to ship”, all of them in a job, with a button for all; who presses it fears for each."""
    perhaps, failed, waiting = shop.unsettled(), shop.failed(), shop.job()
    shop.order(name="Libre")
    assert "2 pedidos por enviar" in browser.get("/app").plain
    page = browser.get("/app/orders?show=to-ship")
    assert "2 pedidos" in page.plain
    assert "Enviar los 2 pedidos de esta lista" in page.plain
    shown = {order_of(job): str(order_of(job)) in page.text for job in (waiting, perhaps, failed)}
    assert list(shown.values()) == [False, False, True]


def test_the_page_of_an_order_that_was_perhaps_shipped_leads_to_settling_and_ships_nothing(
    browser: Browser, shop: Shop
) -> None:
    """Naive: “Ship this order …” is the only button that it has."""
    job = shop.unsettled()
    page = browser.get(f"/app/orders/{order_of(job)}")
    assert f'href="/app/jobs/{job.job_id}/settle"' in page.text
    assert "Enviar este pedido" not in page.plain
    assert "Robot: Quizá enviado" in page.plain
    assert "Enviar este pedido" in browser.get(f"/app/orders/{order_of(shop.failed())}").plain
    for other in (shop.made("T-8"), shop.job()):
        assert "Enviar este pedido" not in browser.get(f"/app/orders/{order_of(other)}").plain


def test_a_job_shows_the_number_that_its_order_has_now(browser: Browser, shop: Shop) -> None:
    """Naive: the order is corrected, and its job shows the wrong number for ever."""
    job = shop.made("5318")
    shop.write_number(order_of(job), "7000")
    assert "5318 El pedido tiene ahora 7000." in browser.get(f"/app/jobs/{job.job_id}").plain


def test_who_retries_a_lookup_is_told_in_their_language_why_an_order_is_left_out(browser: Browser, shop: Shop) -> None:
    """Naive: the domain's own English words, where the page has none for a reason."""
    order = order_of(shop.made("T-1"))
    lookup = look_up(shop.owner, shop.ctx, [order])
    hand_over(shop.ctx, lookup)
    report_error(shop.ctx, lookup.items[0].item_id)
    shop.write_number(order, None)
    page = browser.get(f"/app/jobs/{lookup.job_id}/retry").plain
    assert "No tiene número en el portal. Escribe su número o envíalo primero." in page
    assert "tracking number" not in page


def test_the_file_of_a_lookup_has_each_number_under_its_heading(browser: Browser, shop: Shop) -> None:
    """Naive: the guide under “number in the portal”, as in the file of a batch."""
    lookup = shop.guide_found(order_of(shop.made("T-1")), "G-1")
    file = browser.get(f"/app/jobs/{lookup.job_id}/file")
    assert ",T-1,G-1," in file.text
    assert 'filename="guias-' in file.headers["content-disposition"]


def test_who_retries_is_told_where_what_is_the_same_for_all_stands(browser: Browser, shop: Shop) -> None:
    """Naive: the declared value is refused, and a person corrects the value that the customer pays."""
    page = browser.get(f"/app/jobs/{shop.failed().job_id}/retry")
    assert "el valor declarado son iguales para todos" in page.plain
    assert 'href="/app/settings"' in page.text.partition("<main")[2]


def test_the_list_of_jobs_goes_on_with_those_that_are_older(browser: Browser, shop: Shop) -> None:
    """Naive: the way on leads to the first page again."""
    jobs = [shop.job() for _ in range(51)]
    newest = browser.get("/app/jobs")
    [way] = re.findall(r'href="(/app/jobs\?cursor=[^"]+)"', newest.text)
    older = browser.get(html.unescape(way))
    listed = re.compile(r'<tr><td><a href="/app/jobs/([^"]+)"')
    assert [*listed.findall(newest.text), *listed.findall(older.text)] == [str(job.job_id) for job in reversed(jobs)]
    assert "cursor=" not in older.text.partition("<main")[2]


def test_the_city_that_the_portal_took_is_shown_where_it_is_known(browser: Browser, shop: Shop) -> None:
    """Naive: the city that was sent, though the robot found another one of that name."""
    job = shop.at_robot()
    params = UpdateJobItemResultParams(job.items[0].item_id, "success", "T-1", validated_city="MEDELLIN CENTRO (ANT)")
    data_of(update_job_item_result(shop.ctx, params))
    for page in ("", "/file"):
        shown = browser.get(f"/app/jobs/{job.job_id}{page}").text
        assert ("MEDELLIN CENTRO (ANT)" in shown, "MEDELLIN (ANT)" in shown) == (True, False)


def test_a_second_shipment_that_was_cancelled_is_not_called_one_any_more(browser: Browser, shop: Shop) -> None:
    """Naive: the order is shipped twice for ever, and somebody cancels the one that is on its way."""
    first = shop.unsettled()
    data_of(shop.settle(first, shipped=False))
    shop.made("700", order_of(first))
    shop.success(first, "701")
    assert "Enviado dos veces" in browser.get(f"/app/jobs/{first.job_id}").text.partition("<tbody>")[2]
    data_of(shop.settle(first, voided=True))
    assert "Enviado dos veces" not in browser.get(f"/app/jobs/{first.job_id}").text.partition("<tbody>")[2]
