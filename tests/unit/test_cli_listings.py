"""`robot-jobs orders` and `robot-jobs job`: tables, JSON, and CSV in which nothing is a formula."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from rich.console import Console

from local.cli.app import EXIT_NOT_ALL_SHIPPED
from local.cli.listings import harmless
from local.cli.models import Order
from local.cli.order_list import orders_table
from tests.unit.cli_api import Ended, ScriptedApi, item, job

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Ended]

JOB = uuid4()


def order(name: str | None, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "name": name,
        "trackingNumber": "70000000001",
        "shippingCity": "Cali",
        "createdAt": "2026-03-04T12:06:07Z",
        "contact": {"name": "Ana Díaz", "phone": "+57 300 1234567"},
    } | changes


def lists(api: ScriptedApi, query: str, *orders: Any, cursor: str | None = None) -> None:
    api.will_answer(f"GET /orders?{query}", 200, {"orders": list(orders), "nextCursor": cursor})


def test_orders_are_listed_and_searched(api: ScriptedApi, run: Run) -> None:
    lists(api, "limit=20", order("A-7", otherNumbers=["71"]), order(None, trackingNumber=None), cursor="next")
    code, out, err = run("orders")
    assert (code, err) == (0, "")
    assert out.splitlines()[2].split("  ")[0] == "A-7"
    assert "70000000001 and 71" in out
    assert out.endswith("More: --cursor next\n")
    query = "search=Bogot%C3%A1&shipped=false&hasGuide=true&stageId=won&limit=5&cursor=next"
    lists(api, query)
    found = run("orders", "Bogotá", "--not-shipped", "--guide", "--stage", "won", "--limit", 5, "--cursor", "next")
    assert found.out == "No order has 'Bogotá' in it.\n"


def test_orders_come_as_json_and_csv(api: ScriptedApi, run: Run) -> None:
    lists(api, "limit=20", order("=1+1"), order("A-8", contact=None))
    assert [each["name"] for each in json.loads(run("orders", "--json").out)["orders"]] == ["=1+1", "A-8"]
    rows = list(csv.DictReader(io.StringIO(run("orders", "--csv").out)))
    assert [row["name"] for row in rows] == ["'=1+1", "A-8"]
    assert rows[0]["phone"] == "'+57 300 1234567"
    assert rows[0]["number"] == "70000000001"
    assert rows[1]["contact"] == ""


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\tx", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"x{cell}") == f"x{cell}"
    assert (harmless(None), harmless(7)) == ("", "7")


def test_orders_fit_80_columns() -> None:
    names = ["A-1001", "Pedido de la tienda con un nombre que no cabe en ninguna parte", str(uuid4())]
    orders = [
        Order.model_validate(order(name, contact={"name": "Natalia Zúñiga Mosquera de la Espriella"})) for name in names
    ]
    console = Console(width=80, file=io.StringIO(), highlight=False)
    console.print(orders_table(orders))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined] # a StringIO
    assert max(map(len, lines)) <= 80
    assert any(names[2] in line for line in lines)


def failed(name: str, words: str, error_type: str = "portal") -> dict[str, Any]:
    return item(orderName=name, status="error", trackingNumber=None, errorType=error_type, errorMessage=words)


def has_errors(api: ScriptedApi, *items: Any) -> None:
    shown = job(id=str(JOB), errorCount=len(items))
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=1", 200, {"job": shown, "items": [], "nextCursor": None})
    page = {"job": shown, "items": list(items), "nextCursor": None}
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=500&status=error", 200, page)


def test_errors_are_grouped_by_type_and_words_the_most_frequent_first(api: ScriptedApi, run: Run) -> None:
    """Fails where the words' numbers count: a timeout of 30000 ms and one of 30001 ms are the same trouble."""
    timeouts = [failed(f"A-{n}", f"Timeout {30000 + n}ms exceeded") for n in range(5)]
    others = [failed("B-1", "Timeout 1ms exceeded", "timeout"), failed("B-2", "=HYPERLINK(1)"), failed("B-3", "no")]
    has_errors(api, others[0], *timeouts, *others[1:])
    code, out, _ = run("job", JOB, "--errors")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[2:]] == ["5", "1", "1", "1"]
    assert "Timeout 30000ms exceeded" in out
    assert "A-0, A-1, A-2 …" in out
    groups = json.loads(run("job", JOB, "--errors", "--json").out)
    assert groups[0] == {
        "errorType": "portal",
        "errorMessage": "Timeout 30000ms exceeded",
        "orders": ["A-0", "A-1", "A-2", "A-3", "A-4"],
    }
    rows = list(csv.reader(io.StringIO(run("job", JOB, "--errors", "--csv").out)))
    assert rows[0] == ["count", "type", "words", "orders"]
    assert rows[1] == ["5", "portal", "Timeout 30000ms exceeded", "A-0 A-1 A-2 A-3 A-4"]
    assert ["1", "portal", "'=HYPERLINK(1)", "B-2"] in rows


def test_a_job_without_errors_says_so_and_is_shown_without_the_option(api: ScriptedApi, run: Run) -> None:
    has_errors(api)
    assert run("job", JOB, "--errors").out == "None of its orders has failed.\n"
    assert str(JOB) in run("job", JOB).out
    assert json.loads(run("job", JOB, "--json").out)["id"] == str(JOB)
    assert run("job", JOB, "--csv").out.splitlines()[1].startswith(f"{JOB},processing,3,0,0,")


def test_jobs_and_their_orders_come_as_json_and_csv(api: ScriptedApi, run: Run) -> None:
    """Fails where they are tables alone, which a program reads by their columns' widths."""
    shown = job(id=str(JOB), errorCount=1)
    api.will_answer("GET /robot-jobs?limit=20", 200, {"jobs": [shown], "nextCursor": "more"})
    assert json.loads(run("list", "--json").out)["nextCursor"] == "more"
    assert run("list", "--csv").out.splitlines() == [
        "id,status,total,shipped,failed,created",
        f"{JOB},processing,3,0,1,2026-03-04T05:06:07+00:00",
    ]
    has_errors(api, failed("=A-1", "no"))
    page = {"job": shown, "items": [failed("=A-1", "no"), item(orderName="A-2")], "nextCursor": None}
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=500", 200, page)
    told = json.loads(run("show", JOB, "--json").out)
    assert (told["job"]["id"], [each["orderName"] for each in told["items"]]) == (str(JOB), ["=A-1", "A-2"])
    rows = list(csv.DictReader(io.StringIO(run("show", JOB, "--csv").out)))
    assert [(row["name"], row["number"], row["error"]) for row in rows] == [
        ("'=A-1", "", "no"),
        ("A-2", "70000000001", ""),
    ]
    for words in (("list",), ("show", JOB)):
        assert run(*words, "--csv", "--json").err == "robot-jobs: Give --json or --csv, not both.\n"


def test_the_help_says_what_the_exit_codes_mean(run: Run) -> None:
    told = " ".join(run("--help").out.split())
    for words in ("0 done", "1 refused, failed", "2 the command line is wrong", f"{EXIT_NOT_ALL_SHIPPED} (watch)"):
        assert words in told
    assert run("no-such-command").code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_the_commands(shell: str, run: Run) -> None:
    assert "--show-completion" in run("--help").out
    program = Path(sys.executable).with_name("robot-jobs")
    asked = os.environ | {"_ROBOT_JOBS_COMPLETE": f"source_{shell}"}
    said = subprocess.run([str(program)], env=asked, capture_output=True, text=True, check=True).stdout  # noqa: S603 - ours
    assert "_ROBOT_JOBS_COMPLETE=complete_" in said
