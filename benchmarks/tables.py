"""The result as a table: on screen, and in Markdown for the documentation."""

from collections.abc import Iterable

from rich.table import Table

from benchmarks.measure import Figures, Row

_HEAD = ("what", "unit", "product", "floor", "ratio", "bar", "")


def table_of(rows: Iterable[Row]) -> Table:
    """Return the table: each figure as its median with least and most, the ratio, and whether the bar holds."""
    table = Table(*_HEAD, title="Medians (least to most)")
    colours = {None: "", True: "green", False: "red"}
    part = None
    for row in rows:
        if part not in {None, row.part}:
            table.add_section()
        part = row.part
        table.add_row(*_cells(row), style=colours[row.holds])
    return table


def markdown_of(rows: Iterable[Row]) -> str:
    """Return the same table in Markdown."""
    lines = [_HEAD, ("---",) * len(_HEAD), *map(_cells, rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        f"{row.part}: {row.what}",
        row.unit,
        _text(row.product),
        "" if row.floor is None else f"{row.floor_name}: {_text(row.floor)}",
        "" if row.ratio is None or row.floor is None else f"{row.ratio:.2f}",
        "" if row.bar is None else f"{'≤' if row.bar.side == '<=' else '≥'} {row.bar.limit:g}",
        {None: "", True: "holds", False: "does not hold"}[row.holds],
    )


def _text(figures: Figures) -> str:
    if len(figures.values) == 1:
        return _number(figures.median)
    return f"{_number(figures.median)} ({_number(figures.least)} to {_number(figures.most)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
