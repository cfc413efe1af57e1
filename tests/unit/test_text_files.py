"""Whole files of orders: each sample gives the right value, and nothing of a file that is refused is taken."""

import codecs
import csv
import io
import time
from decimal import Decimal
from pathlib import Path
from typing import Any
from unicodedata import normalize
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.intake import MAX_REFUSALS, Note, OrderFile, RefusedFile, read_order_file
from tests.conventions import Convention, cents, conventions, patient

CASES = Path(__file__).parents[1] / "cases"
SAMPLE_ORDERS = Path(__file__).parents[2] / "local" / "samples" / "orders.csv"
WORKSPACE = UUID("0198c2a0-0000-7000-8000-000000000001")
HEADER = "name,recipient,identification,phone,email,address,city,department,total_value,prepaid"
ROW = "{name},Inés Duarte,1030507090,3001234567,,Cra 21 # 80-16,Bogotá,Bogotá D.C.,{total},{prepaid}"


def understood(data: bytes | str, workspace: UUID | None = WORKSPACE) -> OrderFile:
    read = read_order_file(data if isinstance(data, bytes) else data.encode(), workspace)
    assert isinstance(read, OrderFile), [note.sentence for note in read.refusals]
    return read


def refused(data: bytes | str, workspace: UUID | None = WORKSPACE) -> tuple[Note, ...]:
    read = read_order_file(data if isinstance(data, bytes) else data.encode(), workspace)
    assert isinstance(read, RefusedFile)
    assert all(note.sentence.endswith(".") for note in read.refusals)
    return read.refusals


def said(notes: tuple[Note, ...]) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(note.code.value, note.line, note.column, note.name) for note in notes]


def file_of(*rows: tuple[str, str, str]) -> str:
    lines = [ROW.format(name=name, total=total, prepaid=prepaid) for name, total, prepaid in rows]
    return "\n".join([HEADER, *lines, ""])


def case(name: str) -> bytes:
    return (CASES / name).read_bytes()


def test_a_spanish_sheets_thousands_are_thousands() -> None:
    """Read as floats, the carrier collects 89.9 pesos for a parcel of 89,900."""
    orders = understood(case("thousands_point.csv")).orders
    assert [order.body["totalValue"] for order in orders] == [89900, 150000]


def test_one_sheet_from_windows_and_from_a_mac_is_one_order_in_composed_letters() -> None:
    """Taken as written, the second file is a second shipment."""
    [windows], [mac] = (understood(case(f"{name}.csv")).orders for name in ("windows_nfc", "mac_nfd"))
    assert normalize("NFD", windows.name) in case("mac_nfd.csv").decode()
    assert (mac.id, mac.body) == (windows.id, windows.body)
    assert mac.body["contact"]["name"] == "José Peña"
    assert uuid5(WORKSPACE, normalize("NFD", "Niño-7")) == mac.known_ids[0]


def test_a_row_that_was_cut_off_is_refused() -> None:
    """Taken as it is, an order that was paid is collected 1899 pesos for."""
    [note] = refused(case("cut_off_last_row.csv"))
    assert said((note,)) == [("missing_cells", 3, "prepaid", "P-2")]
    assert note.sentence.startswith("line 3, prepaid (P-2): the file ends in the middle of this row")


def test_columns_that_are_there_twice_are_named() -> None:
    notes = refused(case("column_twice.csv"))
    assert said(notes) == [("column_twice", 1, "total_value", None), ("column_twice", 1, "phone", None)]
    assert "as G and as I" in notes[0].sentence


def test_a_table_tools_floats_are_the_digits_that_they_were() -> None:
    [floats], [digits] = (understood(case(f"table_tool_{name}.csv")).orders for name in ("floats", "digits"))
    assert (floats.id, floats.body) == (digits.id, digits.body)
    assert (floats.name, floats.body["contact"]["identification"]) == ("1003", "1020304052")


def test_lost_letters_are_refused_by_line_and_column() -> None:
    notes = refused(case("lost_letters.csv"))
    assert said(notes) == [("lost_character", 2, "recipient", "N-1"), ("lost_character", 2, "address", "N-1")]


def test_phones_of_other_countries_are_taken_as_written_and_their_lines_named() -> None:
    read = understood(case("foreign_phones.csv"))
    assert [note.line for note in read.remarks] == [2, 3, 4, 5, 6]
    assert {note.code.value for note in read.remarks} == {"foreign_phone"}
    assert read.orders[0].body["contact"]["phone"] == "+32 2 123 45 67"


def test_an_order_twice_is_found_over_the_whole_file() -> None:
    """Checked by chunks of a thousand, the first order is replaced by the last."""
    rows = [ROW.format(name=f"D-{number}", total=89900, prepaid="no") for number in range(1000)]
    last = ROW.format(name="D-0", total=45000, prepaid="no")
    [note] = refused("\n".join([HEADER, *rows, last, ""]))
    assert said((note,)) == [("order_twice", 1002, None, "D-0")]
    assert "line 2 " in note.sentence


