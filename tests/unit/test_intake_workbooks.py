"""Orders from a workbook: values as they were entered, and each trap of a spreadsheet refused in a sentence."""

import io
import re
import struct
import zipfile
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.intake import Note, OrderFile, RefusedFile, read_order_file
from shared.intake.workbook import MAX_UNPACKED
from tests.workbooks import Formula, Sheet, packed, parts_of, workbook, workbook_of

WORKSPACE = UUID("0198c2a0-0000-7000-8000-000000000001")
HEADER = ("Pedido", "Destinatario", "Cédula", "Celular", "Dirección", "Ciudad", "Departamento", "Valor", "Pagado")
ROW = ("A-1", "Inés Duarte", 1030507090, 3001234567, "Cra 21 # 80-16", "Bogotá", "Bogotá D.C.", 89900, "no")
PARTS = parts_of({"Pedidos": Sheet([HEADER, ROW])})
SHEET = "xl/worksheets/sheet1.xml"


def understood(data: bytes) -> OrderFile:
    read = read_order_file(data, WORKSPACE)
    assert isinstance(read, OrderFile), [note.sentence for note in read.refusals]
    return read


def refused(data: bytes) -> tuple[Note, ...]:
    read = read_order_file(data, WORKSPACE)
    assert isinstance(read, RefusedFile), read
    assert all(note.sentence.endswith(".") for note in read.refusals)
    return read.refusals


def said(data: bytes) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(note.code.value, note.line, note.column, note.name) for note in refused(data)]


def row(**cells: Any) -> list[Any]:
    """Return a row with these cells instead, by their heading without accents."""
    names = ("pedido", "destinatario", "cedula", "celular", "direccion", "ciudad", "departamento", "valor", "pagado")
    return [cells.get(name, value) for name, value in zip(names, ROW, strict=True)]


def test_a_sheet_is_read_as_it_was_entered() -> None:
    read = understood(workbook(HEADER, ROW, row(pedido=1003, valor=134500.30000000002, departamento=5, pagado=True)))
    assert read.encoding == "xlsx"
    [first, second] = read.orders
    assert first.body == {
        "id": str(uuid5(WORKSPACE, "A-1")),
        "name": "A-1",
        "shippingAddress": "Cra 21 # 80-16",
        "shippingCity": "Bogotá",
        "shippingDepartment": "Bogotá D.C.",
        "totalValue": 89900,
        "prepaid": False,
        "contact": {"name": "Inés Duarte", "identification": "1030507090", "phone": "3001234567"},
    }
    assert (first.line, first.reference, second.line, second.reference) == (2, "A-1", 3, "1003")
    assert (second.body["totalValue"], second.body["prepaid"]) == (134500.3, True)
    assert second.body["shippingDepartment"] == "5"


def test_the_same_sheet_as_csv_is_the_same_orders() -> None:
    text = "\n".join([",".join(HEADER), ",".join(map(str, ROW)), ""])
    assert understood(text.encode()).orders == understood(workbook(HEADER, ROW)).orders


def test_lines_are_those_that_the_program_shows() -> None:
    assert [order.line for order in understood(workbook([], HEADER, [], ROW, [None], row(pedido="A-2"))).orders] == [
        4,
        6,
    ]


