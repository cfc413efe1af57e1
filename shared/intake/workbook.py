"""The rows of a workbook (XLSX) whose one sheet is a plain table; what is more than that is refused by its place.

The cells' values are read by python-calamine, which says nothing of formulas and hidden rows, and takes what room a
sheet claims: so the archive and its sheets are looked at first.
"""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

from shared.intake.columns import MAX_COLUMNS, letters
from shared.intake.notes import FileCode, FileRefusedError, Note
from shared.intake.rows import Cell, Row
from shared.intake.sheet import Place, Sheet, scan_sheet, visible_sheets
from shared.logistics import TextCode, Unreadable

_ARCHIVE = b"PK\x03\x04"
#: Ten thousand orders have about 10 MB, unpacked.
MAX_UNPACKED = 64_000_000
MAX_PARTS = 1_000
_IS_ENCRYPTED = 0x1
_SAVE_AS = "open it and save it as XLSX or CSV UTF-8"
_BOOK = "xl/workbook.xml"
Value = str | int | float | bool | date | time | timedelta


def is_archive(data: bytes) -> bool:
    """Tell whether a file is an archive, as a workbook is one."""
    return data.startswith(_ARCHIVE)


def workbook_rows(data: bytes, *, max_rows: int) -> Iterator[Row[Cell]]:
    """Yield the rows of a workbook's only sheet with cells, the header first; rows of empty cells are passed over.

    Raises:
        FileRefusedError: it is no workbook, has a password, no or several sheets with cells, merged cells, hidden rows,
            or more inside than orders need.
    """
    parts = _parts(data)
    name, sheet = _only_sheet(parts)
    _refuse_layout(sheet, max_rows)
    for index, values in enumerate(_values(parts, name)):
        row = Row(index + 1, [_cell(value, Place(index, at), sheet) for at, value in enumerate(values)])
        if not row.is_blank:
            yield row


def _parts(data: bytes) -> dict[str, bytes]:
    """Return the parts of the archive that say something of cells, unpacked within limits.

    Raises:
        FileRefusedError: it is damaged, has a password, is no workbook, or unpacks to more than orders need.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = [each for each in archive.infolist() if each.filename.endswith((".xml", ".rels"))]
            if any(each.flag_bits & _IS_ENCRYPTED for each in parts):
                raise FileRefusedError(Note(FileCode.PASSWORD, "the archive has a password; save it without one"))
            if len(parts) > MAX_PARTS or sum(each.file_size for each in parts) > MAX_UNPACKED:
                most = MAX_UNPACKED // 1_000_000
                why = f"the workbook unpacks to more than {most} MB; keep the sheet of the orders alone"
                raise FileRefusedError(Note(FileCode.TOO_MUCH_INSIDE, why))
            if _BOOK not in archive.namelist():
                why = f"the file is an archive or another program's workbook, not XLSX; {_SAVE_AS}"
                raise FileRefusedError(Note(FileCode.NOT_TEXT, why))
            return {each.filename: _unpacked(archive, each) for each in parts}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise _damaged() from error


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    # Asked for as much as it says that it has: a part that lies about it is cut there, and its checksum is wrong.
    with archive.open(part) as file:
        return file.read(part.file_size + 1)


def _only_sheet(parts: Mapping[str, bytes]) -> tuple[str, Sheet]:
    """Return the sheet that has cells, with its name.

    Raises:
        FileRefusedError: none has, or several have, or one can't be read.
    """
    try:
        sheets = {name: scan_sheet(parts[part]) for name, part in visible_sheets(parts).items()}
    except (KeyError, ValueError) as error:
        raise _damaged() from error
    full = {name: sheet for name, sheet in sheets.items() if sheet.height}
    if len(full) > 1:
        names = ", ".join(f'"{name}"' for name in full)
        why = f"the workbook has several sheets with cells: {names}; keep the one with the orders"
        raise FileRefusedError(Note(FileCode.SEVERAL_SHEETS, why))
    if not full:
        raise FileRefusedError(Note(FileCode.EMPTY_FILE, "the workbook is empty; its first line names the columns"))
    return next(iter(full.items()))


def _refuse_layout(sheet: Sheet, max_rows: int) -> None:
    notes = [
        Note(
            FileCode.MERGED_CELLS,
            f"the cells {cells} are merged, so that what stands in them is of several rows or columns; unmerge them",
            line,
        )
        for line, cells in sheet.merged
    ]
    if sheet.hidden:
        more = f", and {len(sheet.hidden) - 1} more are" if len(sheet.hidden) > 1 else ""
        why = f"the row is hidden{more}, by a filter or by hand; show all rows, and delete those that don't count"
        notes.append(Note(FileCode.HIDDEN_ROWS, why, sheet.hidden[0]))
    if sheet.width > MAX_COLUMNS:
        why = f"the sheet has {sheet.width} columns, and may have {MAX_COLUMNS}; keep those of the orders alone"
        notes.append(Note(FileCode.TOO_MANY_COLUMNS, why, None, f"column {letters(sheet.width - 1)}"))
    # A blank line between any two; calamine takes room for all that lie between the first cell and the last.
    if sheet.height > 2 * max_rows:
        why = f"the sheet has cells down to here, and may have {max_rows} rows; delete what is below the orders"
        notes.append(Note(FileCode.TOO_MANY_ROWS, why, sheet.height))
    if notes:
        raise FileRefusedError(*notes)


def _values(parts: Mapping[str, bytes], name: str) -> Iterator[list[Value]]:
    """Return the values of a sheet's rows, from its first row and column on.

    Raises:
        FileRefusedError: the sheet can't be read.
    """
    # It comes with the command line, and is no part of what is deployed.
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415

    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    packed.seek(0)
    try:
        rows: list[list[Value]] = (
            CalamineWorkbook.from_filelike(packed).get_sheet_by_name(name).to_python(skip_empty_area=False)
        )
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged() from error
    return iter(rows)


def _cell(value: Value, place: Place, sheet: Sheet) -> Cell:
    if place in sheet.errors:
        return Unreadable(TextCode.SPREADSHEET_ERROR, "is an error of the spreadsheet; correct it and save it again")
    if place in sheet.formulas:
        why = "holds a formula, which may give something else tomorrow; copy the column and paste its values alone"
        return Unreadable(TextCode.FORMULA, why)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        # What the file says, and not the binary fraction next to it.
        return Decimal(repr(value))
    said = value.date() if isinstance(value, datetime) else value
    why = f"is a date or a time to the workbook ({said}); format the column as text and enter it again"
    return Unreadable(TextCode.DATE_CELL, why)


def _damaged() -> FileRefusedError:
    return FileRefusedError(Note(FileCode.NOT_TEXT, f"the file is a damaged workbook or an archive; {_SAVE_AS}"))