@pytest.mark.parametrize(
    ("one", "other"),
    [("1003", "1003.0"), ("Niño", "Nin\N{COMBINING TILDE}o"), ("A 7", "A  7"), ("A-7", "\N{ZERO WIDTH SPACE}A-7")],
)
def test_an_order_twice_is_found_in_every_spelling(one: str, other: str) -> None:
    assert said(refused(file_of((one, "1", "no"), (other, "2", "no"))))[0][:2] == ("order_twice", 3)


def test_an_id_that_is_there_twice_is_the_same_order() -> None:
    id_ = uuid5(WORKSPACE, "A-1")
    assert said(refused(f"id,name\n,A-1\n{id_},B-2\n")) == [("order_twice", 3, None, "B-2")]


def test_a_row_becomes_an_order_with_its_contact() -> None:
    [order] = understood(
        "name,recipient,phone,city,total_value,prepaid\nA-1,Óscar,3001234567,Bogotá,189900.50,sí\n"
    ).orders
    assert order.body == {
        "id": str(uuid5(WORKSPACE, "A-1")),
        "name": "A-1",
        "shippingCity": "Bogotá",
        "totalValue": 189900.5,
        "prepaid": True,
        "contact": {"name": "Óscar", "phone": "3001234567"},
    }
    assert (order.line, order.name, order.city) == (2, "A-1", "Bogotá")


def test_an_empty_cell_is_left_out_and_an_id_is_kept() -> None:
    id_ = uuid4()
    [order] = understood(f"id,name,phone\n{id_},,\n", None).orders
    assert order.body == {"id": str(id_)}
    assert order.known_ids == (id_,)


def test_an_order_with_an_id_or_a_number_of_its_own_is_no_other_order_of_its_name() -> None:
    """Naive: an order of last year that had this name is found again, and written over."""
    id_ = uuid4()
    text = f"id,external_id,name\n{id_},,1003\n,W-1,1003\n{uuid4()},W-2,1003\n,,1003\n,W-3,\n"
    orders = understood(text).orders
    assert [order.known_ids == (order.id,) for order in orders] == [True, True, True, False, True]
    assert orders[0].id == id_
    assert [(order.name, order.reference) for order in orders] == [
        ("1003", None),
        ("1003", "W-1"),
        ("1003", None),
        ("1003", "1003"),
        # What a person reads where the order has no name.
        ("W-3", "W-3"),
    ]


def test_the_projects_own_sample_is_read_as_it_always_was() -> None:
    read = understood(SAMPLE_ORDERS.read_bytes())
    rows = list(csv.DictReader(io.StringIO(SAMPLE_ORDERS.read_text())))
    assert [order.id for order in read.orders] == [uuid5(WORKSPACE, row["name"]) for row in rows]
    assert [order.body["totalValue"] for order in read.orders] == [int(row["total_value"]) for row in rows]
    assert read.remarks == ()


def test_amounts_that_contradict_each_other_are_refused_with_both_lines() -> None:
    """Each read by itself, one of them is a thousand times too much or too little."""
    notes = refused(file_of(("A-1", "89.900", "no"), ("A-2", "5", "no"), ("A-3", "89.9", "yes")))
    assert said(notes) == [("amounts_contradict", 4, "total_value", "A-3")]
    assert '"89.9" here and "89.900" on line 2' in notes[0].sentence


@pytest.mark.parametrize("total", ["-5", "1e5", "٨٩٩٠٠", "８９９００", "0.125", "1234.567", "45.", "89 90", "1_000"])  # noqa: RUF001 - what must not be read
def test_an_amount_in_doubt_is_refused(total: str) -> None:
    assert said(refused(file_of(("A-1", total, "no")))) == [("invalid_amount", 2, "total_value", "A-1")]


@pytest.mark.parametrize("empty", ["", " ", "-", "nan", "null", '""'])
def test_an_empty_amount_is_one_only_for_an_order_that_is_prepaid(empty: str) -> None:
    assert "totalValue" not in understood(file_of(("A-1", empty, "yes"))).orders[0].body
    for prepaid in ("no", "", "-"):
        assert said(refused(file_of(("A-1", empty, prepaid)))) == [("missing_amount", 2, "total_value", "A-1")]
    assert understood(file_of(("A-1", "0", "no"))).orders[0].body["totalValue"] == 0


def test_a_file_with_one_of_the_two_columns_of_money_needs_the_amount_too() -> None:
    assert said(refused("name,prepaid\nA-1,no\n")) == [("missing_amount", 2, "total_value", "A-1")]
    assert said(refused("name,total_value\nA-1,\n")) == [("missing_amount", 2, "total_value", "A-1")]
    assert understood("name,city\nA-1,Cali\n").orders[0].body.keys() == {"id", "name", "shippingCity"}


