"""The operator's page: what a person found in the portal is understood without doubt, or refused by name."""

import re
import unicodedata
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreatedJob,
    DomainContext,
    GetJobPageParams,
    SettleItemsParams,
    Settlement,
    UpdateJobItemResultParams,
    get_job_page,
    settle_items,
    update_job_item_result,
)
from tests.factories import data_of, hand_over, make_carrier_config, make_job, make_job_of
from tests.functional.page_browser import Browser, Page
from tests.functional.shop import Shop, order_of

NEITHER = ("error", "possible")


def lost(shop: Shop, *names: str) -> CreatedJob:
    """Make a job with orders of these names, of all of which nobody knows the outcome."""
    job = make_job_of(shop.ctx, [shop.order(name=name) for name in names])
    hand_over(shop.ctx, job)
    for item in job.items:
        params = UpdateJobItemResultParams(item.item_id, "error", error_type="timeout")
        data_of(update_job_item_result(shop.ctx, params))
    return job


def known(shop: Shop, job: CreatedJob) -> list[tuple[str, str | None, str | None]]:
    items = data_of(get_job_page(shop.ctx, GetJobPageParams(job.job_id))).items
    return [(item.status, item.shipment, item.tracking_number) for item in items]


def settle(browser: Browser, job: CreatedJob, **fields: str) -> Page:
    return browser.post(f"/app/jobs/{job.job_id}/settle", fields)


def test_a_name_that_orders_share_is_no_order_and_says_so(browser: Browser, shop: Shop) -> None:
    """Naive: with one reference for all shipments, the number goes to whichever order came last."""
    shop.owner.execute(
        "UPDATE carrier_configs SET default_reference = 'TIENDA' WHERE workspace_id = %s", [shop.ctx.workspace_id]
    )
    job = lost(shop, "A-1", "A-2", "A-2")
    form = browser.get(f"/app/jobs/{job.job_id}/settle").plain
    assert form.count("TIENDA") == 3
    assert "A-1" in form
    for line in ("TIENDA\t700", "A-2\t700"):
        refused = settle(browser, job, pasted=f"A-1\t699\n{line}")
        assert (refused.status, line.replace("\t", " ") in refused.plain) == (422, True)
    assert {each[:2] for each in known(shop, job)} == {NEITHER}
    settle(browser, job, pasted=f"A-1\t699\n{job.items[1].order_id};700\n{job.items[2].item_id} 701")
    assert [number for _, _, number in known(shop, job)] == ["699", "700", "701"]


def test_a_name_of_an_order_that_is_settled_already_is_still_that_order_s(browser: Browser, shop: Shop) -> None:
    """Naive: the number of the one that is known goes to the other one of its name."""
    job = lost(shop, "Ana", "Ana")
    data_of(
        settle_items(
            shop.ctx,
            SettleItemsParams(job.job_id, [Settlement(job.items[0].item_id, shipped=True, tracking_number="600")]),
        )
    )
    assert settle(browser, job, pasted="Ana\t600").status == 422
    assert known(shop, job)[1] == (*NEITHER, None)


@pytest.mark.parametrize(
    "line",
    ["A-7\tNo aparece", "A-7\tninguno", "A-7\tAna;700", "A-7;Ana;700", "A-7\t-", "A-7\t0", "A-7 70 80", "A-7", ";70"],
)
def test_whatever_is_no_number_never_becomes_one(browser: Browser, shop: Shop, line: str) -> None:
    """Naive: an unknown word is the number of a shipment, and the order is never shipped."""
    job = lost(shop, "A-7")
    assert settle(browser, job, pasted=line).status == 422
    assert known(shop, job) == [(*NEITHER, None)]


