"""Whatever changes a row says when: an integration that asks for what is newer would miss it."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import shared
from shared.db import migrations

_TABLE = re.compile(r"CREATE TABLE (\w+) \((.*?)\n\);", re.DOTALL)
_UPDATE = r"\bUPDATE\s+(\w+)(?:\s+AS\s+\w+)?\s+SET\b"
#: An update, up to the next statement that writes.
_CHANGE = re.compile(rf"{_UPDATE}(.*?)(?={_UPDATE.replace('(', '(?:', 1)}|\bINSERT INTO\b|\Z)", re.DOTALL)
#: Columns that only the program itself reads; the row is as it was to everybody else.
_OURS = ("numbers_passed_over", "guides_refused_at = now()")


def tables() -> set[str]:
    """Return the tables whose rows say when they were changed."""
    schema = Path(migrations.__path__[0]).with_name("schema.sql").read_text()
    return {name for name, columns in _TABLE.findall(schema) if re.search(r"^\s+updated_at ", columns, re.MULTILINE)}


def changes() -> dict[str, str]:
    """Return what each update of such a table sets, and where, by module, name and table."""
    known, found = tables(), {}
    for module in pkgutil.walk_packages(shared.__path__, "shared."):
        if module.name.startswith(migrations.__name__):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for place, (table, change) in enumerate(_CHANGE.findall(value) if isinstance(value, str) else ()):
                if table in known:
                    found[f"{module.name}.{name}[{place}] {table}"] = change
    return found


CHANGES = changes()


@pytest.mark.parametrize("where", CHANGES)
def test_an_update_says_when_it_was(where: str) -> None:
    change = CHANGES[where].strip()
    assert "updated_at = now()" in change or change.startswith(_OURS), change


def test_the_updates_are_found() -> None:
    assert len(CHANGES) > 50
