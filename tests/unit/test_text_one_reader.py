"""Text from outside is read in one place: what reads characters, tables and amounts is imported nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.template import ROOT

#: What reads or derives something from text; a second place that does is a second opinion of what it means.
READERS = {"csv.reader", "csv.DictReader", "unicodedata.normalize", "unicodedata.category", "uuid5", "Decimal", "float"}
ROOMS = ("shared/logistics", "shared/intake")
#: What they read is no text from outside, or is our own answer about it.
ELSEWHERE = {
    # Sentences of a portal, compared with sentences.
    ("shared/domain/carriers/unsure.py", "unicodedata.normalize"),
    # Figures of our own: what holds where nothing is set.
    ("shared/domain/carriers/accounts.py", "Decimal"),
    ("shared/domain/jobs/preview_import.py", "Decimal"),
    # Numbers of JSON, which are numbers already.
    ("shared/domain/numbers.py", "Decimal"),
    ("shared/domain/orders/events.py", "float"),
    ("shared/domain/orders/stored_json.py", "Decimal"),
    ("shared/domain/orders/stored_json.py", "float"),
    ("shared/http/body.py", "float"),
    ("shared/http/models.py", "float"),
    ("shared/http/problems.py", "float"),
    ("shared/robot/health.py", "float"),
    ("shared/robot/report.py", "Decimal"),
    ("shared/robot/report.py", "float"),
}


def reads() -> Iterator[tuple[str, str]]:
    for package in ("shared", "functions", "local/cli"):
        for file in (ROOT / package).rglob("*.py"):
            path = file.relative_to(ROOT)
            if not str(path).startswith(ROOMS):
                yield from ((str(path), name) for name in called(file) & READERS)


def called(file: Path) -> set[str]:
    return {
        ast.unparse(each.func)
        for each in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(each, ast.Call)
    }


def test_no_text_from_outside_is_read_anywhere_else() -> None:
    """Naive: each way in has a reader of its own, and `89.900` means something else in each."""
    assert set(reads()) == ELSEWHERE
