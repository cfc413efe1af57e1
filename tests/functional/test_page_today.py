"""The operator's page: what runs, what waits for a person, what ended last."""

import re

from shared.domain import DispatchRef, get_overview, pause_job, release_dispatch
from tests.factories import claim, data_of, hand_over, make_job_of, make_orders, report_error, report_success
from tests.functional.page_browser import Browser
from tests.functional.shop import Shop, order_of


def test_today_says_what_runs_and_what_needs_a_person(browser: Browser, shop: Shop) -> None:
    assert "Nothing" not in browser.get("/app").plain
    shop.unsettled()
    running = shop.at_robot()
    page = browser.get("/app")
    assert "1 pedido puede haberse enviado" in page.plain
    assert f"/app/jobs/{running.job_id}" in page.text
    assert 'lang="es"' in page.text


def test_today_counts_orders_that_failed_and_were_shipped_nowhere(browser: Browser, shop: Shop) -> None:
    """Naive: of the newest jobs, whatever is newer; and what was shipped by a later job counts for ever."""
    shop.failed()
    shop.failed()
    again = shop.failed()
    shop.made("T-9", order_of(again))
    shop.write_number(order_of(shop.failed()), "T-8")
    for _ in range(21):
        shop.made(None)
    # This one is on its way again.
    shop.job(order_of(shop.failed()))
    page = browser.get("/app")
    assert page.plain.count("1 pedido falló y no se envió") == 2


def test_today_shows_first_what_waits_for_a_person_then_what_the_robot_has(browser: Browser, shop: Shop) -> None:
    """Naive: the newest ones push out the one that runs."""
    runs = shop.at_robot()
    for _ in range(11):
        paused = shop.job()
    for _ in range(21):
        shop.cancel(shop.job())
    data_of(pause_job(shop.ctx, paused.job_id))
    page = browser.get("/app")
    shown = re.findall(r'id="job-([0-9a-f-]+)"', page.text)
    assert shown[:2] == [str(paused.job_id), str(runs.job_id)]
    assert len(shown) == 10
    assert "En proceso:" in page.plain


def test_today_leads_to_the_settings_where_nothing_can_go(browser: Browser, shop: Shop) -> None:
    """Naive: a stop looks like an account that is not complete, and somebody types the password again."""
    account, stop = "La cuenta de la transportadora está incompleta", "La parada de emergencia está activa"
    statement = "UPDATE carrier_configs SET is_enabled = %s, portal_username = %s WHERE workspace_id = %s"
    for is_enabled, username, said in (
        (True, "tienda", (False, False)),
        (False, "tienda", (False, True)),
        (True, None, (True, False)),
        (False, None, (True, False)),
    ):
        shop.owner.execute(statement, [is_enabled, username, shop.ctx.workspace_id])
        page = browser.get("/app").plain
        assert (account in page, stop in page) == said


def test_today_says_whether_anything_was_ever_shipped(browser: Browser, shop: Shop) -> None:
    assert "Todavía no se ha enviado nada" in browser.get("/app").plain
    shop.made()
    assert "Todavía no se ha enviado nada" not in browser.get("/app").plain


def test_each_open_job_has_its_own_figures(shop: Shop) -> None:
    """Naive, where all are asked for at once: one job's figures stand beside another."""
    jobs = [make_job_of(shop.ctx, [shop.order() for _ in range(count)]) for count in (3, 2)]
    hand_over(shop.ctx, jobs[0])
    report_success(shop.ctx, jobs[0].items[0].item_id, "T-1")
    runs = data_of(get_overview(shop.ctx, "coordinadora", 10, 100)).open_jobs
    counted = [(one.job.id, one.job.counts.pending, one.job.counts.processing, one.job.counts.success) for one in runs]
    assert counted == [(jobs[0].job_id, 0, 2, 1), (jobs[1].job_id, 2, 0, 0)]
    assert [one.in_work.id if one.in_work else None for one in runs] == [jobs[0].items[1].item_id, None]
    assert [one.job.waiting.reason if one.job.waiting else None for one in runs] == [None, "behind_job"]


def test_what_ended_last_is_told_today_and_an_order_that_waits_can_be_shipped_from_its_page(
    browser: Browser, shop: Shop
) -> None:
    """Naive: nothing runs, nothing needs a person, and nobody knows what was shipped today."""
    ended = make_job_of(shop.ctx, [shop.order(), shop.order()])
    hand_over(shop.ctx, ended)
    report_success(shop.ctx, ended.items[0].item_id, "T-1")
    report_error(shop.ctx, ended.items[1].item_id)
    waits = shop.job()
    page = browser.get("/app")
    assert "1 pedido enviado, 1 sin enviar o por aclarar" in page.plain.partition("Lo último que terminó")[2]
    assert re.findall(r'id="ended-([^"]+)"', page.text) == [str(ended.job_id)]
    shop.cancel(waits)
    waiting = shop.order()
    order_page = browser.get(f"/app/orders/{waiting}")
    assert 'action="/app/ship/preview"' in order_page.text
    assert "1 pedido se puede enviar" in browser.post("/app/ship/preview", {"order": str(waiting)}).plain
    sent = order_of(shop.made("T-2"))
    assert 'action="/app/ship/preview"' not in browser.get(f"/app/orders/{sent}").text


def test_today_says_how_many_orders_are_to_ship_up_to_a_hundred(browser: Browser, shop: Shop) -> None:
    assert "Pedidos por enviar" in browser.get("/app").plain
    shop.order()
    shop.made("T-1")
    assert "1 pedido por enviar" in browser.get("/app").plain
    make_orders(shop.owner, shop.ctx.workspace_id, 99)
    assert " 100 pedidos por enviar" in browser.get("/app").plain
    shop.order()
    assert "Más de 100 pedidos por enviar" in browser.get("/app").plain


def test_a_robot_that_can_not_be_reached_needs_a_person(browser: Browser, shop: Shop) -> None:
    """Naive: the job waits, and nobody looks whether the robot runs."""
    job, behind = shop.job(), shop.job()
    claim(shop.ctx, job)
    data_of(release_dispatch(shop.ctx, DispatchRef(job.job_id, 1), "unreachable", "Connection refused"))
    page = browser.get("/app")
    needs = page.text.partition('id="needs"')[2].partition("</section>")[0]
    assert f'<a id="robot-{job.job_id}" class="button second" href="/app/settings">' in needs
    waits = browser.get(f"/app/jobs/{job.job_id}").plain
    assert re.search(r"Mensaje: Connection refused .*Próximo intento a las \d\d:\d\d\.", waits)
    first = f'<a id="behind-{behind.job_id}" href="/app/jobs/{job.job_id}">'
    assert first in browser.get(f"/app/jobs/{behind.job_id}").text


def test_what_moves_is_asked_for_every_two_seconds_and_what_stands_every_twenty(browser: Browser, shop: Shop) -> None:
    """Naive: a page that was left open over night costs as much as one that is looked at."""
    every = re.compile(r'hx-trigger="every (\d+)s')
    assert every.findall(browser.get("/app").text) == ["20"]
    job = shop.at_robot()
    paths = ("/app", f"/app/jobs/{job.job_id}")
    assert [every.findall(browser.get(path).text) for path in paths] == [["2"], ["2"]]
    shop.success(job)
    assert [every.findall(browser.get(path).text) for path in paths] == [["20"], ["20"]]
