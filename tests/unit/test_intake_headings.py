"""Headings are understood in Spanish and English, however they are spelt, or refused by name."""

import json
import unicodedata
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.intake import Note, OrderFile, RefusedFile, read_headings, read_order_file
from shared.intake.columns import known_column
from shared.intake.headings import AMBIGUOUS, HEADINGS
from shared.logistics import normalise
from tests.workbooks import workbook

CASE = Path(__file__).parents[1] / "cases" / "headings.json"
WORKSPACE = UUID("0198c2a0-0000-7000-8000-000000000001")
#: A cell that each column takes, and where it is found again.
CELLS = {
    "external_id": "W-1",
    "name": "A-1",
    "recipient": "Inés Duarte",
    "identification": "1030507090",
    "phone": "3001234567",
    "email": "ines@example.com",
    "address": "Cra 21 # 80-16",
    "city": "Bogotá",
    "department": "Bogotá D.C.",
    "total_value": "89900",
    "prepaid": "no",
    "units": "2",
    "carrier": "coordinadora",
}
EVERY = [(column, heading) for column, headings in HEADINGS.items() for heading in headings]


def read(header: list[str], *rows: list[str], separator: str = ";") -> OrderFile | RefusedFile:
    lines = [separator.join(cells) for cells in (header, *rows)]
    return read_order_file("\n".join([*lines, ""]).encode(), WORKSPACE)


def refusals(header: list[str], *rows: list[str]) -> tuple[Note, ...]:
    answer = read(header, *rows)
    assert isinstance(answer, RefusedFile), answer
    return answer.refusals


def test_every_heading_means_one_column() -> None:
    """Naive: of two columns that have the same heading, the later one gets it."""
    normal = [normalise(heading) for _, heading in EVERY]
    assert len(set(normal)) == len(normal)
    for column, heading in EVERY:
        known = known_column(heading)
        assert known is not None
        assert known.name == column
    assert not any(known_column(heading) for heading in AMBIGUOUS)


def test_the_headings_that_are_written_out_a_second_time_are_those_of_the_program() -> None:
    """A list that is compared with itself agrees with every slip of the pen: a shop's file is refused for it."""
    written: dict[str, list[str]] = json.loads(CASE.read_text(encoding="utf-8"))
    assert {column: set(headings) for column, headings in HEADINGS.items()} == {
        column: set(headings) for column, headings in written.items()
    }


def spelt(heading: str, draw: st.DrawFn) -> str:
    heading = draw(st.sampled_from([heading.lower(), heading.upper(), heading.title(), heading]))
    heading = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), heading)
    if draw(st.booleans()):
        bare = unicodedata.normalize("NFD", heading)
        heading = "".join(each for each in bare if not unicodedata.combining(each))
    space = draw(st.sampled_from([" ", "_", "  ", "-", ". ", "\N{NO-BREAK SPACE}"]))
    return (
        draw(st.sampled_from(["", " ", "\N{ZERO WIDTH SPACE}"]))
        + space.join(heading.split())
        + draw(st.sampled_from(["", " ", ":", "*"]))
    )


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    names = [*draw(st.lists(st.sampled_from([*CELLS]), unique=True, max_size=10)), "name", "total_value"]
    if not {"phone", "identification", "email"}.isdisjoint(names):
        # They are somebody's.
        names.append("recipient")
    columns = draw(st.permutations(list(dict.fromkeys(names))))
    headings = [
        spelt(draw(st.sampled_from([name.replace("_", " "), *HEADINGS.get(name, ())])), draw) for name in columns
    ]
    return headings, list(columns)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_a_table_in_any_order_and_spelling_is_the_same_orders(table: tuple[list[str], list[str]]) -> None:
    headings, columns = table
    answer = read(headings, [CELLS[column] for column in columns])
    plain = read(columns, [CELLS[column] for column in columns])
    assert isinstance(answer, OrderFile), (headings, answer)
    assert isinstance(plain, OrderFile)
    assert answer.orders == plain.orders


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_characters=';"\n\r', exclude_categories=["Cs"]), max_size=12), max_size=8)
)
def test_no_header_breaks_the_reader_or_is_half_understood(headings: list[str]) -> None:
    """What is read has no heading that is unknown."""
    answer = read(["pedido", *headings], ["A-1", *("" for _ in headings)])
    if isinstance(answer, OrderFile):
        assert all(
            known_column(each) or normalise(each) == "" or normalise(each).lower() in AMBIGUOUS for each in headings
        )
    else:
        assert answer.refusals