def test_a_number_cell_is_no_convention_of_the_texts_beside_it() -> None:
    read = understood(workbook(HEADER, row(valor="89.900"), row(pedido="A-2", valor=1200.5)))
    assert [order.body["totalValue"] for order in read.orders] == [89900, 1200.5]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"celular": datetime(2026, 3, 4)}, ("date_cell", 2, "phone", "A-1")),  # noqa: DTZ001 - as in a workbook
        ({"direccion": datetime(2026, 3, 4, 5, 6)}, ("date_cell", 2, "address", "A-1")),  # noqa: DTZ001 - the same
        ({"celular": Formula("D9&E9", "3001234567")}, ("formula", 2, "phone", "A-1")),
        ({"valor": Formula("SUM(A1:A9)", 89900)}, ("formula", 2, "total_value", "A-1")),
        ({"valor": Formula("SUM(A1:A9)", "")}, ("formula", 2, "total_value", "A-1")),
        ({"pedido": Formula("ROW()", 2)}, ("formula", 2, "name", None)),
        ({"ciudad": "#REF!"}, ("spreadsheet_error", 2, "city", "A-1")),
        ({"cedula": 1234567890123456}, ("lost_digits", 2, "identification", "A-1")),
        ({"valor": 0.125}, ("invalid_amount", 2, "total_value", "A-1")),
        ({"valor": -5}, ("invalid_amount", 2, "total_value", "A-1")),
        ({"valor": 1e12}, ("invalid_amount", 2, "total_value", "A-1")),
        ({"valor": None}, ("missing_amount", 2, "total_value", "A-1")),
        ({"valor": datetime(2026, 3, 4)}, ("date_cell", 2, "total_value", "A-1")),  # noqa: DTZ001 - the same
        ({"pagado": 2}, ("invalid_choice", 2, "prepaid", "A-1")),
    ],
    ids=str,
)
def test_a_cell_in_doubt_is_refused_by_line_and_column(cells: dict[str, Any], expected: tuple[Any, ...]) -> None:
    """Naive: the phone is 46085, and a formula that was never computed is an empty amount."""
    assert said(workbook(HEADER, row(**cells))) == [expected]


@pytest.mark.parametrize(
    "gone", [r' r="[A-Z]+[0-9]+"', r' r="[0-9]+"', r' r="[A-Z0-9]+"'], ids=["cells", "rows", "both"]
)
def test_a_cell_is_where_it_stands_though_the_sheet_does_not_say_where(gone: str) -> None:
    """Programs that write one cell after the other leave its address out: naive, its formula is another cell's."""
    rows = [HEADER, ROW, row(pedido="A-2", celular=Formula("D9&E9", "3001234567")), row(pedido="A-3", ciudad="#REF!")]
    parts = parts_of({"Pedidos": Sheet(rows)})
    assert said(packed(parts | {SHEET: re.sub(gone, "", parts[SHEET])})) == [
        ("formula", 3, "phone", "A-2"),
        ("spreadsheet_error", 4, "city", "A-3"),
    ]


def test_rows_that_do_not_say_where_they_stand_are_no_columns() -> None:
    """Naive: the hundred and first row is the hundred and first column, and the file is refused."""
    parts = parts_of({"Pedidos": Sheet([HEADER, *(row(pedido=f"A-{number}") for number in range(101))])})
    data = packed(parts | {SHEET: re.sub(r' r="[A-Z0-9]+"', "", parts[SHEET])})
    assert [order.line for order in understood(data).orders] == list(range(2, 103))


def test_an_order_may_be_called_by_a_number_with_a_fraction() -> None:
    """Naive: its whole part, which is another order."""
    assert [order.name for order in understood(workbook(HEADER, row(pedido=12.5), row(pedido=12))).orders] == [
        "12.5",
        "12",
    ]


def test_a_date_names_no_column() -> None:
    [note] = refused(workbook(["Pedido", datetime(2026, 3, 4)], ["A-1", "x"]))  # noqa: DTZ001 - as in a workbook
    assert (note.code, note.line, note.column) == ("unknown_column", 1, "column B")
    assert note.why.startswith('"is a date or a time to the workbook')


def test_a_text_that_a_formula_keeps_is_that_text() -> None:
    [order] = understood(workbook(HEADER, row(celular=Formula('"3001234567"', "3001234567")))).orders
    assert order.body["contact"]["phone"] == "3001234567"


def test_a_phone_of_one_digit_too_many_is_remarked_as_in_any_file() -> None:
    assert [note.column for note in understood(workbook(HEADER, row(celular=30012345678))).remarks] == ["phone"]


def test_fifteen_digits_are_kept_and_one_more_is_refused() -> None:
    """A workbook's number has no sixteenth digit: what stands there is a nought of its own."""
    [order] = understood(workbook(HEADER, row(cedula=999_999_999_999_999))).orders
    assert order.body["contact"]["identification"] == "999999999999999"
    assert said(workbook(HEADER, row(cedula=1_000_000_000_000_000))) == [("lost_digits", 2, "identification", "A-1")]


