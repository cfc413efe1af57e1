"""The bytes, columns and rows of a file, each told apart from what it may have been."""

from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.intake import Note, OrderFile, RefusedFile, read_order_file
from shared.intake.columns import letters

WORKSPACE = UUID("0198c2a0-0000-7000-8000-000000000001")


def understood(data: bytes | str) -> OrderFile:
    read = read_order_file(data if isinstance(data, bytes) else data.encode(), WORKSPACE)
    assert isinstance(read, OrderFile), [note.sentence for note in read.refusals]
    return read


def refused(data: bytes | str) -> tuple[Note, ...]:
    read = read_order_file(data if isinstance(data, bytes) else data.encode(), WORKSPACE)
    assert isinstance(read, RefusedFile), read
    return read.refusals


def said(data: bytes | str) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(note.code.value, note.line, note.column, note.name) for note in refused(data)]


TAB = "\t"
TEXT = "name,recipient,city\nA-1,José Peña,Bogotá\nA-2,Inés Ñáñez,Cúcuta\n"


@pytest.mark.parametrize(
    ("encoding", "read_as"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
    ],
)
def test_an_encoding_that_is_certain_is_read(encoding: str, read_as: str) -> None:
    """Decoded as Latin-1, whatever it is, a label has letters of no language."""
    mark = "\N{ZERO WIDTH NO-BREAK SPACE}" if encoding.startswith("utf-16") else ""
    read = understood((mark + TEXT).encode(encoding))
    assert [order.body["contact"]["name"] for order in read.orders] == ["José Peña", "Inés Ñáñez"]
    assert [order.city for order in read.orders] == ["Bogotá", "Cúcuta"]
    assert read.encoding == read_as


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("name\nA-1\nFrançois\n".encode("cp1252"), 3),  # no letter of Spanish
        (TEXT.encode("mac_roman"), 2),
        (TEXT.encode("cp850"), 2),
        ("name\nA\u2013\n".encode("cp1252"), 2),  # a dash on Windows, or ñ on a Mac
        ("name\nJosé\n".encode("cp1252"), 2),  # é on Windows, or Ú in DOS
        ("name\nA-1\nÍÁ\n".encode("cp850"), 3),  # or a Hebrew vowel in UTF-8
        (b"name\nA\xff\xfe\n", 2),
        (b"\xef\xbb\xbfname\nA-1\nBogot\xe1\n", 3),  # the mark says UTF-8
        (b"\xff\xfen\x00a", 1),  # half a character of UTF-16
        ("name\nA-1\nЖ\n".encode("cp1251"), 3),
    ],
)
def test_an_encoding_that_is_in_doubt_is_refused_by_its_first_line(data: bytes, line: int) -> None:
    [note] = refused(data) if data[:2] != b"\xff\xfe" else refused(data + b"\xd8")
    assert (note.code, note.line) == ("unknown_encoding", line)
    assert note.why.endswith("save it as CSV UTF-8")


@settings(max_examples=300, deadline=None)
@example("ÍÁ", "cp850")
@given(st.text("abcdefáéíóúñüÁÉÍÓÚÑ", min_size=1, max_size=12), st.sampled_from(["cp1252", "mac_roman", "cp850"]))
def test_an_older_encoding_is_read_as_its_author_meant_or_refused(name: str, encoding: str) -> None:
    read = read_order_file(f"name\nX{name}\n".encode(encoding), WORKSPACE)
    if isinstance(read, OrderFile):
        assert read.orders[0].name == f"X{name}"
    else:
        assert [note.code.value for note in read.refusals] == ["unknown_encoding"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b" \r\n \r\n", "empty_file"),
        (b"PK\x03\x04abc", "not_text"),
        (b"\xd0\xcf\x11\xe0abc", "not_text"),
        (b"%PDF-1.7", "not_text"),
        ("name\nA-1\n".encode("utf-16-le"), "not_text"),
        (b"name\nA\0-1\n", "not_text"),
        (b"sep=;\n", "no_column_names"),
        (b"name,city\n", "no_rows"),
        (b"name", "no_rows"),
        (b"name,city\n,\n , \n", "no_rows"),
        (b"x", "unknown_column"),
        (b",,\nA-1,Cali,\n", "no_column_names"),
        (b'" ","\t"\nA-1,Cali\n', "no_column_names"),
        (b" " * 20_000_000, "empty_file"),
        (b" " * 20_000_001, "file_too_large"),
    ],
)
def test_a_file_that_is_none_is_refused_once(data: bytes, code: str) -> None:
    assert [note.code.value for note in refused(data)] == [code]


