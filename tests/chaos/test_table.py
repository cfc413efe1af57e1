"""A run's outcome is readable in 80 columns, in a terminal and in a pipe."""

import io
import re
from collections import Counter
from uuid import uuid4

import pytest
from rich.console import Console

from local.chaos.findings import Finding
from local.chaos.run import Outcome
from local.chaos.table import show
from local.chaos.work import Work

OUTCOME = Outcome(
    seed=1000,
    works=[Work(uuid4(), jobs={uuid4(): {uuid4() for _ in range(1525)}})],
    faults=Counter({"worker.point receive_callback of a function with a long name": 39, "bus.calls": 263}),
    recovery={"worker.point receive_callback of a function with a long name": [0.2, 10.9, 0.1]},
    shipments=1204,
    findings=[Finding("lost", "A shipment's number is on no item."), Finding("wrong", "A counter is wrong.")],
)


@pytest.mark.parametrize("width", [60, 80])
def test_every_line_fits_and_every_figure_is_whole(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    show(OUTCOME, console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    for line in (
        r"Orders in them +1525",
        r"bus\.calls +263 +- +-",
        r"39 +0\.2 +10\.9$",
        r"lost +1",
        r"otherwise wrong +1",
    ):
        assert any(re.search(line, each) for each in lines), line
    assert "lost: A shipment's number is on no item." in lines