@pytest.mark.parametrize(("columns", "codes"), [(100, []), (101, ["too_many_columns"])])
def test_a_hundred_columns_are_read_and_one_more_is_refused(columns: int, codes: list[str]) -> None:
    wide = [*HEADER, *[None] * (columns - len(HEADER) - 1), "Unidades"], [*ROW, *[None] * (columns - len(ROW) - 1), 2]
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in line) for line in (*wide, ()))
    for data in (workbook(*wide), text.encode()):
        read = read_order_file(data, WORKSPACE)
        assert [note.code for note in (read.refusals if isinstance(read, RefusedFile) else ())] == codes
        assert [order.body["units"] for order in (read.orders if isinstance(read, OrderFile) else ())] == [2] * (
            not codes
        )


def test_zero_is_a_value() -> None:
    [order] = understood(workbook(HEADER, row(pedido=0, valor=0))).orders
    assert (order.name, order.body["totalValue"]) == ("0", 0)


def test_merged_cells_are_refused_each_by_its_place() -> None:
    """Naive: the second row of the two has no address, and goes nowhere."""
    notes = refused(workbook(HEADER, ROW, row(pedido="A-2", direccion=None), merged=["E2:E3", "A9:B9"]))
    assert [(note.code.value, note.line) for note in notes] == [("merged_cells", 2), ("merged_cells", 9)]
    assert "the cells E2 to E3 are merged" in notes[0].sentence


def test_rows_that_a_filter_hides_are_refused() -> None:
    """Naive: what the operator has filtered out is shipped."""
    notes = refused(workbook(HEADER, ROW, row(pedido="A-2"), row(pedido="A-3"), hidden=[3, 4, 7]))
    assert [(note.code.value, note.line) for note in notes] == [("hidden_rows", 3)]
    assert "and 1 more are" in notes[0].sentence
    [note] = refused(workbook(HEADER, ROW, row(pedido="A-2"), hidden=[3]))
    assert note.sentence.startswith("line 3: the row is hidden, by a filter or by hand; ")


def test_a_row_is_hidden_by_either_word_for_it() -> None:
    parts = parts_of({"Pedidos": Sheet([HEADER, ROW, row(pedido="A-2")], hidden=[3])})
    data = packed({**parts, SHEET: parts[SHEET].replace('hidden="1"', 'hidden="true"')})
    assert said(data) == [("hidden_rows", 3, None, None)]


def test_two_sheets_with_cells_are_refused_by_their_names() -> None:
    """Naive: the first one is imported, and the second one forgotten."""
    two = {"Marzo": Sheet([HEADER, ROW]), "Abril": Sheet([HEADER, ROW])}
    [note] = refused(workbook_of(two))
    assert (note.code, note.line) == ("several_sheets", None)
    assert '"Marzo", "Abril"' in note.sentence


@pytest.mark.parametrize(
    "other", [Sheet([]), Sheet([[None]]), *(Sheet([HEADER, ROW], state=state) for state in ("hidden", "veryHidden"))]
)
def test_a_sheet_that_is_empty_or_not_seen_is_none(other: Sheet) -> None:
    assert len(understood(workbook_of({"Hoja2": other, "Pedidos": Sheet([HEADER, ROW])})).orders) == 1


def test_a_sheet_that_says_nothing_of_being_seen_is_seen() -> None:
    """Most programs write nothing."""
    book = "xl/workbook.xml"
    assert ' state="visible"' in PARTS[book]
    assert len(understood(packed({**PARTS, book: PARTS[book].replace(' state="visible"', "")})).orders) == 1


@pytest.mark.parametrize("rows", [[], [[]], [[None, None]]])
def test_an_empty_workbook_is_refused(rows: Any) -> None:
    assert said(workbook(*rows)) == [("empty_file", None, None, None)]
    assert said(workbook(HEADER)) == [("no_rows", None, None, None)]


