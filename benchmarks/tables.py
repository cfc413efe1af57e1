"""The result as a table: on screen, in a pipe and in 80 columns alike, and in Markdown."""

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from benchmarks.measure import Figures, Row

#: So wide that a line holds the least and the most as well.
_WIDE = 120


def print_table(rows: Iterable[Row], console: Console) -> None:
    """Print a line a row: the median, the floor's, the median ratio and its bar; where there is room, least and most.

    Names are folded where they are too long; a figure never is.
    """
    text = _range if console.width >= _WIDE else _median
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("What, and next to what", overflow="fold")
    for name in ("Product", "Floor", "Ratio", "Bar"):
        table.add_column(name, justify="right", no_wrap=True)
    part = None
    for row in rows:
        if part != row.part:
            table.add_row(row.part, style="bold")
        part = row.part
        colour = {None: "", True: "green", False: "red"}[row.holds]
        beside = f", next to {row.floor_name}" if row.floor and row.floor_name != "floor" else ""
        floor = text(row.floor) if row.floor else ""
        product = f"{text(row.product)} {row.unit}"
        table.add_row(
            Padding(f"{row.what}{beside}", (0, 0, 0, 2)), product, floor, _ratio(row), _bar(row), style=colour
        )
    console.print(table)


def markdown_of(rows: Iterable[Row]) -> str:
    """Return the whole result as a table in Markdown."""
    head = ("what", "unit", "product", "floor", "ratio", "bar")
    lines = [head, ("---",) * len(head)]
    for row in rows:
        floor = f"{row.floor_name}: {_range(row.floor)}" if row.floor else ""
        lines.append((f"{row.part}: {row.what}", row.unit, _range(row.product), floor, _ratio(row), _bar(row)))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _ratio(row: Row) -> str:
    return "" if row.ratio is None or row.floor is None else f"{row.ratio:.2f}"


def _bar(row: Row) -> str:
    if row.bar is None:
        return ""
    side = "≤" if row.bar.side == "<=" else "≥"
    return f"{side} {row.bar.limit:g} {'holds' if row.holds else 'FAILS'}"


def _median(figures: Figures) -> str:
    return _number(figures.median)


def _range(figures: Figures) -> str:
    if len(figures.values) == 1:
        return _median(figures)
    return f"{_number(figures.median)} ({_number(figures.least)} to {_number(figures.most)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
