"""What `openapi-typescript` makes of the description of the API: no answer is lost, each refusal has its code."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.stack.tools import NODE, tool
from shared.http.description import DOCUMENT
from tests.template import ROOT
from tests.typed_client import run

pytestmark = [pytest.mark.programs, pytest.mark.slow]

PACKAGES = ("openapi-typescript@7.13.0", "typescript@5.9.3")
DESCRIPTION: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
_BEGINNING = """
import type { paths } from "./api";
type Typed<T> = [T] extends [never] ? false : unknown extends T ? false : true;
"""
_SUBMIT = 'paths["/robot-jobs"]["post"]["responses"]'
#: As somebody's program reads a submission's answer.
_READS = f"""
export function read(status: 201 | 409, body: unknown): string {{
  if (status === 201) {{
    const made = body as {_SUBMIT}[201]["content"]["application/json"];
    return `${{made.jobId}}: ${{made.itemCount}}`;
  }}
  const refused = body as {_SUBMIT}[409]["content"]["application/problem+json"];
  return refused.code === "CODE" ? refused.detail : refused.title;
}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the types, and the compiler."""
    folder = tmp_path_factory.mktemp("typescript")
    install = ("install", "--no-audit", "--no-fund", "--save-exact", "--prefix", folder, *PACKAGES)
    node(folder, tool(NODE) / "npm", *install)
    node(folder, programs(folder) / "openapi-typescript", DOCUMENT, "--output", folder / "api.ts")
    return folder


def node(folder: Path, *command: str | Path) -> str:
    return run(
        *command,
        PATH=f"{tool(NODE)}:{os.environ['PATH']}",
        npm_config_cache=str(ROOT / ".local" / "npm"),
        PWD=str(folder),
    )


def programs(folder: Path) -> Path:
    return folder / "node_modules" / ".bin"


def compiled(folder: Path, text: str) -> str | None:
    """Return what the compiler has against a program; None: nothing."""
    program = folder / "program.ts"
    program.write_text(_BEGINNING + text, encoding="utf-8")
    command = [str(programs(folder) / "tsc"), "--strict", "--noEmit", "--target", "es2022", str(program)]
    environment = os.environ | {"PATH": f"{tool(NODE)}:{os.environ['PATH']}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    return done.stdout if done.returncode else None


def answers() -> Iterator[str]:
    """Give the type of each answer that has a body."""
    for path, operations in DESCRIPTION["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                for kind in answer.get("content", ()):
                    yield f'paths["{path}"]["{method}"]["responses"][{status}]["content"]["{kind}"]'


def test_every_answer_of_every_operation_is_typed(folder: Path) -> None:
    lines = [f"export const answer{number}: Typed<{kind}> = true;" for number, kind in enumerate(answers())]
    assert len(lines) > 100
    assert compiled(folder, "\n".join(lines)) is None


def test_a_program_reads_answers_by_their_types_and_a_code_that_is_none_is_found(folder: Path) -> None:
    assert compiled(folder, _READS.replace("CODE", "duplicate_job")) is None
    assert "no overlap" in (compiled(folder, _READS.replace("CODE", "duplicated_job")) or "")