def test_two_hundred_columns_are_refused_once() -> None:
    """Naive: two hundred refusals, of which fifty are shown."""
    wide = [f"c{n}" for n in range(200)]
    assert said(workbook(wide, wide)) == [("too_many_columns", None, "column GR", None)]
    assert said((",".join(wide) + "\n").encode()) == [("too_many_columns", 1, "column CW", None)]


def test_a_cell_far_away_takes_no_room() -> None:
    """Naive: a cell at XFD1048576 takes room for seventeen thousand million."""
    # Its row does not say where it is, and it is not the last one there.
    far = '<row><c r="XFD1048576"><v>1</v></c><c r="B9"><v>1</v></c></row></sheetData>'
    assert [code for code, *_ in said(packed(PARTS | {SHEET: PARTS[SHEET].replace("</sheetData>", far)}))] == [
        "too_many_columns",
        "too_many_rows",
    ]


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    [note] = refused(packed(PARTS | {"xl/media/x.xml": b"0" * (MAX_UNPACKED + 1)}))
    assert note.code == "too_much_inside"
    assert note.why == "the workbook unpacks to more than 64 MB; keep the sheet of the orders alone"


@pytest.mark.parametrize(("more", "is_read"), [(994, True), (995, False)])
def test_a_thousand_parts_are_read_and_one_more_is_refused(more: int, *, is_read: bool) -> None:
    assert len(PARTS) == 6
    data = packed(PARTS | {f"xl/{number}.xml": "" for number in range(more)})
    assert isinstance(read_order_file(data, WORKSPACE), OrderFile) is is_read


def test_a_zip_bomb_that_lies_about_its_size_is_refused() -> None:
    """Naive: the archive says ten bytes, and its reader unpacks all of it."""
    bomb = bytearray(packed(PARTS | {"xl/bomb.xml": b"0" * 50_000_000}))
    size = struct.pack("<L", 50_000_000)
    assert bomb.count(size) == 2
    assert said(bytes(bomb.replace(size, struct.pack("<L", 10)))) == [("not_text", None, None, None)]


def test_entities_are_not_expanded() -> None:
    """Naive: a billion laughs."""
    laughs = PARTS[SHEET].replace("<worksheet", '<!DOCTYPE x [<!ENTITY a "ha">]><worksheet', 1)
    assert said(packed(PARTS | {SHEET: laughs})) == [("not_text", None, None, None)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 99, "password"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "not_text"),
        (b"PK\x03\x04" + b"\0" * 99, "not_text"),
        (packed({"photo.xml": "<a/>"}), "not_text"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}), "not_text"),
        (packed({"xl/workbook.xml": "<a/>"}), "not_text"),
        (packed({**PARTS, SHEET: PARTS[SHEET][:-30]}), "not_text"),
        (packed({**PARTS, "xl/styles.xml": PARTS["xl/styles.xml"][:-30]}), "not_text"),
        (packed({**PARTS, SHEET: PARTS[SHEET].replace('r="I2"', 'r="I-2"')}), "not_text"),
        (workbook(HEADER, ROW)[:-30], "not_text"),
    ],
)
def test_a_file_that_is_no_open_workbook_is_refused(data: bytes, code: str) -> None:
    assert said(data) == [(code, None, None, None)]


def test_a_sheet_is_read_to_its_end_or_not_at_all() -> None:
    """Naive: what the reader of cells forgives ends the look at the sheet, and formulas behind it are values."""
    parts = parts_of({"Pedidos": Sheet([HEADER, ROW, row(pedido="A-2", celular=Formula("D9&E9", "3001234567"))])})
    assert said(packed({**parts, SHEET: parts[SHEET].replace('<row r="3">', '<row r="3" r="3">')})) == [
        ("not_text", None, None, None)
    ]


def test_another_program_s_workbook_is_not_called_damaged() -> None:
    """Naive: somebody looks for a sound copy of a file that nothing is wrong with."""
    sheet_of_another = packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"})
    [note] = refused(sheet_of_another)
    assert "another program's workbook, not XLSX" in note.sentence
    assert "damaged" not in note.sentence
    [note] = refused(packed({"xl/workbook.xml": "<a/>"}))
    assert "damaged" in note.sentence


