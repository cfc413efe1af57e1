"""`robot-jobs settle`, and what `show`, `watch`, `retry` and `end` say of orders that may have been shipped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from rich.console import Console

from local.cli.items import JobItems
from local.cli.models import Item, Job
from local.cli.tables import items_table, jobs_table, unsettled_table
from tests.unit.cli_api import Ended, ScriptedApi, item, job, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Ended]

JOB = uuid4()
SETTLE = f"POST /robot-jobs/{JOB}/settle"


def unsettled(name: str | None, **changes: Any) -> dict[str, Any]:
    sent = {"referencia": f"ref {name}", "nombres": "Ana", "apellidos": "Díaz", "ciudad": "CALI (VALLE)"}
    failed = {"status": "error", "shipment": "possible", "trackingNumber": None, "errorType": "portal"}
    return item(orderName=name, valueSent=sent, **failed) | changes


def has_items(api: ScriptedApi, *items: dict[str, Any]) -> None:
    page = {"job": job(id=str(JOB)), "items": list(items), "nextCursor": None}
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=500", 200, page)


def settles(api: ScriptedApi, *counts: int) -> None:
    for count in counts or (1,):
        api.will_answer(SETTLE, 200, {"settledCount": count, "items": []})


def sent_to(api: ScriptedApi, route: str) -> list[Any]:
    return [request.body for request in api.requests if f"{request.method} {request.path}" == route]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--shipped", "70000000007"], {"shipped": True, "trackingNumber": "70000000007"}),
        (["--shipped"], {"shipped": True}),
        (["--not-shipped"], {"shipped": False}),
        (["--voided"], {"voided": True}),
    ],
)
def test_an_item_is_settled_by_its_orders_name(api: ScriptedApi, run: Run, options: list[str], said: Any) -> None:
    wanted = unsettled("A-7")
    has_items(api, wanted, unsettled("A-8"))
    settles(api)
    assert run("settle", JOB, "A-7", *options) == Ended(0, "Orders settled: 1\n", "")
    assert sent_to(api, SETTLE) == [{"items": [{"itemId": wanted["id"], **said}]}]


def test_shipped_without_a_number_takes_no_other_option_for_one(api: ScriptedApi, run: Run) -> None:
    """Fails where --shipped takes whatever comes next for its number."""
    has_items(api, unsettled("A-7"), unsettled("A-8"))
    settles(api, 2)
    assert run("settle", JOB, "A-7", "A-8", "--shipped", "--note", "seen", "--allow-shared-number").code == 0
    [body] = sent_to(api, SETTLE)
    assert [each.get("trackingNumber") for each in body["items"]] == [None, None]
    assert (body["note"], body["allowSharedNumber"]) == ("seen", True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["A-7", "--shipped", "A-8"], "A-8 is an order of the job, not a number; name all items before --shipped"),
        (["A-7", "A-8", "--shipped", "70"], "A number is that of one shipment"),
        (["A-7", "--shipped", ""], "'' is no number; say --shipped alone"),
        (["A-7", "--shipped", "undefined"], "is no number"),
        (["A-7", "--shipped", "7.0E+10"], "lost digits"),
        (["A-7", "--shipped", "--voided"], "Name items, then one of"),
        (["A-7"], "Name items, then one of"),
        (["--shipped", "A-7"], "Name items, then one of"),
        (["A-7", "A-7", "--voided"], "A-7 is named twice"),
        (["A-9", "--voided"], "The job has no item 'A-9'"),
        (["Twin", "--voided"], "The job has 2 items 'Twin'; use an id instead: "),
    ],
)
def test_what_can_be_read_two_ways_is_refused_and_nothing_sent(
    api: ScriptedApi, run: Run, arguments: list[str], sentence: str
) -> None:
    has_items(api, unsettled("A-7"), unsettled("A-8"), unsettled("Twin"), unsettled("Twin"))
    code, out, err = run("settle", JOB, *arguments)
    assert (code, out) == (1, "")
    assert sentence in err
    assert sent_to(api, SETTLE) == []


def test_an_item_goes_by_its_id_or_the_beginning_that_no_other_has(api: ScriptedApi, run: Run) -> None:
    first, second = "01a21959-4344-7487-bf50-ad2b4c91a875", "01a21959-4344-7587-bf50-ad2b4c91a875"
    has_items(api, unsettled("A-7", id=first), unsettled("A-8", id=second))
    settles(api)
    assert run("settle", JOB, "01a21959-4344-75", "--voided").code == 0
    assert run("settle", JOB, first, "--voided").code == 0
    assert [body["items"][0]["itemId"] for body in sent_to(api, SETTLE)] == [second, first]
    assert f"use an id instead: {first}, {second}" in run("settle", JOB, "01a21959", "--voided").err


def test_an_item_that_stands_as_asked_is_counted_apart(api: ScriptedApi, run: Run) -> None:
    has_items(api, unsettled("A-7"))
    settles(api, 0)
    assert run("settle", JOB, "A-7", "--not-shipped").out == "Orders settled: 0; as it stood already: 1\n"


def test_too_early_is_said_with_the_time_from_when_on_it_can_be_said(api: ScriptedApi, run: Run) -> None:
    one = unsettled("A-7")
    has_items(api, one)
    over_at = datetime.now(UTC) + timedelta(minutes=12)
    entries = [{"itemId": one["id"], "overAt": over_at.isoformat()}]
    refusal = problem(409, "hand_over_not_over", "The robot may.", overAt=over_at.isoformat(), items=entries)
    api.will_answer(SETTLE, 409, refusal)
    code, _, err = run("settle", JOB, "A-7", "--not-shipped")
    assert code == 1
    assert "the robot may still come to A-7." in err
    assert f"from {over_at.astimezone():%Y-%m-%d %H:%M} on, in 12 min" in err
    assert one["id"] not in err


def test_a_refusal_names_orders_and_no_ids(api: ScriptedApi, run: Run) -> None:
    one = unsettled("A-7")
    has_items(api, one)
    why = "it was shipped with number 70"
    entries = [{"itemId": one["id"], "reason": why}]
    api.will_answer(SETTLE, 409, problem(409, "nothing_to_settle", f"Item {one['id']} can't: {why}.", items=entries))
    err = run("settle", JOB, "A-7", "--shipped", "71").err
    assert err == f"robot-jobs: Nothing was recorded: Item A-7 can't: {why} (nothing_to_settle).\n  A-7: {why}\n"


# --- A whole list ----------------------------------------------------------------------------------------------------
def test_a_file_settles_a_whole_list(api: ScriptedApi, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "looked-up.csv"
    items = [unsettled(name) for name in ("A-7", "A-8", "A-9")]
    has_items(api, *items)
    settles(api, 3)
    file.write_text(
        f"Order;Number;Outcome\nA-7;70000000007.0;shipped\n{items[1]['id']};;Not shipped\n;;\nA-9;-;voided\n"
    )
    assert run("settle", JOB, "--from", file).out == "Orders settled: 3\n"
    assert sent_to(api, SETTLE)[0]["items"] == [
        {"itemId": items[0]["id"], "shipped": True, "trackingNumber": "70000000007"},
        {"itemId": items[1]["id"], "shipped": False},
        {"itemId": items[2]["id"], "voided": True},
    ]


def test_every_bad_line_of_a_file_is_named_and_nothing_is_sent(api: ScriptedApi, run: Run, tmp_path: Path) -> None:
    """Fails where lines are sent as they are read: the first one is good."""
    file = tmp_path / "looked-up.csv"
    has_items(api, unsettled("A-7"), unsettled("A-8"), unsettled("A-9"))
    settles(api)
    lines = [
        "A-7,shipped,70",
        "A-8,shipped,70",
        "A-7,voided,",
        "B-1,shipped,",
        "A-9,lost,",
        ",shipped,",
        "A-8,voided,7",
    ]
    file.write_text(
        "item,outcome,number\n" + "\n".join([*lines, "A-9,shipped,7.0E+10", "A-9,shipped,1,2", "A-9"]) + "\n"
    )
    code, out, err = run("settle", JOB, "--from", file)
    assert (code, out, sent_to(api, SETTLE)) == (1, "", [])
    for told in (
        "line 3: the number 70 is on line 2 already.",
        "line 4: A-7 is on line 2 already.",
        "line 5: The job has no item 'B-1'",
        "line 6: the outcome is shipped, not shipped or voided, not 'lost'.",
        "line 7: it names no item.",
        "line 8: only what was shipped has a number",
        "line 9: the number is",
        "line 10: more cells than columns.",
        "line 11: fewer cells than columns.",
    ):
        assert told in err
    assert "line 2:" not in err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("item,number\nA-7,70\n", "the column 'outcome' is missing"),
        ("item,outcome,outcome\nA-7,shipped,\n", "the column 'outcome' is there twice"),
        ("item,outcome,city\nA-7,shipped,Cali\n", "unknown column 'city'"),
        ("item,outcome\n", "no item under them"),
        ("", "is empty"),
    ],
)
def test_a_file_whose_columns_are_in_doubt_is_refused(
    api: ScriptedApi, run: Run, tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "looked-up.csv"
    file.write_text(text)
    has_items(api, unsettled("A-7"))
    code, _, err = run("settle", JOB, "--from", file)
    assert (code, sent_to(api, SETTLE)) == (1, [])
    assert sentence in err


def test_a_long_list_goes_in_thousands_and_says_what_was_recorded(api: ScriptedApi, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "looked-up.csv"
    has_items(api, *(unsettled(f"A-{number}") for number in range(1_001)))
    file.write_text("item,outcome\n" + "".join(f"A-{number},not shipped\n" for number in range(1_001)))
    settles(api, 1_000)
    api.will_answer(SETTLE, 409, problem(409, "nothing_to_settle", "No.", items=[]))
    code, _, err = run("settle", JOB, "--from", file)
    assert code == 1
    assert [len(body["items"]) for body in sent_to(api, SETTLE)] == [1_000, 1]
    assert err == "robot-jobs: Nothing was recorded: No (nothing_to_settle). The 1000 before these were recorded.\n"


# --- What needs a person ---------------------------------------------------------------------------------------------
def test_show_says_what_to_look_for_and_what_to_say_then(api: ScriptedApi, run: Run) -> None:
    shown = job(id=str(JOB), status="completed", errorCount=3, counts={"unsettled": 3, "second": 0})
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=1", 200, {"job": shown, "items": [], "nextCursor": None})
    has_items(api, unsettled("A-7"), unsettled(None, id=(nameless := str(uuid4()))), item(orderName="A-9"))
    code, out, _ = run("show", JOB)
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert ["A-7", "CALI", "(VALLE)", "unsettled", "portal"] in lines
    assert ["A-7", "ref", "A-7", "Ana", "Díaz", "CALI", "(VALLE)"] in lines
    assert [nameless, "ref", "None", "Ana", "Díaz", "CALI", "(VALLE)"] in lines
    assert "May have been shipped: 2." in out
    assert f"  robot-jobs settle {JOB} ITEM --shipped NUMBER\n" in out
    assert f"  robot-jobs settle {JOB} ITEM --not-shipped\n" in out
    # The third came after the items were read.
    assert f"not listed here: 1; see\n  robot-jobs show {JOB} --status unsettled\n" in out


def test_show_says_which_shipments_are_second_with_both_numbers(api: ScriptedApi, run: Run) -> None:
    second = item(orderName="A-7", shipment="second", trackingNumber="71")
    further = item(orderName="A-8", shipment="made", trackingNumber="80", otherNumbers=["81"])
    voided = item(orderName="A-9", shipment="second", trackingNumber="91", voidedAt="2026-03-04T05:06:07Z")
    shown = job(id=str(JOB), counts={"unsettled": 0, "second": 2})
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=1", 200, {"job": shown, "items": [], "nextCursor": None})
    has_items(api, second, further, voided)
    for each, number in ((second, "70"), (further, "80")):
        order = {"id": each["orderId"], "name": each["orderName"], "trackingNumber": number}
        api.will_answer(f"GET /orders/{each['orderId']}", 200, order)
    out = run("show", JOB).out
    lines = [line.split() for line in out.splitlines()]
    assert "Shipped twice: 2." in out
    assert ["A-7", "71", "70"] in lines
    assert ["A-8", "80", "81"] in lines
    assert ["A-9", "CALI", "(VALLE)", "success", "91"] in lines
    assert f"  robot-jobs settle {JOB} ITEM --voided\n" in out


def test_watch_says_at_the_end_what_needs_a_person(api: ScriptedApi, run: Run) -> None:
    ended = job(id=str(JOB), status="completed", successCount=2, errorCount=1, counts={"unsettled": 1, "second": 0})
    page = {"job": ended, "nextCursor": None}
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=1", 200, page | {"items": []})
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=500&status=unsettled", 200, page | {"items": [unsettled("A-7")]})
    code, out, _ = run("watch", JOB)
    assert code == 3
    assert out.startswith("completed: 3 of 3, 2 shipped, 1 failed (1 may have been shipped)\n")
    assert f"  robot-jobs settle {JOB} A-7 --not-shipped\n" in out


def test_retry_names_what_was_left_out_and_why(api: ScriptedApi, run: Run) -> None:
    kept, left = unsettled("A-7"), unsettled("A-8", shipment="none")
    has_items(api, kept, left)
    reason = f"A shipment of order {kept['orderId']} may have been made."
    skipped = [
        {"orderId": kept["orderId"], "itemId": kept["id"], "code": "shipment_unsettled", "reason": reason},
        {"orderId": left["orderId"], "itemId": left["id"], "code": "city_not_covered", "reason": "No such city."},
    ]
    route = f"POST /robot-jobs/{JOB}/retry"
    api.will_answer(route, 202, {"retriedCount": 1, "itemIds": [str(uuid4())], "skipped": skipped})
    api.will_answer(route, 422, problem(422, "nothing_to_retry", "None of them.", skipped=skipped))
    some, none = run("retry", JOB), run("retry", JOB, "A-7", left["id"])
    assert (some.code, none.code) == (0, 1)
    assert some.out.startswith("Orders tried again: 1\nLeft out: 2\n")
    assert none.out.startswith("Left out: 2\n")
    assert none.err == "robot-jobs: None of them (nothing_to_retry)\n"
    for out in (some.out, none.out):
        lines = [" ".join(line.split()) for line in out.splitlines()]
        assert "A-7 shipment_unsettled A shipment of order A-7 may have been made." in lines
        assert "A-8 city_not_covered No such city." in lines
        assert f"robot-jobs show {JOB} --status unsettled" in lines
    assert sent_to(api, route) == [{}, {"itemIds": [kept["id"], left["id"]]}]


@pytest.mark.parametrize(
    ("options", "shipped", "status"),
    [([], 1, "completed"), ([], 0, "failed"), (["--failed"], 1, "failed"), (["--completed"], 1, "completed")],
)
def test_end_says_what_may_have_been_shipped_all_the_same(
    api: ScriptedApi, run: Run, options: list[str], shipped: int, status: str
) -> None:
    ended = job(id=str(JOB), status=status, successCount=shipped, errorCount=2, counts={"unsettled": 1, "second": 0})
    page = {"job": ended, "nextCursor": None}
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=1", 200, page | {"items": []})
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=500&status=unsettled", 200, page | {"items": [unsettled("A-7")]})
    api.will_answer(f"PATCH /robot-jobs/{JOB}", 200, {"jobId": str(JOB)})
    code, out, _ = run("end", JOB, *options)
    assert code == 0
    assert sent_to(api, f"PATCH /robot-jobs/{JOB}") == [{"status": status}]
    assert out.startswith(f"The job is {status}: {shipped} of 3 shipped, 2 failed.\n")
    assert "May have been shipped: 1." in out


# --- Tables ----------------------------------------------------------------------------------------------------------
def test_tables_fit_80_columns_and_keep_what_is_copied_whole() -> None:
    """Fails where an id or a number is folded to make room for a column beside it."""
    long_words = "Timeout esperando respuesta del portal después de guardar el formulario"
    items = JobItems(
        Item.model_validate(each)
        for each in (
            unsettled("A-1007", errorMessage=long_words),
            unsettled(None),
            item(orderName="A-1008", validatedCity="VILLAVICENCIO (META)", trackingNumber="70000000031"),
        )
    )
    jobs = [Job.model_validate(job(totalItems=10_000, successCount=9_998, errorCount=2))]
    for table in (jobs_table(jobs), items_table(list(items), items.label), unsettled_table(list(items), items.label)):
        console = Console(width=80, color_system=None)
        with console.capture() as captured:
            console.print(table)
        assert max(map(len, captured.get().splitlines())) <= 80
    whole = [str(jobs[0].id), "A-1007", str(list(items)[1].id), "70000000031"]
    for table, texts in ((jobs_table(jobs), whole[:1]), (items_table(list(items), items.label), whole[1:])):
        console = Console(width=80, color_system=None)
        with console.capture() as captured:
            console.print(table)
        for text in texts:
            assert text in captured.get()


def test_names_that_two_orders_share_show_the_item_too() -> None:
    one, other = (Item.model_validate(unsettled("Twin", id=str(UUID(int=number)))) for number in (1, 2))
    assert JobItems([one, other]).label(one.id) == f"Twin ({one.id})"
    assert JobItems([one]).label(one.order_id) == "Twin"
    # As macOS writes it, and with what a table tool made of it.
    assert JobItems([Item.model_validate(unsettled("Ñ 1003"))]).is_name("N\u0303  1003")
    assert JobItems([Item.model_validate(unsettled("1003"))]).is_name("1003.0")