@pytest.mark.parametrize("typed", ["No aparece", "ninguno", "Ana;700", "-", "0", "70 80", "70;80", "70,80", "x" * 41])
def test_whatever_is_typed_as_a_number_and_is_none_is_refused(browser: Browser, shop: Shop, typed: str) -> None:
    job = lost(shop, "A-7")
    item = job.items[0].item_id
    refused = settle(browser, job, **{f"said-{item}": "shipped", f"number-{item}": typed})
    assert (refused.status, f"«{typed[:40]}» no es un número de pedido del portal" in refused.plain) == (422, True)
    assert known(shop, job) == [(*NEITHER, None)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (unicodedata.normalize("NFD", "no está"), ("error", "none", None)),
        ("No existe.", ("error", "none", None)),
        ("not there", ("error", "none", None)),
        ("NO", ("error", "none", None)),
        ("700.0", ("success", "made", "700")),
    ],
)
def test_words_and_numbers_are_read_as_sheets_and_people_write_them(
    browser: Browser, shop: Shop, found: str, expected: tuple[str, str, str | None]
) -> None:
    job = lost(shop, "Peña")
    settle(browser, job, pasted=f"{unicodedata.normalize('NFD', 'PEÑA')}\t{found}")
    assert known(shop, job) == [expected]


@pytest.mark.parametrize(
    ("pasted", "box"),
    [
        ("A-1\t700\nA-1\t701", None),
        ("A-1\t700\nA-1\tno", None),
        ("A-1\t700", "not"),
        ("A-1\t700\nA-2\t700", None),
    ],
)
def test_what_is_said_in_two_ways_is_not_recorded(browser: Browser, shop: Shop, pasted: str, box: str | None) -> None:
    """Naive: the last one wins."""
    job = lost(shop, "A-1", "A-2")
    boxes = {f"said-{job.items[0].item_id}": box} if box else {}
    assert settle(browser, job, pasted=pasted, **boxes).status == 422
    assert {each[:2] for each in known(shop, job)} == {NEITHER}


@pytest.mark.parametrize(
    ("box", "expected"), [("not", ("error", "none", None)), ("shipped", ("success", "made", None))]
)
def test_that_there_is_no_number_may_be_said_of_many(
    browser: Browser, shop: Shop, box: str, expected: tuple[str, str, str | None]
) -> None:
    """Naive: no number is a number too, which two orders can't share."""
    job = lost(shop, "A-1", "A-2", "A-3")
    boxes = {f"said-{item.item_id}": box for item in job.items[:2]}
    pasted = {"pasted": "A-3 no"} if box == "not" else {}
    settle(browser, job, **boxes, **pasted)
    assert known(shop, job) == [expected, expected, expected if pasted else (*NEITHER, None)]


def test_what_no_box_of_the_page_says_is_nothing(browser: Browser, shop: Shop) -> None:
    job = lost(shop, "A-1")
    refused = settle(browser, job, **{f"said-{job.items[0].item_id}": "perhaps"})
    assert (refused.status, "Di qué encontraste de al menos un pedido" in refused.plain) == (422, True)
    assert known(shop, job) == [(*NEITHER, None)]


@pytest.mark.parametrize("line", ["Ana, 1\t700", "Ana, 1;700", "Ana, 1 ; 700 "])
def test_a_name_may_hold_what_else_separates_cells(browser: Browser, shop: Shop, line: str) -> None:
    job = lost(shop, "Ana, 1", "Luz;2")
    settle(browser, job, pasted=f"{line}\nLuz;2\t701")
    assert [number for _, _, number in known(shop, job)] == ["700", "701"]


@pytest.mark.parametrize("separator", ["\t", ";", ",", " ", "   "])
def test_a_line_is_a_name_and_a_number_with_anything_usual_between(
    browser: Browser, shop: Shop, separator: str
) -> None:
    job = lost(shop, "A-1")
    settle(browser, job, pasted=f"  A-1{separator}700  \r\n\r\n")
    assert known(shop, job) == [("success", "made", "700")]


def test_one_number_in_two_boxes_is_asked_about(browser: Browser, shop: Shop) -> None:
    job = lost(shop, "A-1", "A-2")
    boxes = {
        f"{kind}-{item.item_id}": said for item in job.items for kind, said in (("said", "shipped"), ("number", "7"))
    }
    assert "el número 7 en dos pedidos" in settle(browser, job, **boxes).plain
    assert settle(browser, job, shared="yes", **boxes).status == 200
    assert [number for _, _, number in known(shop, job)] == ["7", "7"]