def test_bytes_that_are_not_what_their_mark_says_are_told_with_it() -> None:
    """Naive: read as Windows-1252, or said to be in no known encoding."""
    said_to_be = {"UTF-8": b"\xef\xbb\xbfBogot\xe1\n", "UTF-16-LE": b"\xff\xfen\x00a", "UTF-16-BE": b"\xfe\xff\x00na"}
    for name, data in said_to_be.items():
        [note] = refused(data)
        assert note.sentence == f"line 1: the file is no valid {name}; save it as CSV UTF-8."


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("hint", ["", "sep="])
def test_the_separator_is_the_one_of_the_header(separator: str, hint: str) -> None:
    first = f"{hint}{separator}\r\n" if hint else ""
    text = f'{first}name;address;total_value\r\nA-1;"Calle 1; torre, 2";1000\r\n'.replace(";", separator)
    [order] = understood(text).orders
    assert order.body["shippingAddress"] == f"Calle 1{' ' if separator == TAB else separator} torre, 2"
    assert order.line == (3 if hint else 2)


@pytest.mark.parametrize(
    "header",
    ["Name,TOTAL VALUE", " name , total value ", '"name","total_value"', "\N{ZERO WIDTH SPACE}name,Total_Value"],
)
def test_a_heading_is_known_in_any_case(header: str) -> None:
    assert understood(f"{header}\nA-1,5\n").orders[0].body["totalValue"] == 5


@pytest.mark.parametrize("header", ["name,colour", "name,colour,name2"])
def test_an_unknown_column_is_named_with_its_letter(header: str) -> None:
    notes = refused(f"{header}\nA-1,red\n")
    assert (notes[0].code, notes[0].line, notes[0].column) == ("unknown_column", 1, "column B")
    assert '"colour"' in notes[0].why
    assert "known are address, carrier, city" in notes[0].why


@pytest.mark.parametrize(
    "header", ["name,city,name", "name,city,NAME", "name,city, name ", "name,city,na\N{WORD JOINER}me"]
)
def test_a_column_twice_is_refused_in_every_spelling(header: str) -> None:
    """A dictionary keeps the last column of a name, and with it other values."""
    assert said(f"{header}\nA-1,Cali,B-1\n") == [("column_twice", 1, "name", None)]


def test_a_heading_that_lost_a_letter_is_named_as_it_stands() -> None:
    [note] = refused("name,Direcci\N{REPLACEMENT CHARACTER}n\nA-1,Calle 1\n")
    assert (note.code, note.column) == ("unknown_column", "column B")
    assert '"Direcci\N{REPLACEMENT CHARACTER}n" is no column that is known' in note.why


def test_a_column_without_a_name_may_stand_empty_and_holds_nothing() -> None:
    assert understood("name,,city,\nA-1,,Cali,\nA-2, ,Cali,\n").orders[1].city == "Cali"
    [note] = refused("name,,city\nA-1,,Cali\nA-2,x,Cali\n")
    assert note.code == "unnamed_column"
    assert (
        note.sentence == 'line 3, column B (A-2): "x" stands in a column without a name; name the column or empty it.'
    )


