"""A client that is generated from the description of the API types, and loses no answer."""

import json
import re
import sys
from typing import Any

import pytest

from shared.http.description import DOCUMENT
from tests.typed_client import PROGRAM, client_python, generated_client, run

pytestmark = pytest.mark.programs

DESCRIPTION: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
# The generator's own code passes whatever `__exit__` gets on as objects; all else is held to the strictest.
MYPY_INI = """
[mypy]
strict = True
[mypy-typed_client.client]
disable_error_code = arg-type
"""


def unnamed(path: str) -> str:
    return re.sub(r"{.*?}", "{}", path)


def test_every_answer_of_every_operation_is_typed() -> None:
    """Naive: an answer that the description leaves without a schema, or by a media type alone, is None to a program."""
    found: dict[str, dict[str, str]] = {}
    for module in (generated_client() / "typed_client" / "api").glob("*/*.py"):
        text = module.read_text(encoding="utf-8")
        if '"method": "' in text:
            [(method, url)] = re.findall(r'"method": "(\w+)",\s+"url": "([^"]+)"', text)
            answers: list[tuple[str, str]] = re.findall(r"status_code == (\d+):\s+response_\d+ = (.*)", text)
            found[f"{method} {unnamed(url)}"] = dict(answers)
    for path, operations in DESCRIPTION["paths"].items():
        for method, operation in operations.items():
            read = found.pop(f"{method} {unnamed(path)}")
            assert read.keys() == operation["responses"].keys(), (method, path)
            for status, how in read.items():
                # 304 has no body; the description of the API is of no kind but its own.
                is_typed = re.search(r"\w+\.from_dict\(response\.json\(\)\)", how)
                assert is_typed or status == "304" or path == "/openapi.json", (method, path, status, how)
    assert not found


def test_a_program_that_uses_it_is_checked_by_its_types() -> None:
    folder = generated_client()
    (folder / "mypy.ini").write_text(MYPY_INI, encoding="utf-8")
    options = ("--config-file", folder / "mypy.ini", "--cache-dir", folder / "cache")
    python = ("--python-executable", client_python())
    said = run(sys.executable, "-m", "mypy", *options, *python, PROGRAM, MYPYPATH=str(folder))
    assert said.startswith("Success")