def test_a_number_of_an_order_that_left_the_list_is_not_dropped(browser: Browser, shop: Shop) -> None:
    """Naive: it is passed over, and the rest is recorded as if it were all."""
    job = lost(shop, "A-1", "A-2")
    gone, other = (item.item_id for item in job.items)
    data_of(
        settle_items(shop.ctx, SettleItemsParams(job.job_id, [Settlement(gone, shipped=True, tracking_number="600")]))
    )
    refused = settle(browser, job, **{f"number-{gone}": "601", f"said-{other}": "not"})
    assert refused.status == 422
    assert "A-1 (601)" in refused.plain
    assert known(shop, job)[1] == (*NEITHER, None)


def twice_shipped(shop: Shop) -> tuple[UUID, CreatedJob, CreatedJob]:
    """Make an order of which each of two jobs has made a shipment."""
    first = shop.unsettled(shop.order(name="A-1"))
    order = order_of(first)
    data_of(shop.settle(first, shipped=False))
    second = shop.made("700", order)
    shop.success(first, "701")
    return order, second, first


@pytest.mark.parametrize(("cancelled", "stands"), [("700", "701"), ("701", "700")])
def test_either_of_two_shipments_can_be_cancelled(browser: Browser, shop: Shop, cancelled: str, stands: str) -> None:
    """Naive: only the second can be said, and who has cancelled the first one says the wrong one."""
    order, made, second = twice_shipped(shop)
    form = browser.get(f"/app/jobs/{second.job_id}/settle")
    assert "Anulé 700" in form.plain
    assert "Anulé 701" in form.plain
    job = made if cancelled == "700" else second
    field = f"voided-{second.items[0].item_id}"
    page = settle(browser, second, **{field: f"{job.job_id} {job.items[0].item_id}"})
    assert page.status == 200
    assert shop.item(job).is_voided
    assert shop.number(order) == stands
    shop.assert_sound()


def test_the_shipments_of_an_order_are_listed_from_the_oldest_on(browser: Browser, shop: Shop) -> None:
    """Naive: they stand as the database finds them, and who looks a second time cancels the other one."""
    _order, _made, second = twice_shipped(shop)
    path = f"/app/jobs/{second.job_id}/settle"
    form = browser.get(path).plain
    assert form.index("Anulé 700") < form.index("Anulé 701")
    shop.owner.execute(
        "UPDATE robot_job_items SET completed_at = completed_at - interval '1 hour' WHERE job_id = %s", [second.job_id]
    )
    form = browser.get(path).plain
    assert form.index("Anulé 701") < form.index("Anulé 700")


def test_of_a_shipment_with_other_numbers_those_are_cancelled(browser: Browser, shop: Shop) -> None:
    job = shop.made("700")
    shop.success(job, "701")
    item = job.items[0].item_id
    assert "Anulé 701; queda 700" in browser.get(f"/app/jobs/{job.job_id}/settle").plain
    settle(browser, job, **{f"voided-{item}": f"{job.job_id} {item}"})
    assert (shop.item(job).other_numbers, shop.item(job).is_known_as) == ([], ("success", "made"))
    assert browser.get(f"/app/orders/{order_of(job)}").plain.count("Aclaró") == 1


def test_a_shipment_of_another_workspace_is_not_cancelled(browser: Browser, shop: Shop) -> None:
    _order, made, second = twice_shipped(shop)
    stranger = Browser().sign_in(UUID(int=7))
    field = {f"voided-{second.items[0].item_id}": f"{made.job_id} {made.items[0].item_id}"}
    assert settle(stranger, second, **field).status == 404
    assert browser
    assert not shop.item(made).is_voided