def test_more_cells_than_columns_are_refused_with_the_first_too_many() -> None:
    """Without it, the amount `89,900` in a file of commas is 89 pesos."""
    assert said("name,total_value\nA-1,12\nA-2,89,900\n") == [("too_many_cells", 3, "column C", "A-2")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name,city,total_value,prepaid\nA-1,Cali,5\n", ("missing_cells", 2, "prepaid", "A-1")),
        ("name,city,address\nA-1,Cali\n", ("missing_cells", 2, "address", "A-1")),
        ("name,phone,recipient,email\nA-1,3001234567\n", ("missing_cells", 2, "recipient", "A-1")),
        ("name,email,city\nA-1\n", ("missing_cells", 2, "city", "A-1")),
        ("name,email\nA-1", ("missing_cells", 2, "email", "A-1")),
        ("city,name\nCali\n", ("missing_cells", 2, "name", None)),
    ],
)
def test_fewer_cells_than_columns_are_refused_with_the_first_that_is_missing(
    text: str, expected: tuple[str, int, str, str | None]
) -> None:
    assert said(text) == [expected]


def test_what_a_shipment_can_do_without_may_be_missing_at_the_end_of_a_row() -> None:
    read = understood("name,city,recipient,identification,email,carrier,units,\nA-1,Cali,\nA-2,Cali,Luz,123,\n")
    assert [order.name for order in read.orders] == ["A-1", "A-2"]
    assert "contact" not in read.orders[0].body


def test_rows_of_empty_cells_are_passed_over_and_lines_still_counted() -> None:
    text = 'name,city\n\n,\n  ,\t\n"A\n1",Cali\n\nA-2,\n,,,\n'
    assert [(order.name, order.line) for order in understood(text).orders] == [("A 1", 5), ("A-2", 8)]


def test_a_cell_of_what_nobody_sees_is_an_empty_one() -> None:
    """Naive: an order of a file that is imported again loses its city."""
    [order] = understood("name,recipient,city\nA-1,Luz,\N{ZERO WIDTH SPACE}\n").orders
    assert order.body == {"id": order.body["id"], "name": "A-1", "contact": {"name": "Luz"}}


def test_lines_without_a_cell_may_stand_before_the_header() -> None:
    assert [order.line for order in understood("\n\nname,city\nA-1,Cali\n").orders] == [4]


def test_a_blank_end_leaves_no_line_open() -> None:
    assert understood("name,city\nA-1,Cali\n,").remarks == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('name\nA-1\n"A-2\n', 3),
        ('sep=;\nname\nA-1\n"A-2\n', 4),
        ('name\n"A-1"x\n', 2),
        ('name,city\nA-1,"Cali\nA-2,Cali\n', 2),
        ('"name\nA-1\n', 1),
    ],
)
def test_a_quotation_mark_that_is_not_closed_is_refused_with_its_line(text: str, line: int) -> None:
    [note] = refused(text)
    assert (note.code, note.line) == ("not_csv", line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name,prepaid,total_value\nA-1,maybe,5\n", ("invalid_choice", 2, "prepaid", "A-1")),
        ("id,name\nA-1,B-1\n", ("invalid_id", 2, "id", "B-1")),
        ("name,recipient,phone\nA-1,,3001234567\n", ("missing_recipient", 2, "recipient", "A-1")),
        ("name,email\nA-1,luz@example.com\n", ("missing_recipient", 2, "recipient", "A-1")),
        ("name,city\n,Cali\n", ("missing_reference", 2, "name", None)),
        ("name,city\n\N{ZERO WIDTH SPACE}\N{WORD JOINER},Cali\n", ("missing_reference", 2, "name", None)),
        ("name,phone\nA-1,3.00E+09\n", ("lost_digits", 2, "phone", "A-1")),
        ("name,recipient,phone\n1.0E+03,Luz,3001234567\n", ("lost_digits", 2, "name", None)),
        ("name,city\nA-1,#REF!\n", ("spreadsheet_error", 2, "city", "A-1")),
        (f"name,city\nA-1,{'C' * 1001}\n", ("text_too_long", 2, "city", "A-1")),
        (f"name,carrier\nA-1,{'C' * 101}\n", ("text_too_long", 2, "carrier", "A-1")),
        # The recipient is in doubt already; that the row has none is another thing.
        ("name,recipient,phone\nA-1,#REF!,3001234567\n", ("spreadsheet_error", 2, "recipient", "A-1")),
        *(
            (f"name;units\nA-1;{units}\n", ("invalid_units", 2, "units", "A-1"))
            for units in ("0", "1000", "1.5", "1,5", "1.000", "dos", "-1", "2 cajas", "\N{ARABIC-INDIC DIGIT TWO}")
        ),
    ],
)
def test_what_is_wrong_with_a_cell_is_told_with_line_column_and_name(
    text: str, expected: tuple[str, int, str, str | None]
) -> None:
    assert said(text) == [expected]


