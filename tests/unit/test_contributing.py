"""CONTRIBUTING.md names what is there, and what runs before a commit is what the gate runs."""

import re
import tomllib

import pytest

from tests.template import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?", PAGE)))


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_a_test_that_it_names_is_there(path: str, test: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    assert not test or f"def {test}(" in source


def test_the_commands_that_it_names_exist() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", PAGE, re.MULTILINE))
    assert {name for pair in named for name in pair if name} <= set(targets)
    assert len(named) > 5


def test_ruff_before_a_commit_is_the_locked_one() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    (version,) = [each["version"] for each in locked if each["name"] == "ruff"]
    assert f"rev: v{version}\n" in (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
