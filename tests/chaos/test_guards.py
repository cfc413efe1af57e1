"""A guard can be taken out of a copy of the code as it is now."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from local.chaos.guards import GUARDS, GuardNotFoundError, remove_guard
from local.chaos.pace import quicken
from local.stack.paths import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    shutil.copytree(CHECKOUT / "shared", tmp_path / "shared", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_a_guard_goes_and_what_is_left_is_python(layer: Path, name: str) -> None:
    remove_guard(name, layer)
    for file in {edit.file for edit in GUARDS[name]}:
        changed = (layer / file).read_text()
        assert changed != (CHECKOUT / file).read_text()
        compile(changed, file, "exec")


def test_the_spans_of_a_run_are_found_in_the_code_as_it_is_now(layer: Path) -> None:
    """Naive: a span is moved to another module, and the next long run does not start."""
    quicken(layer)
    with pytest.raises(GuardNotFoundError, match="10 minutes"):
        quicken(layer)


def test_a_guard_that_is_elsewhere_by_now_is_told(layer: Path) -> None:
    remove_guard("deadline", layer)
    with pytest.raises(GuardNotFoundError, match="if not overdue"):
        remove_guard("deadline", layer)