def test_what_was_recorded_before_another_job_s_shipment_was_refused_is_told(browser: Browser, shop: Shop) -> None:
    """Naive: “nothing was recorded”, and a person says once more what the list does not ask any more."""
    job = lost(shop, "A-1", "A-2")
    settled, other = (item.item_id for item in job.items)
    nothing = shop.failed()
    voided = {f"voided-{settled}": f"{nothing.job_id} {nothing.items[0].item_id}"}
    refused = settle(browser, job, **{f"said-{settled}": "not"}, **voided)
    assert refused.status == 422
    assert "Se guardó lo que ya no aparece en esta lista. Estos pedidos ya cambiaron de estado" in refused.plain
    assert [each[:2] for each in known(shop, job)] == [("error", "none"), NEITHER]
    assert f'name="said-{other}"' in refused.text
    assert f'name="said-{settled}"' not in refused.text.partition("<main")[2]
    # Where it is all that is said, nothing was recorded.
    again = settle(browser, job, **voided)
    assert (again.status, "Se guardó lo que ya no aparece" in again.plain) == (422, False)


def test_a_list_of_all_that_is_not_understood_names_the_first_ten_lines(browser: Browser, shop: Shop) -> None:
    job = lost(shop, "A-1")
    refused = settle(browser, job, pasted="\n".join(f"B-{number} 7" for number in range(11))).plain
    assert "B-9 7. Escribe" in refused
    assert known(shop, job) == [(*NEITHER, None)]


def test_the_note_of_who_settles_stands_in_the_order_s_story(browser: Browser, shop: Shop) -> None:
    job = lost(shop, "A-1")
    settle(browser, job, **{f"said-{job.items[0].item_id}": "not"}, note=" llamé a la bodega ")
    assert "llamé a la bodega" in browser.get(f"/app/orders/{job.items[0].order_id}").plain


def test_who_writes_another_order_s_number_is_shown_that_order_by_its_name(browser: Browser, shop: Shop) -> None:
    """Naive: an id in an English sentence; and the way round it is offered before anybody needs it."""
    other = order_of(shop.made("700", shop.order(name="Caja azul")))
    job = lost(shop, "A-1")
    item = job.items[0].item_id
    asked = "Está bien que dos pedidos tengan el mismo número"
    assert asked not in browser.get(f"/app/jobs/{job.job_id}/settle").plain
    boxes = {f"said-{item}": "shipped", f"number-{item}": "700"}
    refused = settle(browser, job, **boxes)
    assert (refused.status, asked in refused.plain) == (422, True)
    assert (
        f'<a href="/app/orders/{other}" target="_blank" rel="noopener">Pedido <bdi>Caja azul</bdi></a>' in refused.text
    )
    assert "(order" not in refused.plain
    assert "allow_shared_number" not in refused.plain
    assert settle(browser, job, shared="yes", **boxes).status == 200
    assert known(shop, job) == [("success", "made", "700")]


def test_an_order_without_a_name_that_has_the_number_is_called_as_its_shop_does_or_by_its_id(
    browser: Browser, shop: Shop
) -> None:
    """Naive: a link without a word."""
    numbered, bare = (shop.order(name=None, external_id=number) for number in ("S-7", None))
    for order, number, called in ((numbered, "700", "S-7"), (bare, "701", str(bare))):
        shop.made(number, order)
        job = shop.unsettled()
        item = job.items[0].item_id
        refused = settle(browser, job, **{f"said-{item}": "shipped", f"number-{item}": number})
        assert f'href="/app/orders/{order}" target="_blank" rel="noopener">Pedido <bdi>{called}</bdi>' in refused.text


def test_another_refusal_does_not_offer_to_share_a_number(browser: Browser, shop: Shop) -> None:
    job = lost(shop, "A-1")
    refused = settle(browser, job)
    assert (refused.status, 'name="shared"' in refused.text) == (422, False)


def test_what_can_not_be_said_of_an_order_any_more_names_it(browser: Browser, shop: Shop) -> None:
    """Naive: the item's id and English words."""
    job = lost(shop, "A-1", "A-2")
    first = Settlement(job.items[0].item_id, shipped=True, tracking_number="600")
    data_of(settle_items(shop.ctx, SettleItemsParams(job.job_id, [first])))
    refused = settle(browser, job, **{f"said-{first.item_id}": "shipped", f"number-{first.item_id}": "601"})
    assert refused.status == 422
    alert = refused.plain.partition("Estos pedidos ya cambiaron de estado")[2][:120]
    assert "A-1" in alert
    assert str(first.item_id) not in alert