@pytest.mark.parametrize(
    "heading", ["Dirección", "direccion envío", "address", "DIRECCION_DE_ENTREGA", "shippingAddress"]
)
def test_an_address_has_many_names(heading: str) -> None:
    answer = read(["Pedido", heading], ["A-1", "Calle 1"])
    assert isinstance(answer, OrderFile)
    assert answer.orders[0].body["shippingAddress"] == "Calle 1"


@pytest.mark.parametrize(
    "heading", ["N° Pedido", "Nº de pedido", "No. Pedido", "Número de Orden", "# Pedido", "Order #"]
)
def test_a_shop_s_number_names_the_order(heading: str) -> None:
    answer = read([heading, "Ciudad"], ["1024", "Cali"])
    assert isinstance(answer, OrderFile)
    assert (answer.orders[0].name, answer.orders[0].reference) == ("1024", "1024")


@pytest.mark.parametrize("heading", ["Nombre", "Nombres"])
def test_nombre_is_who_receives_where_the_order_has_its_own_column(heading: str) -> None:
    answer = read([heading, "Pedido"], ["Inés", "A-1"])
    assert isinstance(answer, OrderFile)
    assert answer.orders[0].body["contact"] == {"name": "Inés"}
    named = read([heading, "Destinatario"], ["A-1", "Inés"])
    assert isinstance(named, OrderFile)
    assert named.orders[0].name == "A-1"


def test_nombre_alone_is_refused() -> None:
    """Naive: taken for the order, two buyers called Ana are one order."""
    [note] = refusals(["Nombre", "Ciudad"], ["Ana", "Cali"])
    assert (note.code, note.column) == ("ambiguous_column", "column A")
    assert "may be name or recipient" in note.sentence


def test_two_headings_of_one_column_are_refused_by_their_places() -> None:
    [note] = refusals(["Pedido", "Teléfono", "Celular"], ["A-1", "3001234567", "3109876543"])
    assert (note.code, note.column) == ("column_twice", "phone")
    assert "as B and as C" in note.sentence


@pytest.mark.parametrize(
    "heading", ["Estado", "Precio", "Valor declarado", "Referencia", "Subtotal", "Fecha", "Producto"]
)
def test_what_may_be_anything_is_no_heading(heading: str) -> None:
    [note] = refusals(["Pedido", heading], ["A-1", "x"])
    assert (note.code, note.column) == ("unknown_column", "column B")


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ({"Color": "colour"}, '"Color" is said to be "colour", no column'),
        ({"Color": "address", "COLOR ": "city"}, "is said to be two columns"),
        ({"Colour": "address"}, 'no column is called "Colour", which is said to be address'),
    ],
)
def test_what_is_said_of_a_heading_has_to_be_true(mapping: dict[str, str], why: str) -> None:
    """Naive: it is passed over, and the orders go without an address."""
    answer = read_order_file(b"Pedido;Color\nA-1;Calle 1\n", WORKSPACE, mapping)
    assert isinstance(answer, RefusedFile)
    assert answer.refusals[0].code == "unknown_mapping"
    assert why in answer.refusals[0].sentence


@pytest.mark.parametrize(
    ("mapping", "body"),
    [
        ({"color": "address"}, {"shippingAddress": "Calle 1"}),
        ({"Color": "address", "COLOR": "address"}, {"shippingAddress": "Calle 1"}),
        ({"Color": "-"}, {}),
        # What is said counts before what the heading means.
        ({"Color": "name", "Pedido": "city"}, {"name": "Calle 1", "shippingCity": "A-1"}),
    ],
)
def test_a_heading_is_the_column_that_it_is_said_to_be(mapping: dict[str, str], body: dict[str, str]) -> None:
    answer = read_order_file(b"Pedido;Color\nA-1;Calle 1\n", WORKSPACE, mapping)
    assert isinstance(answer, OrderFile)
    [order] = answer.orders
    assert order.body == {"id": order.body["id"], "name": "A-1"} | body


