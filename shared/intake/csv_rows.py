"""The rows of a text in CSV, with the lines that they begin at."""

import csv
import re
from collections.abc import Iterator
from io import StringIO

from shared.intake.columns import known_column
from shared.intake.notes import FileCode, FileRefusedError, Note
from shared.intake.rows import Row

#: Commas; semicolons, where the comma is for decimals; tabs, as copied from a spreadsheet.
_SEPARATORS = ",;\t"
#: A first line that only tells Excel the separator.
_SEPARATOR_HINT = re.compile(r"sep=(?P<separator>[,;\t])\r?\n?", re.IGNORECASE)


def csv_rows(text: str) -> Iterator[Row[str]]:
    """Yield the rows of a CSV text, its first row, the header, in any case; rows of empty cells are passed over.

    Raises:
        FileRefusedError: from the line on that is no CSV.
    """
    hint = _SEPARATOR_HINT.match(text)
    lines_before = 1 if hint else 0
    body = text[hint.end() :] if hint else text
    separator = hint["separator"] if hint else _separator(body)
    reader = csv.reader(StringIO(body, newline=""), delimiter=separator, strict=True)
    before: Row[str] | None = None
    is_header_read = False
    line = 1
    try:
        for cells in reader:
            row, line = Row(line + lines_before, cells), reader.line_num + 1
            if before is not None:
                yield before
            # A header of empty cells is one that names nothing; lines without a cell may stand before it.
            before = row if not row.is_blank or (cells and not is_header_read) else None
            is_header_read = is_header_read or bool(cells)
    except csv.Error as error:
        if before is not None:
            yield before
        why = f"this is no CSV ({error}); look for a quotation mark that is not closed"
        raise FileRefusedError(Note(FileCode.NOT_CSV, why, line + lines_before)) from error
    if before is not None:
        yield Row(before.line, before.cells, is_open=not body.endswith(("\n", "\r")))


def _separator(text: str) -> str:
    """Return the separator that makes the most known columns of the first line."""
    header = text.lstrip("\r\n").split("\n", 1)[0].split("\r", 1)[0]

    def known_columns(separator: str) -> int:
        return sum(known_column(cell.strip(' "')) is not None for cell in header.split(separator))

    return max(_SEPARATORS, key=lambda separator: (known_columns(separator), header.count(separator)))
