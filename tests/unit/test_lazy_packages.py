"""The packages whose names are imported when they are asked for."""

import subprocess
import sys
from typing import Any

import pytest

import shared.domain
import shared.events
import shared.logistics


@pytest.mark.parametrize("package", [shared.domain, shared.events, shared.logistics])
def test_every_name_of_the_stub_is_there(package: Any) -> None:
    assert dir(package)
    for name in dir(package):
        assert getattr(package, name) is not None


@pytest.mark.parametrize("package", ["shared.domain", "shared.events", "shared.logistics"])
def test_importing_the_package_loads_none_of_its_modules(package: str) -> None:
    program = f"import sys, {package}; print([name for name in sys.modules if name.startswith('{package}.')])"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout  # noqa: S603 - of our own making
    assert loaded.strip() == "[]"


def test_another_name_is_none() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = shared.domain.nothing  # type: ignore[attr-defined]
