"""The packages whose names are imported when they are asked for."""

import subprocess
import sys
from typing import Any

import pytest

import shared.domain
import shared.events
import shared.logistics
from tests.template import ROOT

#: Functions that read files of orders.
TAKES_FILES = frozenset({"operator_page"})


def printed_by(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603 - of our own making
    return done.stdout.strip()


@pytest.mark.parametrize("package", [shared.domain, shared.events, shared.logistics])
def test_every_name_of_the_stub_is_there(package: Any) -> None:
    assert dir(package)
    for name in dir(package):
        assert getattr(package, name) is not None


@pytest.mark.parametrize("package", ["shared.domain", "shared.events", "shared.logistics"])
def test_importing_the_package_loads_none_of_its_modules(package: str) -> None:
    program = f"import sys, {package}; print([name for name in sys.modules if name.startswith('{package}.')])"
    loaded = printed_by(program)
    assert loaded == "[]"


def test_another_name_is_none() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = shared.domain.nothing  # type: ignore[attr-defined]


def test_only_what_takes_files_pays_for_their_reader_at_a_cold_start() -> None:
    """Naive: the module that looks cities up also imports what reads the carrier's list, and each function with it."""
    functions = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")} - TAKES_FILES
    imports = ", ".join(f"functions.{name}.app" for name in sorted(functions))
    assert printed_by(f"import sys, {imports}; print('shared.intake' in sys.modules)") == "False"