def test_refusals_are_collected_in_the_order_of_the_lines_and_fifty_are_told() -> None:
    rows = [(f"A-{number}", "much", "maybe") for number in range(40)]
    read = read_order_file(file_of(*rows).encode(), WORKSPACE)
    assert isinstance(read, RefusedFile)
    assert (len(read.refusals), read.total) == (MAX_REFUSALS, 80)
    assert [note.line for note in read.refusals] == [2 + number // 2 for number in range(50)]


def test_what_holds_for_a_whole_column_is_told_in_the_order_of_the_lines_too() -> None:
    notes = refused(file_of(("A-1", "89.900", "no"), ("A-2", "89.9", "no"), ("A-3", "much", "no")))
    assert [(note.code, note.line) for note in notes] == [("amounts_contradict", 3), ("invalid_amount", 4)]


def test_a_file_of_ten_thousand_rows_is_read_soon_and_one_more_is_refused() -> None:
    rows = [(f"Niño-{number}", f"{number % 900 + 1}.900", "no") for number in range(10_001)]
    started = time.process_time()
    assert len(understood(file_of(*rows[:-1])).orders) == 10_000
    assert time.process_time() - started < 5  # under 2 s on a machine that does nothing else
    assert said(refused(file_of(*rows))) == [("too_many_rows", 10_002, None, None)]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_last_line_without_its_end_is_taken_and_named_with_its_amount(ending: str) -> None:
    whole = file_of(("A-1", "89.900", "no"), ("A-2", "1.899", "no")).replace("\n", ending)
    assert understood(whole).remarks == ()
    read = understood(whole.rstrip("\r\n"))
    assert len(read.orders) == 2
    assert said(read.remarks) == [("last_line_open", 3, None, "A-2")]
    assert "its amount is 1899" in read.remarks[0].sentence


def test_a_last_line_without_its_end_may_not_end_before_its_row_does() -> None:
    """An optional column may be missing at the end of a row, but not where the file may have been cut off."""
    rows = "name,total_value,prepaid,email\nA-1,5,yes\nA-2,5,yes"
    assert said(refused(rows)) == [("missing_cells", 3, "email", "A-2")]
    assert understood(f"{rows}\n").orders[1].name == "A-2"


def test_a_row_may_end_before_a_column_that_is_none_of_an_order_s() -> None:
    """Naive: a file is refused for cells that nobody reads."""
    rows = b"name,total_value,prepaid,nota interna\nA-1,5,yes,call first\nA-2,5,yes\n"
    read = read_order_file(rows, WORKSPACE, mapping={"nota interna": "-"})
    assert isinstance(read, OrderFile)
    assert [order.name for order in read.orders] == ["A-1", "A-2"]


def test_no_id_follows_from_a_name_without_a_workspace_which_is_said_once() -> None:
    assert said(refused("name\nA-1\nA-2\n", None)) == [("unknown_workspace", 2, "name", "A-1")]


ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
NAMES = st.lists(st.text("aáñÑ -Z09", min_size=3, max_size=8).map(lambda text: f"P{text}Q"), min_size=1, max_size=6)
LAYOUTS = st.fixed_dictionaries(
    {
        "form": st.sampled_from(["NFC", "NFD"]),
        "encoding": ENCODINGS,
        "delimiter": st.sampled_from(",;\t"),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    }
)


def written(rows: list[list[str]], form: Any, encoding: str, **layout: Any) -> bytes:
    target = io.StringIO()
    csv.writer(target, **layout).writerows(rows)
    return normalize(form, target.getvalue()).encode(encoding)


@settings(max_examples=60, deadline=None)
@given(NAMES, st.lists(cents, min_size=6, max_size=6), conventions, LAYOUTS)
def test_a_file_written_by_any_convention_is_read_as_its_author_meant(
    names: list[str], amounts: list[int], convention: Convention, layout: dict[str, Any]
) -> None:
    orders = list(zip({" ".join(name.split()): name for name in names}.values(), amounts, strict=False))
    rows = [[name, "Bogotá", convention.write(amount), "no"] for name, amount in orders]
    read = understood(written([["name", "city", "total_value", "prepaid"], *rows], **layout)).orders
    assert [Decimal(str(order.body["totalValue"])) for order in read] == [
        convention.meant(amount) for _, amount in orders
    ]
    assert [order.id for order in read] == [uuid5(WORKSPACE, " ".join(name.split())) for name, _ in orders]
    assert {order.city for order in read} == {"Bogotá"}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 400), ENCODINGS)
def test_a_file_that_is_cut_anywhere_gives_no_order_another_value(at: int, encoding: str) -> None:
    """Whatever is left is refused, or gives the orders that were in it, but for the last, which is named."""
    text = file_of(("A-1", "189.900", "yes"), ("A-2", "1.899.000", "no"), ("A-3", "75.900", "no"))
    data = text.encode(encoding)[: at * len(text.encode(encoding)) // 400]
    read = read_order_file(data, WORKSPACE)
    if isinstance(read, OrderFile):
        whole = {order.name: order.body for order in understood(text).orders}
        named = {note.name for note in read.remarks if note.code == "last_line_open"}
        assert all(whole[order.name] == order.body for order in read.orders if order.name not in named)
        assert len(named) <= 1


@patient
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    read = read_order_file(data, WORKSPACE)
    assert isinstance(read, OrderFile) or read.refusals


@patient
@given(st.text("name,total_value\n\r\"';=0123456789.-\t ñ", max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    read = read_order_file(codecs.BOM_UTF8 + text.encode(), WORKSPACE)
    assert isinstance(read, OrderFile) or read.refusals
