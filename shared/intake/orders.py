"""A file of orders as a whole: understood without doubt, or refused before anything of it is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.intake.cells import ReadRow, read_row
from shared.intake.columns import (
    MAX_REFERENCE,
    NAME,
    PASSED_OVER,
    TOTAL_VALUE,
    UNITS,
    Column,
    known_column,
    read_header,
)
from shared.intake.csv_rows import csv_rows
from shared.intake.decoding import decode, refuse_large
from shared.intake.notes import FileCode, FileRefusedError, Note
from shared.intake.rows import Cell, Row, text_of
from shared.intake.workbook import is_archive, workbook_rows
from shared.logistics import (
    FieldKind,
    contradiction,
    derived_order_id,
    id_form,
    known_order_ids,
    quoted,
    read_field,
)

MAX_ROWS = 10_000
#: What stands for an encoding where the file is a workbook.
WORKBOOK = "xlsx"
#: So many refusals are told at once; who has more corrects these first.
MAX_REFUSALS = 50
#: What is said of a row that lacks something, rather than of what stands in it.
_OF_ANOTHER_COLUMN = (FileCode.MISSING_AMOUNT, FileCode.MISSING_RECIPIENT)


@dataclass(frozen=True)
class OrderRow:
    """One order of a file."""

    id: UUID
    #: The line that it begins at, 1 being the file's first.
    line: int
    name: str
    city: str
    #: As `POST /orders` takes it; an empty cell is left out.
    body: dict[str, Any]
    #: The name's cell as it is written, and the workspace, where the id follows from them.
    derived_from: tuple[UUID, str] | None = None
    #: What the shop calls it, where it has no id of its own: the externalId that it is sent with in place of its id.
    reference: str | None = None

    @property
    def known_ids(self) -> tuple[UUID, ...]:
        """Every id that an earlier import may have given it, the first that exists being its own."""
        if self.derived_from is None:
            return (self.id,)
        workspace, written = self.derived_from
        return known_order_ids(workspace, self.name, written)


@dataclass(frozen=True)
class OrderFile:
    """A file that was understood. The remarks are for the person who imports it; they hinder nothing."""

    orders: tuple[OrderRow, ...]
    remarks: tuple[Note, ...]
    encoding: str


@dataclass(frozen=True)
class RefusedFile:
    """A file of which nothing is taken: the first 50 reasons in the order of its lines, and how many there are."""

    refusals: tuple[Note, ...]
    total: int
    #: The orders of the rows that nothing is wrong with.
    readable: tuple[OrderRow, ...] = ()


def read_order_file(
    data: bytes, workspace: UUID | None, mapping: Mapping[str, str] | None = None
) -> OrderFile | RefusedFile:
    """Return the orders of a CSV file or workbook whose first line names its columns, or all that is wrong with it.

    Without an id an order's id follows from the workspace and what the shop calls it, so that a file that is imported
    again updates its orders. A file has at most 10,000 rows. `mapping` says of headings which column they are.
    """
    reading = _Reading(workspace, mapping or {})
    encoding = ""
    try:
        refuse_large(data)
        if is_archive(data):
            encoding = WORKBOOK
            reading.read(workbook_rows(data, max_rows=MAX_ROWS))
        else:
            text, encoding = decode(data)
            reading.read(csv_rows(text))
    except FileRefusedError as error:
        reading.refusals += error.notes
    reading.check_column()
    if reading.refusals:
        in_order = sorted(reading.refusals, key=lambda note: note.line or 0)
        told = (replace(note, heading=reading.headings.get(note.column or "")) for note in in_order[:MAX_REFUSALS])
        return RefusedFile(tuple(told), len(in_order), tuple(reading.orders))
    return OrderFile(tuple(reading.orders), tuple(reading.remarks), encoding)


@dataclass(frozen=True)
class Heading:
    """A heading of a file, and the column that it names by itself; None: somebody has to say which."""

    text: str
    column: str | None


def read_headings(data: bytes) -> list[Heading]:
    """Return the headings of a file's first line; none where the file can't be read at all."""
    try:
        refuse_large(data)
        rows = workbook_rows(data, max_rows=MAX_ROWS) if is_archive(data) else csv_rows(decode(data)[0])
        header = next(iter(rows), None)
    except FileRefusedError:
        return []
    if header is None:
        return []
    try:
        columns = read_header(header.cells, header.line, {}).columns
    except FileRefusedError:
        columns = (None,) * len(header.cells)
    texts = [(text_of(cell), column) for cell, column in zip(header.cells, columns, strict=True)]
    return [_named(text, column) for text, column in texts if isinstance(text, str) and text.strip()]


def _named(text: str, read_as: Column | None) -> Heading:
    """Return a heading with its column; one that is there twice is passed over, and still says which it was."""
    column = known_column(text) or (None if read_as is PASSED_OVER else read_as)
    return Heading(text, column.name if column else None)


@dataclass
class _Reading:
    """What has been read of a file so far, and what holds for the whole of it."""

    workspace: UUID | None
    mapping: Mapping[str, str]
    orders: list[OrderRow] = field(default_factory=list)
    refusals: list[Note] = field(default_factory=list)
    remarks: list[Note] = field(default_factory=list)
    lines_of_ids: dict[UUID, int] = field(default_factory=dict)
    rows_of_amounts: dict[int, ReadRow] = field(default_factory=dict)
    is_workspace_asked_for: bool = False
    #: What stands above a column, by what a note calls that.
    headings: Mapping[str, str] = field(default_factory=dict)
    #: Whether it is known what each column is. Where it is not, what a row lacks may stand in one of the others.
    is_whole: bool = True

    def read(self, rows: Iterator[Row[Cell]]) -> None:
        header = next(rows, None)
        if header is None:
            raise FileRefusedError(Note(FileCode.NO_COLUMN_NAMES, "the file has no line that names its columns"))
        read_as = read_header(header.cells, header.line, self.mapping)
        columns, self.headings = read_as.columns, read_as.headings
        self.refusals += read_as.refusals
        self.is_whole = not read_as.refusals
        count = 0
        for count, row in enumerate(rows, start=1):
            if count > MAX_ROWS:
                why = f"the file has more than {MAX_ROWS} rows, and this is the first too many; split it"
                raise FileRefusedError(Note(FileCode.TOO_MANY_ROWS, why, row.line))
            read = read_row(row, columns)
            self.take(read)
            if row.is_open:
                self.remarks.append(_open_line(read))
        if count == 0 and self.is_whole:
            raise FileRefusedError(Note(FileCode.NO_ROWS, "the file names its columns and has no order under them"))

    def take(self, read: ReadRow) -> None:
        self.refusals += [note for note in read.refusals if self.is_whole or note.code not in _OF_ANOTHER_COLUMN]
        self.remarks += read.remarks
        if read.total is not None:
            self.rows_of_amounts[read.line] = read
        id_ = read.id or self.derived_id(read)
        if id_ is None:
            return
        first = self.lines_of_ids.setdefault(id_, read.line)
        if first != read.line and self.is_whole:
            why = f"this is the order of line {first} again; delete one of them, or give it a name of its own"
            self.refusals.append(Note(FileCode.ORDER_TWICE, why, read.line, None, read.label, other_line=first))
        elif not read.refusals:
            self.orders.append(_order(read, id_, self.workspace))

    def derived_id(self, read: ReadRow) -> UUID | None:
        called = read.external_id or read.name
        if called and self.workspace:
            return derived_order_id(self.workspace, called)
        if not self.is_whole:
            return None
        if called and not self.is_workspace_asked_for:
            # Said once: it is the same for all rows.
            self.is_workspace_asked_for = True
            why = "orders without an id need a workspace to follow from their names; the token does not tell one"
            self.refusals.append(Note(FileCode.UNKNOWN_WORKSPACE, why, read.line, NAME.name, read.label))
        elif not called and not read.refusals:
            why = "an order needs an id or a name"
            self.refusals.append(Note(FileCode.MISSING_REFERENCE, why, read.line, NAME.name))
        return None

    def check_column(self) -> None:
        if lines := contradiction((line, read.total) for line, read in self.rows_of_amounts.items() if read.total):
            first, second = (self.rows_of_amounts[line] for line in lines)
            both = f"{quoted(second.written_total)} here and {quoted(first.written_total)} on line {first.line}"
            why = f"{both} can't both be read one way; write the amounts of the column alike, best in digits alone"
            self.refusals.append(
                Note(
                    FileCode.AMOUNTS_CONTRADICT,
                    why,
                    second.line,
                    TOTAL_VALUE.name,
                    second.label,
                    written=second.written_total,
                    other_line=first.line,
                )
            )


def _order(read: ReadRow, id_: UUID, workspace: UUID | None) -> OrderRow:
    reference = None if read.id else read.external_id or _reference(read.written_name)
    body: dict[str, Any] = {"id": str(id_), **read.order}
    if read.total is not None:
        body[TOTAL_VALUE.api_name] = _json_number(read.total.amount)
    if read.prepaid is not None:
        body["prepaid"] = read.prepaid
    if read.units is not None:
        body[UNITS.api_name] = read.units
    if read.contact:
        body["contact"] = read.contact
    derived_from = (workspace, read.written_name) if workspace and not (read.id or read.external_id) else None
    name, city = read.name or read.external_id or "", read.order.get("shippingCity", "")
    return OrderRow(id_, read.line, name, city, body, derived_from, reference)


def _reference(written: str) -> str | None:
    """Return the externalId that a name is; None where it can't be one, as of an order that is called Null."""
    read = read_field(written, FieldKind.NUMBER)
    is_one = isinstance(read, str) and len(id_form(read)) <= MAX_REFERENCE
    return id_form(str(read)) if is_one else None


def _open_line(read: ReadRow) -> Note:
    amount = f"its amount is {read.total.amount.normalize():f}" if read.total else "it has no amount"
    why = f"the file's last line has no end, so that it may have been cut off here; {amount}: check that this is right"
    return Note(FileCode.LAST_LINE_OPEN, why, read.line, None, read.label)


def _json_number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)
