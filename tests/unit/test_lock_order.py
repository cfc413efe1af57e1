"""Whoever locks several rows takes them in one order: else two of them can wait for each other for ever."""

import importlib
import pkgutil
import re

import pytest

import shared.domain

_LOCK = re.compile(r"\bFOR\s+(NO KEY )?UPDATE\b")
_IN_ORDER = re.compile(r"\bORDER BY\b(?:(?!\bSELECT\b).)*?\bFOR\s+(NO KEY )?UPDATE\b", re.DOTALL)


def statements() -> dict[str, str]:
    """Return every statement of the domain that locks rows, by module and name."""
    found = {}
    for module in pkgutil.walk_packages(shared.domain.__path__, "shared.domain."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, str) and _LOCK.search(value):
                found[f"{module.name}.{name}"] = value
    return found


STATEMENTS = statements()


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_that_locks_rows_says_in_which_order(name: str) -> None:
    statement = STATEMENTS[name]
    assert len(_IN_ORDER.findall(statement)) == len(_LOCK.findall(statement)), statement


def test_the_statements_are_found() -> None:
    assert len(STATEMENTS) > 8