@pytest.mark.parametrize(
    ("cell", "is_prepaid"),
    [("yes", True), ("SÍ", True), ("si", True), ("1", True), ("1.0", True), ("TRUE", True), ("Verdadero", True),
     ("no", False), ("0", False), ("0,0", False), ("FALSO", False), ("False", False),
     (" No\N{ZERO WIDTH SPACE} ", False)],
)  # fmt: skip
def test_prepaid_is_yes_or_no(cell: str, is_prepaid: bool) -> None:  # noqa: FBT001 - the parameter is the point
    assert understood(f'name;prepaid;total_value\nA-1;{cell};"5"\n').orders[0].body["prepaid"] is is_prepaid


@pytest.mark.parametrize(
    ("cell", "units"),
    [("1", 1), ("999", 999), ("2.0", 2), ("2,00", 2), ("012", 12), ('="3"', 3), ("", None), ("-", None)],
)
def test_pieces_are_a_whole_number(cell: str, units: int | None) -> None:
    assert understood(f"name;unidades\nA-1;{cell}\n").orders[0].body.get("units") == units


def test_a_sentence_shows_the_beginning_of_a_long_text() -> None:
    for written, shown in (("n" * 40, "n" * 40), ("n" * 41, f"{'n' * 40}…")):
        [note] = refused(f"name;total_value;prepaid\nA-1;5;{written}\n")
        assert note.why == f'the cell is yes or no, not "{shown}"'


def test_how_many_pieces_may_be_written_is_told() -> None:
    [note] = refused("name;units\nA-1;1000\n")
    assert note.why == 'the cell is "1000", no number of pieces; write 1 to 999 in digits, or leave it empty'


def test_an_amount_to_collect_that_may_have_lost_its_thousands_is_remarked_on() -> None:
    """What is prepaid is not collected; nobody pays cents."""
    amounts = (("999", "no"), ("89.9", "no"), ("1000", "no"), ("0", "no"), ("89.9", "yes"), ("1000.5", "no"))
    rows = (f"A-{line};{amount};{prepaid}" for line, (amount, prepaid) in enumerate(amounts, start=2))
    remarks = understood("\n".join(["name;total_value;prepaid", *rows, ""])).remarks
    assert [(note.code.value, note.written) for note in remarks] == [
        ("odd_amount", "999"),
        ("odd_amount", "89.9"),
        ("odd_amount", "1000.5"),
    ]
    assert [note.place for note in remarks] == [f"line {line}, total_value (A-{line})" for line in (2, 3, 7)]
    assert remarks[1].why == "89.9 pesos are to be collected; where thousands are meant, correct that"


def test_who_corrects_a_file_reads_what_stands_in_a_cell_and_where_the_other_line_is() -> None:
    text = f"name;city;units\nA-1;Cali;2\nA-2;Cali;two of them\nA-1;Cali;1\nA-3;{'C' * 1001};1\n"
    text += f"A-4;Cali;{'n' * 40}\nA-5;Cali;{'n' * 41}\n"
    notes = {note.line: (note.written, note.other_line) for note in refused(text)}
    whole = {6: ("n" * 40, None), 7: (f"{'n' * 40}…", None)}
    assert notes == {3: ("two of them", None), 4: (None, 2), 5: (f"{'C' * 40}…", None)} | whole


