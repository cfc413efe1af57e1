"""`robot-jobs import-orders`: a file is checked before it is written, and what looks like another order is left out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.unit.cli_api import Ended, ScriptedApi, checked, problem
from tests.workbooks import workbook

Run = Callable[..., Ended]
REASON = "Order 1024 goes to the same phone and address, and was shipped on 2026-03-04 with number 7000."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.xlsx"
    path.write_bytes(workbook(("Pedido", "Ciudad"), ("A-1", "Cali"), ("A-2", "Cali"), ("A-3", "Cali")))
    return path


def lookalike(index: int) -> dict[str, Any]:
    return {
        "index": index,
        "orderId": str(uuid4()),
        "code": "same_phone_and_address",
        "reason": REASON,
        "likeOrderId": str(uuid4()),
        "jobId": None,
        "trackingNumber": "7000",
    }


def written(api: ScriptedApi) -> list[list[str]]:
    return [[order["name"] for order in each.body["orders"]] for each in api.requests if each.path == "/orders"]


def test_a_check_says_what_an_import_would_do_and_writes_nothing(api: ScriptedApi, run: Run, file: Path) -> None:
    api.will_answer("POST /order-checks", 200, checked(new=1, changed=1, unchanged=1, lookalikes=[lookalike(1)]))
    code, out, err = run("import-orders", file, "--check")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "New: 1, changed: 1, unchanged: 1.",
        "New, and look like orders that are on their way or were shipped: 1",
        f"  line 3 (A-2): {REASON}",
    ]
    assert written(api) == []


def test_what_looks_like_another_order_is_left_out_until_it_is_confirmed(
    api: ScriptedApi, run: Run, file: Path
) -> None:
    """Naive: a shop's order that was entered twice under two ids is shipped twice."""
    api.will_answer("POST /order-checks", 200, checked(new=3, lookalikes=[lookalike(1)]))
    api.will_answer("POST /orders", 200, {"imported": 2})
    code, out, err = run("import-orders", file)
    assert (code, err) == (3, "")
    assert written(api) == [["A-1", "A-3"]]
    assert "Orders imported: 2\n" in out
    assert "were shipped: 1\n" in out
    assert f"  line 3 (A-2): {REASON}" in out
    assert "--confirm-lookalikes" in out
    assert run("import-orders", file, "--confirm-lookalikes").code == 0
    assert written(api)[1:] == [["A-1", "A-2", "A-3"]]


def test_a_check_names_each_bad_row_and_counts_the_others(api: ScriptedApi, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("pedido;valor;ciudad\nA-1;much;Cali\nA-2;5;Cali\n", encoding="utf-8")
    api.will_answer("POST /order-checks", 200, checked(new=1))
    code, out, err = run("import-orders", file, "--check")
    assert (code, out.splitlines()) == (1, ["Of the rows that can be read:", "New: 1, changed: 0, unchanged: 0."])
    assert 'line 2, total_value (A-1): the cell is "much", no amount in pesos' in err
    assert [order["name"] for order in api.requests[0].body["orders"]] == ["A-2"]
    assert run("import-orders", file).code == 1
    assert written(api) == []


def test_a_refusal_of_the_check_is_told_by_line_and_nothing_is_written(api: ScriptedApi, run: Run, file: Path) -> None:
    said = "orders.1.totalValue must have at most 2 decimals."
    api.will_answer("POST /order-checks", 422, problem(422, "invalid_number", said))
    code, out, err = run("import-orders", file)
    assert (code, out) == (1, "")
    assert "That is A-2 (line 3)." in err
    assert "Nothing was written." in err
    assert written(api) == []


def test_an_external_id_of_another_order_is_told_by_line(api: ScriptedApi, run: Run, file: Path) -> None:
    details = {"refs": ["A-2"]}
    api.will_answer("POST /order-checks", 422, problem(422, "duplicate_refs", "orders has references twice", **details))
    assert "A-2 (line 3)" in run("import-orders", file).err


def test_a_heading_is_mapped_or_passed_over(api: ScriptedApi, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("Ref=Web\tColor\tDir. cliente\nA-1\trojo\tCalle 1\n", encoding="utf-16")
    api.will_answer("POST /order-checks", 200, checked(new=1))
    api.will_answer("POST /orders", 200, {"imported": 1})
    refused = run("import-orders", file)
    assert refused.code == 1
    assert '--map "HEADING=COLUMN"' in refused.err
    options = ("--map", "ref=web=external_id", "--map", "Color=-", "--map", "DIR CLIENTE = address")
    assert run("import-orders", file, *options) == Ended(0, "Orders imported: 1\n", "")
    assert api.requests[-1].body["orders"] == [{"externalId": "A-1", "shippingAddress": "Calle 1"}]


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["Color"], "says of no heading which column it is"),
        (["=address"], "says of no heading which column it is"),
        (["Color=-", "Color=address"], "says of 'Color' twice"),
        (["Color=colour"], '"Color" is said to be "colour", no column; known are address'),
        (["Colour=-"], 'no column is called "Colour"'),
        (["Ciudad=-", "CIUDAD=city"], '"CIUDAD" is said to be two columns'),
    ],
)
def test_a_mapping_that_can_not_be_meant_is_refused(run: Run, file: Path, options: list[str], said: str) -> None:
    code, out, err = run("import-orders", file, *(word for option in options for word in ("--map", option)))
    assert (code, out) == (1, "")
    assert said in err


def test_orders_of_a_file_are_submitted_by_what_the_shop_calls_them(api: ScriptedApi, run: Run, file: Path) -> None:
    """Naive: an order that came by the API with an id of its own is not known by the one that its name gives."""
    made = {"jobId": str(uuid4()), "itemCount": 4, "items": [], "rejected": []}
    api.will_answer("POST /robot-jobs", 201, made)
    assert run("submit", "Z-9", "--all-from", file).code == 0
    assert api.requests[-1].body == {"orderRefs": ["Z-9", "A-1", "A-2", "A-3"]}
    assert run("submit", "Z-9").code == 0
    assert api.requests[-1].body == {"orderRefs": ["Z-9"]}


def test_unknown_references_are_told_by_line(api: ScriptedApi, run: Run, file: Path) -> None:
    details = {"orderRefs": ["A-3"]}
    api.will_answer("POST /robot-jobs", 422, problem(422, "orders_not_found", "These orders are not known", **details))
    assert "A-3 (line 4)" in run("submit", "--all-from", file).err


@pytest.mark.usefixtures("api")
def test_ids_and_references_are_not_mixed(run: Run, file: Path) -> None:
    code, _, err = run("submit", uuid4(), "Z-9", "--all-from", file)
    assert (code, "Name all orders by their ids" in err) == (1, True)
