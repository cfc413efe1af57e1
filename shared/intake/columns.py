"""The columns of a file of orders: what each holds, and what may be written above it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from shared.intake.notes import FileCode, FileRefusedError, Note
from shared.logistics import FieldKind, clean_line, normalise, quoted

#: What the database and the API take of a text, in characters.
MAX_TEXT = 1_000
MAX_CARRIER = 100
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
    #: What else is written above it, in any case, with or without accents and underscores.
    headings: tuple[str, ...] = field(default=())


ID = Column("id")
NAME = Column("name", FieldKind.NAME, api_name="name")
PHONE = Column("phone", FieldKind.NUMBER, Part.CONTACT, "phone")
TOTAL_VALUE = Column("total_value", api_name="totalValue")
PREPAID = Column("prepaid", api_name="prepaid")

COLUMNS = (
    ID,
    NAME,
    Column("recipient", FieldKind.NAME, Part.CONTACT, "name"),
    Column("identification", FieldKind.NUMBER, Part.CONTACT, "identification", is_optional=True),
    PHONE,
    Column("email", FieldKind.TEXT, Part.CONTACT, "email", is_optional=True),
    Column("address", FieldKind.TEXT, api_name="shippingAddress"),
    Column("city", FieldKind.TEXT, api_name="shippingCity"),
    Column("department", FieldKind.NUMBER, api_name="shippingDepartment"),
    TOTAL_VALUE,
    PREPAID,
    Column("carrier", FieldKind.TEXT, api_name="carrier", at_most=MAX_CARRIER, is_optional=True),
)
_BY_HEADING = {normalise(heading): column for column in COLUMNS for heading in (column.name, *column.headings)}


def known_column(heading: str) -> Column | None:
    """Return the column that a heading names, however its case, accents and underscores; None where none is known."""
    return _BY_HEADING.get(normalise(heading))


def read_header(cells: Sequence[str], line: int) -> tuple[Column | None, ...]:
    """Return the column of each cell of the header; None where a cell is empty, so that its column has to be, too.

    Raises:
        FileRefusedError: a column is unknown or there twice, or none has a name; each is named.
    """
    found: dict[Column, int] = {}
    columns: list[Column | None] = []
    notes: list[Note] = []
    for position, cell in enumerate(cells):
        heading = clean_line(cell)
        column = known_column(heading) if isinstance(heading, str) else None
        columns.append(column)
        if heading == "":
            continue
        if column is None:
            names = ", ".join(sorted(known.name for known in COLUMNS))
            why = f"{quoted(cell)} is no column that is known; known are {names}"
            notes.append(Note(FileCode.UNKNOWN_COLUMN, why, line, f"column {letters(position)}"))
        elif column in found:
            why = (
                f"the column is there twice, as {letters(found[column])} and as {letters(position)};"
                " delete or rename the one that does not count"
            )
            notes.append(Note(FileCode.COLUMN_TWICE, why, line, column.name))
        else:
            found[column] = position
    if notes:
        raise FileRefusedError(*notes)
    if not found:
        why = f"the first line names no column; known are {', '.join(sorted(column.name for column in COLUMNS))}"
        raise FileRefusedError(Note(FileCode.NO_COLUMN_NAMES, why, line))
    return tuple(columns)


def letters(position: int) -> str:
    """Return the letters that a spreadsheet shows above the column at a position, 0 being A."""
    name = ""
    while position >= 0:
        position, letter = divmod(position, _LETTERS)
        name = chr(ord("A") + letter) + name
        position -= 1
    return name
