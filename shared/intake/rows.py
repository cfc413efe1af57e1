"""A row of a file, whatever the file: what stands in its cells, and where."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from shared.logistics import TextCode, Unreadable, excerpt

#: What is written in a cell: a text, a number that is a number to its file, or what can't be taken for either.
Cell = str | Decimal | Unreadable
AnyCell_co = TypeVar("AnyCell_co", bound=Cell, covariant=True)
#: A workbook's numbers have fifteen digits; those behind are lost.
_TOO_LONG = Decimal(10**15)


class Row(NamedTuple, Generic[AnyCell_co]):
    """The cells of one row, as they are written; `line` is the one that it begins at, 1 being the file's first."""

    line: int
    cells: Sequence[AnyCell_co]
    #: Nothing ends the row, not even the file's last line end: the file may have been cut off here.
    is_open: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether all its cells are empty."""
        return all(is_blank(cell) for cell in self.cells)


def is_blank(cell: Cell) -> bool:
    """Tell whether nothing is written in a cell."""
    return isinstance(cell, str) and not cell.strip()


def written_in(cell: Cell) -> str | None:
    """Return what a person sees in a cell, the beginning of a long text; None where its file tells nothing of it."""
    if isinstance(cell, Unreadable):
        return None
    return excerpt(f"{cell:f}" if isinstance(cell, Decimal) else cell)


def text_of(cell: Cell) -> str | Unreadable:
    """Return the text of a cell; a number is its digits, and one of more than fifteen digits has lost some."""
    if not isinstance(cell, Decimal):
        return cell
    if abs(cell) >= _TOO_LONG:
        why = f"is {cell:f}, longer than a workbook keeps a number; format the column as text and enter it again"
        return Unreadable(TextCode.LOST_DIGITS, why)
    return str(int(cell)) if cell == cell.to_integral_value() else f"{cell.normalize():f}"
