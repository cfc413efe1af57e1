"""The benchmark's parts, and its table where there is little room."""

import io
import re
from importlib.util import find_spec

import pytest
from rich.console import Console

from benchmarks.__main__ import PARTS, main
from benchmarks.cold_start import FLOORS
from benchmarks.measure import Bar, Figures, Row
from benchmarks.tables import print_table
from tests.template import functions

ROWS = [
    Row("record", "record in batches of 1,000", "items/s", Figures((19_591.0,)), Figures((23_752.0,))),
    Row(
        *("memory", "relay_events, 200 events of 0.9 MB and 5,000 small ones: time at 256 MB", "s"),
        Figures((12.4, 12.6, 12.2)),
        Figures((55.0, 55.0, 55.0)),
        "Timeout",
        Bar("<=", 0.2),
    ),
    Row("cold-start", "layer, unzipped", "MB", Figures((23.5,)), bar=Bar("<=", 30)),
]


def printed(width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    print_table(ROWS, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_every_function_has_its_floor() -> None:
    assert set(FLOORS) == set(functions())


def test_every_part_has_its_module_and_its_decision() -> None:
    for part, decision in PARTS.items():
        assert find_spec(f"benchmarks.{part.replace('-', '_')}"), part
        assert len(decision.split()) > 3, part


def test_a_part_that_is_none_is_said_and_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed"]) == 2
    said = capsys.readouterr().out
    assert "no part speed" in said
    assert all(f"{part}: " in said for part in PARTS)


def test_in_80_columns_every_line_fits_and_every_figure_is_whole() -> None:
    """What a pipe and a narrow terminal get: a table of seven columns used to be cut into pieces of words there."""
    lines = printed(80)
    assert max(map(len, lines)) <= 80
    for part in ("19,591 items/s", "23,752", "0.82", "12.4 s", "0.23", "≤ 0.2 FAILS", "23.5 MB", "≤ 30 holds"):
        assert any(re.search(rf"(^|\s){re.escape(part)}(\s|$)", line) for line in lines), part
    assert " ".join(" ".join(lines).split()).count("next to Timeout") == 1


def test_where_there_is_room_the_least_and_the_most_are_there_too() -> None:
    assert any("12.4 (12.2 to 12.6) s" in line for line in printed(160))
    assert not any("to 12.6" in line for line in printed(80))


def test_a_row_measured_again_is_judged_by_all_its_runs() -> None:
    first = Row("create", "create 100", "ms", Figures((9.0, 9.0)), Figures((5.0, 5.0)), bar=Bar("<=", 1.5))
    again = Row("create", "create 100", "ms", Figures((5.0,) * 3), Figures((5.0,) * 3), bar=Bar("<=", 1.5))
    assert (first.holds, first.with_runs_of(again).holds) == (False, True)
    assert (again.with_runs_of(first).ratio, again.with_runs_of(first).product.most) == (1.0, 9.0)
