"""One row of a file of orders, cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from shared.intake.columns import (
    EXTERNAL_ID,
    ID,
    NAME,
    PASSED_OVER,
    PHONE,
    PREPAID,
    RECIPIENT,
    TOTAL_VALUE,
    UNITS,
    Column,
    Part,
    letters,
)
from shared.intake.notes import FileCode, Note
from shared.intake.rows import Cell, Row, is_blank, text_of, written_in
from shared.logistics import (
    Pesos,
    Unreadable,
    clean_line,
    formula_text,
    id_form,
    is_odd_amount,
    is_placeholder,
    pesos_of_number,
    plain_number,
    quoted,
    read_field,
    read_pesos,
    read_phone,
    read_units,
)

_YES_OR_NO = {
    "yes": True, "true": True, "1": True, "si": True, "sí": True, "verdadero": True,
    "no": False, "false": False, "0": False, "falso": False,
}  # fmt: skip


@dataclass(slots=True)
class ReadRow:
    """What a row says, and what is to be said about it."""

    line: int
    name: str | None = None
    #: The name's cell as it is written.
    written_name: str = ""
    #: What the shop calls the order, where that has a column of its own.
    external_id: str | None = None
    id: UUID | None = None
    total: Pesos | None = None
    written_total: str = ""
    prepaid: bool | None = None
    units: int | None = None
    #: The fields of the API, of the order and of its contact.
    order: dict[str, str] = field(default_factory=dict)
    contact: dict[str, str] = field(default_factory=dict)
    refusals: list[Note] = field(default_factory=list)
    remarks: list[Note] = field(default_factory=list)

    @property
    def label(self) -> str | None:
        """The order as the operator knows it."""
        return self.name or self.external_id or (str(self.id) if self.id else None)


def read_row(row: Row[Cell], columns: Sequence[Column | None]) -> ReadRow:
    """Return what a row under these columns says; each cell that is wrong becomes a refusal, and the row goes on."""
    read = ReadRow(row.line)
    name: Cell = next((cell for column, cell in zip(columns, row.cells, strict=False) if column is NAME), "")
    written = text_of(name)
    read.written_name = written if isinstance(written, str) else ""
    _read_text(read, NAME, name)
    if wrong := _wrong_length(row, columns, read.label):
        read.refusals.append(wrong)
        return read
    for position, (column, cell) in enumerate(zip(columns, row.cells, strict=False)):
        if column is None:
            if not is_blank(cell):
                said = cell if isinstance(cell, str) else "something"
                why = f"{quoted(said)} stands in a column without a name; name the column or empty it"
                where = f"column {letters(position)}"
                read.refusals.append(
                    Note(FileCode.UNNAMED_COLUMN, why, row.line, where, read.label, written=written_in(cell))
                )
        elif column is PASSED_OVER:
            continue
        elif column.kind is None:
            _READERS[column](read, cell)
        elif column is not NAME:
            _read_text(read, column, cell)
    if not {TOTAL_VALUE, PREPAID}.isdisjoint(columns):
        _require_amount(read)
    if read.contact and RECIPIENT.api_name not in read.contact:
        _require_recipient(read)
    _look_at_amount(read)
    return read


def _look_at_amount(read: ReadRow) -> None:
    """Remark on an amount to collect that is rather a slip: a table tool's 89.9 was 89.900 once."""
    if read.total is not None and not read.prepaid and is_odd_amount(read.total.amount):
        why = f"{read.total.amount.normalize():f} pesos are to be collected; where thousands are meant, correct that"
        note = Note(FileCode.ODD_AMOUNT, why, read.line, TOTAL_VALUE.name, read.label, written=read.written_total)
        read.remarks.append(note)


def _require_recipient(read: ReadRow) -> None:
    """Refuse a phone, an identification or an e-mail of nobody, unless the cell of the name was refused already."""
    if all(note.column != RECIPIENT.name for note in read.refusals):
        whose = " and ".join(sorted(read.contact))
        why = f"the row has no recipient; add the name of the person whose {whose} it has"
        read.refusals.append(Note(FileCode.MISSING_RECIPIENT, why, read.line, RECIPIENT.name, read.label))


