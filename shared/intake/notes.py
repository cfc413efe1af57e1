"""What is said about a file: where, whose row, and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from shared.intake.rows import Cell, written_in
from shared.logistics import TextCode, Unreadable


class FileCode(StrEnum):
    """What can be wrong with a file, its columns and its rows. The names are stable."""

    EMPTY_FILE = "empty_file"
    TOO_LARGE = "file_too_large"
    NOT_TEXT = "not_text"
    UNKNOWN_ENCODING = "unknown_encoding"
    NOT_CSV = "not_csv"
    PASSWORD = "password"  # noqa: S105 - the file has one, and this is none
    TOO_MUCH_INSIDE = "too_much_inside"
    SEVERAL_SHEETS = "several_sheets"
    MERGED_CELLS = "merged_cells"
    HIDDEN_ROWS = "hidden_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    NO_ROWS = "no_rows"
    TOO_MANY_ROWS = "too_many_rows"
    NO_COLUMN_NAMES = "no_column_names"
    UNKNOWN_COLUMN = "unknown_column"
    AMBIGUOUS_COLUMN = "ambiguous_column"
    UNKNOWN_MAPPING = "unknown_mapping"
    COLUMN_TWICE = "column_twice"
    UNNAMED_COLUMN = "unnamed_column"
    TOO_MANY_CELLS = "too_many_cells"
    MISSING_CELLS = "missing_cells"
    MISSING_REFERENCE = "missing_reference"
    MISSING_RECIPIENT = "missing_recipient"
    UNKNOWN_WORKSPACE = "unknown_workspace"
    INVALID_ID = "invalid_id"
    INVALID_CHOICE = "invalid_choice"
    TOO_LONG = "text_too_long"
    MISSING_AMOUNT = "missing_amount"
    ODD_AMOUNT = "odd_amount"
    AMOUNTS_CONTRADICT = "amounts_contradict"
    ORDER_TWICE = "order_twice"
    LAST_LINE_OPEN = "last_line_open"


@dataclass(frozen=True)
class Note:
    """One thing to say about a file, a refusal of it or a remark on it."""

    code: FileCode | TextCode
    #: What is wrong and what to do, without its full stop.
    why: str
    #: The first line of the row, 1 being the first of the file; None where it is about the whole file.
    line: int | None = None
    column: str | None = None
    #: The order's name, or its id where it has no name.
    name: str | None = None
    #: What the file itself writes above the column.
    heading: str | None = None
    #: What stands in the cell, where that is what is wrong; the beginning of a long one.
    written: str | None = None
    #: The line that it does not go with.
    other_line: int | None = None

    @classmethod
    def of(cls, unreadable: Unreadable, line: int, column: str, name: str | None, cell: Cell) -> "Note":
        """Return what was not understood in a cell, with its place."""
        return cls(unreadable.code, f"the cell {unreadable.why}", line, column, name, written=written_in(cell))

    @property
    def place(self) -> str:
        """Where in the file it is: `line 3, total_value (A-7)`; empty where it is about the whole file."""
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.column or "") if part)
        return f"{where} ({self.name})" if self.name else where

    @property
    def sentence(self) -> str:
        """The whole of it, for a person."""
        return f"{self.place}: {self.why}." if self.place else f"{self.why}."


class FileRefusedError(Exception):
    """The file is refused as a whole; its notes say why, in the order of its lines."""

    def __init__(self, *notes: Note) -> None:
        super().__init__("; ".join(note.sentence for note in notes))
        self.notes = notes