def test_of_many_of_which_something_can_not_be_said_any_more_the_first_ten_are_named(
    browser: Browser, shop: Shop
) -> None:
    job = lost(shop, *(f"B{number:02}" for number in range(11)))
    data_of(
        settle_items(
            shop.ctx, SettleItemsParams(job.job_id, [Settlement(each.item_id, shipped=True) for each in job.items])
        )
    )
    refused = settle(browser, job, **{f"said-{each.item_id}": "not" for each in job.items})
    assert re.findall(r"B\d\d", refused.plain) == [f"B{number:02}" for number in range(10)]


def test_two_hundred_are_asked_about_at_once(browser: Browser, ctx: DomainContext, owner: Connection) -> None:
    """Naive: a form with thousands of fields, which no gateway takes back."""
    make_carrier_config(owner, ctx.workspace_id)
    job = make_job(owner, ctx, items=201, wave_size=201)
    hand_over(ctx, job)
    Shop(owner, ctx).end(job)
    form = browser.get(f"/app/jobs/{job.job_id}/settle").text
    assert len(set(re.findall(r'name="(said-[^"]+)"', form))) == 200


def test_a_number_that_is_only_typed_is_never_dropped(browser: Browser, shop: Shop) -> None:
    job = lost(shop, "A-1")
    item = job.items[0].item_id
    for box in ({}, {f"said-{item}": ""}, {f"said-{item}": "not"}):
        refused = settle(browser, job, **{f"number-{item}": "700", **box})
        assert (refused.status, "no marcaste «Sí está»" in refused.plain) == (422, True)
        assert 'value="700"' in refused.text
    assert known(shop, job) == [(*NEITHER, None)]


def test_the_portal_is_opened_where_its_orders_are_and_the_reference_can_be_copied(
    browser: Browser, shop: Shop
) -> None:
    job = lost(shop, "A-1")
    page = browser.get(f"/app/jobs/{job.job_id}/settle").text
    assert 'href="https://ff.coordinadora.com/panel/pedidos"' in page
    assert 'data-copy="A-1"' in page
    # All three are looked for: of one reference there may be several.
    legend = re.sub(r"<[^>]+>|\s+", " ", page.partition("<legend>")[2].partition("</legend>")[0])
    assert re.sub(r"\s+", " ", legend).strip() == "Referencia A-1 · Luz Marina Ospina · MEDELLIN (ANT)"


def test_a_deployment_may_have_a_portal_of_its_own(
    browser: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: who looks for simulated shipments in the real portal finds none, says so, and ships them twice."""
    job = shop.unsettled()
    assert 'href="https://ff.coordinadora.com/panel/pedidos"' in browser.get(f"/app/jobs/{job.job_id}/settle").text
    monkeypatch.setenv("CARRIER_PORTAL_URL", "http://127.0.0.1:1/portal")
    assert 'href="http://127.0.0.1:1/portal"' in browser.get(f"/app/jobs/{job.job_id}/settle").text


def test_what_was_sent_may_be_forgotten_and_an_order_is_still_called_by_its_name_or_its_id(
    browser: Browser, shop: Shop
) -> None:
    """Naive: after the days that personal data are kept nobody knows which shipment to look for."""
    job = lost(shop, "A-1", "A-2")
    bare = job.items[1]
    forget = "UPDATE robot_job_items SET value_sent = NULL, validated_city = 'CALI (VALLE)' WHERE job_id = %s"
    shop.owner.execute(forget, [job.job_id])
    shop.owner.execute("UPDATE orders SET name = NULL WHERE id = %s", [bare.order_id])
    page = browser.get(f"/app/jobs/{job.job_id}/settle").text
    legends = [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<legend>(.*?)</legend>", page)]
    assert legends == [f"Referencia {name} ·  · CALI (VALLE)" for name in ("A-1", bare.order_id)]
    settle(browser, job, pasted=f"A-1\t700\n{bare.order_id}\tno")
    assert known(shop, job) == [("success", "made", "700"), ("error", "none", None)]