def _wrong_length(row: Row[Cell], columns: Sequence[Column | None], name: str | None) -> Note | None:
    if len(row.cells) > len(columns):
        why = f"the row has {len(row.cells)} cells for {len(columns)} columns; look for a text with a separator in it"
        return Note(FileCode.TOO_MANY_CELLS, why, row.line, f"column {letters(len(columns))}", name)
    missing = [column for column in columns[len(row.cells) :] if column is not None]
    needed = [column for column in missing if not column.is_optional]
    if not missing or not (needed or row.is_open):
        return None
    end = "the file ends in the middle of this row" if row.is_open else "the row ends too early"
    why = f"{end}, with {len(row.cells)} cells for {len(columns)} columns; take the file from its source again"
    return Note(FileCode.MISSING_CELLS, why, row.line, (needed or missing)[0].name, name)


def _read_text(read: ReadRow, column: Column, cell: Cell) -> None:
    if column.kind is None or is_blank(cell):
        return
    text = text_of(cell)
    value = text if isinstance(text, Unreadable) else read_field(text, column.kind)
    if isinstance(value, Unreadable):
        read.refusals.append(Note.of(value, read.line, column.name, read.label, cell))
    elif value is not None and len(value) > column.at_most:
        why = f"the cell has {len(value)} characters; at most {column.at_most} are allowed"
        read.refusals.append(Note(FileCode.TOO_LONG, why, read.line, column.name, read.label, written=written_in(cell)))
    elif value is not None:
        _keep(read, column, value)


def _keep(read: ReadRow, column: Column, value: str) -> None:
    if column is NAME:
        read.name = value
    if column is EXTERNAL_ID:
        read.external_id = value = id_form(value)
    (read.order if column.part is Part.ORDER else read.contact)[column.api_name] = value
    if column is PHONE and isinstance(phone := read_phone(value), Unreadable):
        read.remarks.append(Note.of(phone, read.line, column.name, read.label, value))


def _read_id(read: ReadRow, cell: Cell) -> None:
    text = _value(read, ID, cell)
    if text is None:
        return
    try:
        read.id = UUID(text)
    except ValueError:
        why = f"the cell is {quoted(text)}, no UUID; if the shop calls the order so, name the column external_id"
        read.refusals.append(Note(FileCode.INVALID_ID, why, read.line, ID.name, read.label, written=written_in(cell)))


def _read_total(read: ReadRow, cell: Cell) -> None:
    if isinstance(cell, Decimal):
        _keep_number(read, cell)
        return
    text = _value(read, TOTAL_VALUE, cell)
    pesos = None if text is None else read_pesos(text)
    if isinstance(pesos, Unreadable):
        read.refusals.append(Note.of(pesos, read.line, TOTAL_VALUE.name, read.label, cell))
    else:
        read.total, read.written_total = pesos, text or ""


def _keep_number(read: ReadRow, number: Decimal) -> None:
    # A number of a workbook is written by no convention.
    amount = pesos_of_number(number)
    if isinstance(amount, Unreadable):
        read.refusals.append(Note.of(amount, read.line, TOTAL_VALUE.name, read.label, number))
    else:
        read.total, read.written_total = Pesos(amount), f"{number:f}"


def _read_prepaid(read: ReadRow, cell: Cell) -> None:
    text = _value(read, PREPAID, cell)
    if text is None:
        return
    read.prepaid = _YES_OR_NO.get(str(plain_number(text)).lower())
    if read.prepaid is None:
        why = f"the cell is yes or no, not {quoted(text)}"
        read.refusals.append(Note(FileCode.INVALID_CHOICE, why, read.line, PREPAID.name, read.label, written=text))


def _read_units(read: ReadRow, cell: Cell) -> None:
    text = _value(read, UNITS, cell)
    units = None if text is None else read_units(text)
    if isinstance(units, Unreadable):
        read.refusals.append(Note.of(units, read.line, UNITS.name, read.label, cell))
    else:
        read.units = units


_READERS = {ID: _read_id, TOTAL_VALUE: _read_total, PREPAID: _read_prepaid, UNITS: _read_units}


def _value(read: ReadRow, column: Column, cell: Cell) -> str | None:
    written = text_of(cell)
    line = written if isinstance(written, Unreadable) else clean_line(written)
    if isinstance(line, Unreadable):
        read.refusals.append(Note.of(line, read.line, column.name, read.label, cell))
        return None
    text = formula_text(line)
    return None if not text or is_placeholder(text) else text


def _require_amount(read: ReadRow) -> None:
    # What is wrong with its own cells has been said already.
    is_told = any(note.column in {TOTAL_VALUE.name, PREPAID.name} for note in read.refusals)
    if read.prepaid or read.total is not None or is_told:
        return
    why = "an order that is not prepaid needs the amount to collect; write 0 where there is none"
    read.refusals.append(Note(FileCode.MISSING_AMOUNT, why, read.line, TOTAL_VALUE.name, read.label))
