"""The result as a table."""

from collections.abc import Iterable

from rich.table import Table

from benchmarks.measure import Figures, Row


def table_of(rows: Iterable[Row]) -> Table:
    """Return the table: each figure as its median with least and most, the ratio, and whether the bar holds."""
    table = Table("what", "unit", "product", "floor", "ratio", "bar", "", title="Medians (least to most)")
    part = None
    for row in rows:
        if part not in {None, row.part}:
            table.add_section()
        part = row.part
        floor = "" if row.floor is None else f"{row.floor_name} {_text(row.floor)}"
        ratio = "" if row.ratio is None or row.floor is None else f"{row.ratio:.2f}"
        bar = "" if row.bar is None else f"{row.bar.side} {row.bar.limit:g}"
        verdict = {None: "", True: "[green]holds", False: "[red]does not hold"}[row.holds]
        table.add_row(f"{row.part}: {row.what}", row.unit, _text(row.product), floor, ratio, bar, verdict)
    return table


def _text(figures: Figures) -> str:
    if len(figures.values) == 1:
        return _number(figures.median)
    return f"{_number(figures.median)} ({_number(figures.least)} to {_number(figures.most)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
