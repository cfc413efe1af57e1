"""The packages whose names are imported when they are asked for."""

from importlib import import_module
from typing import Any

import pytest

import shared.domain
import shared.events
import shared.logistics


@pytest.mark.parametrize("package", [shared.domain, shared.events, shared.logistics])
def test_a_name_is_the_one_of_its_module(package: Any) -> None:
    homes: dict[str, str] = package._HOMES
    assert set(homes) == set(package.__all__)
    for name, home in homes.items():
        assert getattr(package, name) is getattr(import_module(f"{package.__name__}.{home}"), name)


def test_another_name_is_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = shared.domain.nothing
