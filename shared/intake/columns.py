"""The columns of a file of orders: what each holds, and what may be written above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from shared.intake.headings import AMBIGUOUS, HEADINGS
from shared.intake.notes import FileCode, FileRefusedError, Note
from shared.intake.rows import Cell, text_of
from shared.logistics import FieldKind, Unreadable, clean_line, normalise, quoted

#: What the database and the API take of a text, in characters.
MAX_TEXT = 1_000
MAX_CARRIER = 100
MAX_REFERENCE = 200
#: Of a table of orders; one that has more is another table, or a whole export.
MAX_COLUMNS = 100
#: A column's place in a spreadsheet: `A` to `Z`, then `AA`.
_LETTERS = 26


class Part(Enum):
    """What of an order a column is part of."""

    ORDER = auto()
    CONTACT = auto()


@dataclass(frozen=True, eq=False)
class Column:
    """A column that is known; each is one object."""

    name: str
    #: How its texts are read; None where it holds no text: an id, an amount, a yes or no.
    kind: FieldKind | None = None
    part: Part = Part.ORDER
    #: The name of its field in the API.
    api_name: str = ""
    at_most: int = MAX_TEXT
    #: A shipment can do without it, so that a row may end before it.
    is_optional: bool = False


ID = Column("id")
EXTERNAL_ID = Column("external_id", FieldKind.NUMBER, api_name="externalId", at_most=MAX_REFERENCE)
NAME = Column("name", FieldKind.NAME, api_name="name")
RECIPIENT = Column("recipient", FieldKind.NAME, Part.CONTACT, "name")
PHONE = Column("phone", FieldKind.NUMBER, Part.CONTACT, "phone")
TOTAL_VALUE = Column("total_value", api_name="totalValue")
PREPAID = Column("prepaid", api_name="prepaid")
UNITS = Column("units", api_name="units", is_optional=True)
#: A column that the caller says is none of an order's.
PASSED_OVER = Column("-", is_optional=True)

COLUMNS = (
    ID,
    EXTERNAL_ID,
    NAME,
    RECIPIENT,
    Column("identification", FieldKind.NUMBER, Part.CONTACT, "identification", is_optional=True),
    PHONE,
    Column("email", FieldKind.TEXT, Part.CONTACT, "email", is_optional=True),
    Column("address", FieldKind.TEXT, api_name="shippingAddress"),
    Column("city", FieldKind.TEXT, api_name="shippingCity"),
    Column("department", FieldKind.NUMBER, api_name="shippingDepartment"),
    TOTAL_VALUE,
    PREPAID,
    UNITS,
    Column("carrier", FieldKind.TEXT, api_name="carrier", at_most=MAX_CARRIER, is_optional=True),
)
_BY_NAME = {column.name: column for column in COLUMNS}
_KNOWN = ", ".join(sorted(_BY_NAME))
#: The API's names are headings, too: a table of what it gives can be taken back.
_BY_HEADING = {
    normalise(heading): column
    for column in COLUMNS
    for heading in (
        column.name,
        *HEADINGS.get(column.name, ()),
        *([column.api_name] if column.api_name and column.part is Part.ORDER else []),
    )
}
_MEANT = {normalise(heading): [_BY_NAME[name] for name in names] for heading, names in AMBIGUOUS.items()}


def known_column(heading: str) -> Column | None:
    """Return the column that a heading names, however its case, accents and underscores; None where none is known."""
    return _BY_HEADING.get(normalise(heading))


@dataclass(frozen=True)
class Header:
    """The first line of a file."""

    #: The column of each cell; None where a cell is empty, so that its column has to be, too.
    columns: tuple[Column | None, ...]
    #: What is wrong with it. The columns in doubt are passed over, so that the rows can be looked at all the same.
    refusals: tuple[Note, ...]
    #: What stands above a column, by what a note calls that: its name, or its letters.
    headings: Mapping[str, str]


def read_header(cells: Sequence[Cell], line: int, mapping: Mapping[str, str]) -> Header:
    """Return what the header says; a column that is unknown, in doubt or there twice is refused by its heading.

    `mapping` says of headings which column they are, by its name, or `-` for one that is passed over.

    Raises:
        FileRefusedError: there are too many columns, or none has a name, or the mapping can't be right.
    """
    if len(cells) > MAX_COLUMNS:
        why = f"the file has {len(cells)} columns, and may have {MAX_COLUMNS}; keep those of the orders alone"
        raise FileRefusedError(Note(FileCode.TOO_MANY_COLUMNS, why, line, f"column {letters(MAX_COLUMNS)}"))
    said = _said(mapping)
    headings = [_heading(cell) for cell in cells]
    columns = [said.get(normalise(heading)) or known_column(heading) for heading in headings]
    notes = [
        Note(FileCode.UNKNOWN_MAPPING, f"no column is called {quoted(heading)}, which is said to be {name}", line)
        for heading, name in mapping.items()
        if normalise(heading) not in {normalise(each) for each in headings}
    ]
    found: dict[Column, int] = {}
    in_doubt: set[int] = set()
    for position, (heading, column) in enumerate(zip(headings, columns, strict=True)):
        where = _place(position)
        if column is PASSED_OVER or heading == "":
            continue
        if column is None:
            free = [each for each in _MEANT.get(normalise(heading), ()) if each not in columns]
            if len(free) == 1:
                columns[position] = free[0]
            else:
                notes.append(_unknown(heading, free, line, where))
                in_doubt.add(position)
        elif column in found:
            why = (
                f"the column is there twice, as {letters(found[column])} and as {letters(position)};"
                " delete or rename the one that does not count"
            )
            notes.append(Note(FileCode.COLUMN_TWICE, why, line, column.name))
            # Nobody knows which of the two counts.
            in_doubt |= {position, found[column]}
        else:
            found[column] = position
    if not notes and not any(column is not None and column is not PASSED_OVER for column in columns):
        raise FileRefusedError(
            Note(FileCode.NO_COLUMN_NAMES, f"the first line names no column; known are {_KNOWN}", line)
        )
    read = tuple(PASSED_OVER if position in in_doubt else column for position, column in enumerate(columns))
    return Header(read, tuple(notes), _called(headings, columns))


def _called(headings: Sequence[str], columns: Sequence[Column | None]) -> dict[str, str]:
    """Return the headings by what notes call their columns."""
    named = [(position, heading) for position, heading in enumerate(headings) if heading.strip()]
    by_place = {_place(position): heading for position, heading in named}
    return by_place | {column.name: heading for position, heading in named if (column := columns[position])}


def _said(mapping: Mapping[str, str]) -> dict[str, Column]:
    """Return the columns that headings are said to be.

    Raises:
        FileRefusedError: there is no such column, or one heading is said to be two.
    """
    said: dict[str, Column] = {}
    for heading, name in mapping.items():
        column = PASSED_OVER if name == PASSED_OVER.name else _BY_NAME.get(name)
        if column is None:
            why = f"{quoted(heading)} is said to be {quoted(name)}, no column; known are {_KNOWN}, and - for none"
            raise FileRefusedError(Note(FileCode.UNKNOWN_MAPPING, why))
        if said.setdefault(normalise(heading), column) is not column:
            raise FileRefusedError(Note(FileCode.UNKNOWN_MAPPING, f"{quoted(heading)} is said to be two columns"))
    return said


def _heading(cell: Cell) -> str:
    text = text_of(cell)
    line = text if isinstance(text, Unreadable) else clean_line(text)
    return line if isinstance(line, str) else str(cell.why if isinstance(cell, Unreadable) else cell)


def _unknown(heading: str, meant: Sequence[Column], line: int, where: str) -> Note:
    if meant:
        which = " or ".join(column.name for column in meant)
        return Note(FileCode.AMBIGUOUS_COLUMN, f"{quoted(heading)} may be {which}; say which", line, where)
    return Note(
        FileCode.UNKNOWN_COLUMN, f"{quoted(heading)} is no column that is known; known are {_KNOWN}", line, where
    )


def _place(position: int) -> str:
    return f"column {letters(position)}"


def letters(position: int) -> str:
    """Return the letters that a spreadsheet shows above the column at a position, 0 being A."""
    name = ""
    while position >= 0:
        position, letter = divmod(position, _LETTERS)
        name = chr(ord("A") + letter) + name
        position -= 1
    return name