def test_a_text_of_as_many_characters_as_the_database_takes_is_taken() -> None:
    text = f"name;city;carrier;external_id\nA-1;{'C' * 1000};{'D' * 100};{'E' * 200}\n"
    [order] = understood(text).orders
    assert (len(order.body["shippingCity"]), len(order.body["carrier"]), len(order.body["externalId"])) == (
        1000,
        100,
        200,
    )
    assert said(text.replace("E\n", "EE\n")) == [("text_too_long", 2, "external_id", "A-1")]
    # A name that is longer than the shop's own number may be is no such number.
    long = understood(f"name\n{'N' * 200}\n{'M' * 201}\n").orders
    assert [order.reference for order in long] == ["N" * 200, None]


@pytest.mark.parametrize("word", ["undefined", "null", "None", "nan", "n/a", "[object Object]", "-"])
def test_a_placeholder_is_an_empty_cell_but_for_people_and_orders(word: str) -> None:
    """Taken as it is, `undefined` is an address that a parcel goes to."""
    header = "id,name,recipient,identification,phone,email,address,city,department,carrier"
    [order] = understood(f"{header}\n{word},{word},{word},{','.join([word] * 7)}\n").orders
    assert order.body == {"id": order.body["id"], "name": word, "contact": {"name": word}}


def test_phones_that_the_carrier_cannot_call_are_remarked_and_kept() -> None:
    rows = "Luz,A-1,+57 (300) 123-4567", "Luz,A-2,601 234 5678", "Luz,A-3,", "Luz,A-4,3001234567 / 3109876543"
    read = understood("\n".join(("recipient,name,phone", *rows, "")))
    assert [(note.code.value, note.line, note.name) for note in read.remarks] == [
        ("invalid_phone", 3, "A-2"),
        ("two_phones", 5, "A-4"),
    ]
    assert read.orders[1].body["contact"]["phone"] == "601 234 5678"


def test_what_belongs_to_nobody_is_told_beside_what_else_is_wrong() -> None:
    notes = refused("name,phone,email,city\nA-1,3001234567,luz@example.com,#REF!\n")
    assert [(note.code, note.column) for note in notes] == [
        ("spreadsheet_error", "city"),
        ("missing_recipient", "recipient"),
    ]
    assert "add the name of the person whose email and phone it has" in notes[1].sentence


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    text = "name,phone,city,total_value,prepaid\nA-1,3.0E+09,#N/A,much,maybe\n"
    assert [note.column for note in refused(text)] == ["phone", "city", "total_value", "prepaid"]


@pytest.mark.parametrize(("position", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")])
def test_a_column_has_the_letters_of_a_spreadsheet(position: int, name: str) -> None:
    assert letters(position) == name


def test_what_is_wrong_in_known_columns_is_told_together_with_the_unknown_ones() -> None:
    """Naive: first the columns; who has said what they are, is told of the rows."""
    data = "name,Color,total_value\nA-1,rojo,0.125\nA-2,azul,100\n"
    assert said(data) == [
        ("unknown_column", 1, "column B", None),
        ("invalid_amount", 2, "total_value", "A-1"),
    ]
    assert [note.heading for note in refused(data)] == ["Color", "total_value"]


@pytest.mark.parametrize(
    "data",
    [
        # The amount, the recipient or the order's name may stand in the column that is not known.
        "name,Color,prepaid\nA-1,100,no\n",
        "name,Color,phone\nA-1,Ana,3001234567\n",
        "Color,city\nA-1,Cali\n",
        # The shop's own number may, by which two orders of one name are two.
        "name,Color\nA-1,17\nA-1,18\n",
    ],
)
def test_what_a_row_lacks_is_not_told_while_a_column_is_unknown(data: str) -> None:
    """Naive: refusals that are gone when it is said what the column is."""
    assert [note.code.value for note in refused(data)] == ["unknown_column"]


def test_of_two_columns_of_one_name_neither_is_read() -> None:
    assert [note.code.value for note in refused("name,city,city,phone\nA-1,#REF!,#REF!,3001234567\n")] == [
        "column_twice"
    ]