@pytest.mark.parametrize("members", [1, 6])
def test_an_archive_with_a_password_is_refused(members: int) -> None:
    """It may be that of a single member, which is as unreadable."""
    data = bytearray(workbook(HEADER, ROW))
    # The flag of each member, in its own header and in the directory.
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(sign)
        for _ in range(members):
            data[at + offset] |= 1
            at = data.find(sign, at + 1)
    assert [code for code, *_ in said(bytes(data))] == ["password"]


def test_one_order_twice_with_two_addresses_is_refused() -> None:
    """Naive: the last address counts, and both are shipped to it."""
    twice = workbook(HEADER, ROW, row(direccion="Calle 1"))
    assert said(twice) == [("order_twice", 3, None, "A-1")]


def test_all_that_is_wrong_with_a_sheet_is_told_what_is_of_no_line_first() -> None:
    wide = [*HEADER, *[None] * 100, "x"]
    notes = refused(workbook(wide, ROW, row(pedido="A-2"), merged=["A1:B1", "E9:E10"], hidden=[3]))
    assert [(note.code.value, note.line) for note in notes] == [
        ("too_many_columns", None),
        ("merged_cells", 1),
        ("hidden_rows", 3),
        ("merged_cells", 9),
    ]


@pytest.mark.parametrize(("line", "codes"), [(20_000, []), (20_001, ["too_many_rows"])])
def test_a_blank_line_may_stand_between_any_two_of_ten_thousand_rows(line: int, codes: list[str]) -> None:
    last = f'<row r="{line}"><c r="A{line}"><v>7</v></c><c r="I{line}" t="b"><v>1</v></c></row></sheetData>'
    read = read_order_file(packed({**PARTS, SHEET: PARTS[SHEET].replace("</sheetData>", last)}), WORKSPACE)
    if isinstance(read, OrderFile):
        assert [(order.name, order.line) for order in read.orders] == [("A-1", 2), ("7", line)]
    assert [(note.code, note.line) for note in (read.refusals if isinstance(read, RefusedFile) else ())] == [
        (code, line) for code in codes
    ]


def test_ten_thousand_rows_are_read_and_one_more_is_refused() -> None:
    rows = [row(pedido=f"A-{n}") for n in range(10_001)]
    assert len(understood(workbook(HEADER, *rows[:-1])).orders) == 10_000
    assert [code for code, *_ in said(workbook(HEADER, *rows))] == ["too_many_rows"]


WHOLE = workbook(HEADER, ROW, row(pedido="A-2"))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_byte_that_is_wrong_breaks_nothing(at: int, byte: int) -> None:
    data = bytearray(WHOLE)
    data[at] = byte
    read = read_order_file(bytes(data), WORKSPACE)
    assert isinstance(read, OrderFile) or read.refusals


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(min_codepoint=32, max_codepoint=0xFFFD, exclude_categories=["Cs"]), max_size=20),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(CELLS, min_size=9, max_size=9))
def test_no_cells_break_the_reader(cells: list[Any]) -> None:
    read = read_order_file(workbook(HEADER, cells), WORKSPACE)
    assert isinstance(read, OrderFile) or read.refusals


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**11), st.integers(0, 99), st.integers(3 * 10**9, 4 * 10**9 - 1))
def test_numbers_are_the_digits_that_were_entered(pesos: int, cents: int, phone: int) -> None:
    amount = float(f"{pesos}.{cents:02}")
    [order] = understood(workbook(HEADER, row(valor=amount, celular=phone, cedula=float(phone)))).orders
    assert order.body["totalValue"] == amount
    assert order.body["contact"]["phone"] == order.body["contact"]["identification"] == str(phone)


def test_the_parts_that_hold_no_cells_are_not_unpacked() -> None:
    with_picture = packed(PARTS | {"xl/media/logo.png": b"\0" * 70_000_000})
    with zipfile.ZipFile(io.BytesIO(with_picture)) as archive:
        assert "xl/media/logo.png" in archive.namelist()
    assert len(understood(with_picture).orders) == 1