def test_any_number_of_columns_may_be_said_to_be_none() -> None:
    answer = read_order_file(b"Pedido;Color;Talla\nA-1;rojo;M\n", WORKSPACE, {"Color": "-", "Talla": "-"})
    assert isinstance(answer, OrderFile)
    assert answer.orders[0].body.keys() == {"id", "name"}


def test_a_file_of_which_every_column_is_said_to_be_none_names_no_column() -> None:
    answer = read_order_file(b"Color\nrojo\n", WORKSPACE, {"Color": "-"})
    assert isinstance(answer, RefusedFile)
    assert [note.code for note in answer.refusals] == ["no_column_names"]


@pytest.mark.parametrize("ending", ["\n", "\r"])
def test_what_separates_words_in_a_row_is_not_what_separates_the_columns(ending: str) -> None:
    text = f"Color;Pedido{ending}rojo, azul, verde;A-1{ending}"
    answer = read_order_file(text.encode(), WORKSPACE, {"Color": "-"})
    assert isinstance(answer, OrderFile)
    assert [order.name for order in answer.orders] == ["A-1"]


def test_an_external_id_counts_before_the_name() -> None:
    answer = read(["Order ID", "Pedido"], ["W  1", "A-1"], ["W-2", "A-1"])
    assert isinstance(answer, OrderFile)
    assert [(order.name, order.reference) for order in answer.orders] == [("A-1", "W 1"), ("A-1", "W-2")]


def test_an_external_id_twice_with_two_addresses_is_refused() -> None:
    """Naive: the last address counts."""
    [note] = refusals(["Order ID", "Dirección"], ["W-1", "Calle 1"], ["W-1", "Calle 2"])
    assert (note.code, note.line, note.name) == ("order_twice", 3, "W-1")


def told(data: bytes) -> list[tuple[str, str | None]]:
    return [(heading.text, heading.column) for heading in read_headings(data)]


def test_each_heading_of_a_file_is_told_with_the_column_that_it_means_by_itself() -> None:
    """Two of one column both say which: only a person knows which of them counts."""
    header = ["Pedido", "Nombre", "Teléfono", "Celular", "", "Color", "Valor"]
    meant = ["name", "recipient", "phone", "phone", None, None, "total_value"]
    expected = [(heading, column) for heading, column in zip(header, meant, strict=True) if heading]
    assert told(";".join([*header, " \n"]).encode()) == expected
    assert told(workbook(header, ["A-1"])) == expected
    assert told(b"Nombre;Ciudad\nAna;Cali\n") == [("Nombre", None), ("Ciudad", "city")]


def test_a_date_above_a_column_is_no_heading() -> None:
    header = ["Pedido", datetime(2026, 3, 4), "Ciudad"]  # noqa: DTZ001 - as in a workbook
    assert told(workbook(header, ["A-1", "x", "Cali"])) == [("Pedido", "name"), ("Ciudad", "city")]


def test_headings_are_told_where_the_first_line_is_refused() -> None:
    assert told(b"Color,Talla\nrojo,M\n") == [("Color", None), ("Talla", None)]
    many = [f"c{number}" for number in range(100)]
    assert told(",".join(["Pedido", *many, ""]).encode()) == [("Pedido", "name"), *((each, None) for each in many)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"sep=;\n",
        b",,\nA-1,Cali,\n",
        b"%PDF-1.7",
        b"PK\x03\x04" + b"\0" * 99,
        workbook([]),
        b"name\n" + b"a" * 20_000_000,
    ],
    ids=["empty", "hint alone", "no names", "no text", "damaged", "empty sheet", "too large"],
)
def test_a_file_that_can_not_be_read_has_no_headings(data: bytes) -> None:
    assert told(data) == []
