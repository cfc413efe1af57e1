"""A list of settlements as a CSV file: a line an item, checked whole before anything of it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from local.cli.errors import CommandError
from local.cli.settlements import OUTCOMES, Settlement, read_number
from shared.intake.csv_rows import csv_rows
from shared.intake.decoding import decode
from shared.intake.notes import FileRefusedError

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from local.cli.items import JobItems
    from shared.intake.rows import Row

K = TypeVar("K")

#: An item goes by its order's name, its id or the beginning of that, whatever its column is called.
_COLUMNS: Final = {"item": "item", "order": "item", "outcome": "outcome", "number": "number"}
#: So many bad lines are told at once.
MAX_TOLD = 50


def read_settlements(file: Path, items: JobItems, *, allow_shared_number: bool) -> list[Settlement]:
    """The settlements of a file whose first line names its columns: item (or order), outcome and, if any, number.

    Raises:
        CommandError: the file can't be read, or naming every line that is wrong.
    """
    try:
        text, _ = decode(file.read_bytes())
        header, *rows = csv_rows(text)
        columns = _columns(header)
    except FileRefusedError as error:
        told = "; ".join(f"line {note.line}: {note.why}" if note.line else note.why for note in error.notes)
        raise CommandError(f"{file}: {told}.") from error
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{file}: {error}.") from error
    reading = _Reading(items, columns, allow_shared_number=allow_shared_number)
    for row in rows:
        reading.take(row)
    if reading.bad:
        shown = "\n".join(f"  {line}" for line in reading.bad[:MAX_TOLD])
        more = f"\n  and {len(reading.bad) - MAX_TOLD} more" if len(reading.bad) > MAX_TOLD else ""
        raise CommandError(f"Nothing was sent. Correct these lines of {file} and try again:\n{shown}{more}")
    if not reading.settlements:
        raise CommandError(f"{file} names its columns and has no item under them.")
    return reading.settlements


def _columns(header: Row[str]) -> list[str]:
    """What each cell of a row is for.

    Raises:
        ValueError: a column is unknown, twice or missing.
    """
    columns = []
    for cell in header.cells:
        name = cell.strip().lower()
        if name not in _COLUMNS:
            raise ValueError(f"unknown column {cell.strip()!r}; known are item (or order), outcome, number")
        if _COLUMNS[name] in columns:
            raise ValueError(f"the column {name!r} is there twice")
        columns.append(_COLUMNS[name])
    if missing := [name for name in ("item", "outcome") if name not in columns]:
        raise ValueError(f"the column {missing[0]!r} is missing; a line has item (or order), outcome and number")
    return columns


class _Reading:
    """What has been read of a file so far."""

    def __init__(self, items: JobItems, columns: list[str], *, allow_shared_number: bool) -> None:
        self.settlements: list[Settlement] = []
        self.bad: list[str] = []
        self._items = items
        self._columns = columns
        self._allow_shared_number = allow_shared_number
        self._line_of_item: dict[UUID, int] = {}
        self._line_of_number: dict[str, int] = {}

    def take(self, row: Row[str]) -> None:
        try:
            self.settlements.append(self._settlement(row))
        except CommandError as error:
            self.bad.append(f"line {row.line}: {str(error).rstrip('.')}.")

    def _settlement(self, row: Row[str]) -> Settlement:
        if len(row.cells) > len(self._columns):
            raise CommandError("more cells than columns")
        cells = dict(zip(self._columns, (cell.strip() for cell in row.cells), strict=False))
        if len(row.cells) < len(self._columns) and set(self._columns[len(row.cells) :]) != {"number"}:
            raise CommandError("fewer cells than columns")
        if not cells["item"]:
            raise CommandError("it names no item")
        outcome = OUTCOMES.get(cells["outcome"].lower())
        if outcome is None:
            raise CommandError(f"the outcome is shipped, not shipped or voided, not {cells['outcome']!r}")
        number = read_number(cells.get("number", ""))
        if number and outcome != "shipped":
            raise CommandError(f"only what was shipped has a number; this one is {outcome}")
        item = self._items.find(cells["item"])
        self._refuse_twice(self._line_of_item, item.id, row, f"{cells['item']} is")
        if number and not self._allow_shared_number:
            self._refuse_twice(self._line_of_number, number, row, f"the number {number} is")
        return Settlement(item.id, outcome, number)

    @staticmethod
    def _refuse_twice(lines: dict[K, int], key: K, row: Row[str], what: str) -> None:
        first = lines.setdefault(key, row.line)
        if first != row.line:
            raise CommandError(f"{what} on line {first} already")
