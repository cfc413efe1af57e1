"""Schemathesis, with all its checks, against the description that the deployed stack serves."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from local.stack.state import Stack
from shared.domain.ids import uuid7
from tests.e2e import steps
from tests.e2e.conftest import raw, token
from tests.template import ROOT

pytestmark = pytest.mark.e2e

CONFIG = ROOT / "tests" / "e2e" / "schemathesis.toml"
#: Both runs together; ROBOT_JOBS_FUZZ_EXAMPLES (for each operation) is what to raise for a longer search.
LEAST_CASES = 2_000
_EXAMPLES = int(os.environ.get("ROBOT_JOBS_FUZZ_EXAMPLES", "8"))
#: Every operation of the description, none left out.
OPERATIONS = [
    method
    for methods in json.loads((ROOT / "shared" / "http" / "openapi.json").read_text(encoding="utf-8"))["paths"].values()
    for method in methods
]
_TIMEOUT_S = 1_200
_generated: list[int] = []


@dataclass(frozen=True)
class Run:
    """What came of a run."""

    report: dict[str, Any]
    output: str


@pytest.fixture(scope="module")
def description(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the served description as a file: Schemathesis would leave out the route that it gets it from."""
    with raw(stack) as client:
        served = client.get("openapi.json")
    path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    path.write_bytes(served.content)
    return path


def schemathesis(stack: Stack, description: Path, credentials: str, *options: str) -> Run:
    folder = description.parent
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG.read_text(encoding="utf-8") + credentials)
    report = folder / "report.json"
    done = subprocess.run(  # noqa: S603 - our own arguments
        [
            *(str(Path(sys.executable).with_name("st")), "--config-file", str(config)),
            *("run", str(description), "--url", stack.api_url, "--max-examples", str(_EXAMPLES)),
            *("--continue-on-failure", "--report", "json", "--report-json-path", str(report), "--max-failures", "20"),
            *options,
        ],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    output = done.stdout + done.stderr
    assert report.exists(), output
    return Run(json.loads(report.read_text(encoding="utf-8")), output)


def assert_flawless(run: Run) -> None:
    assert run.report["exit_code"] == 0, run.output
    assert not run.report["failures"], run.output
    assert not run.report["errors"], run.output
    assert run.report["complete"], run.output
    assert run.report["operations"]["tested"] == run.report["operations"]["total"] == len(OPERATIONS)
    _generated.append(run.report["test_cases"]["generated"])


def test_with_credentials_every_operation_does_as_its_description_says(
    stack: Stack, description: Path, workspace: UUID
) -> None:
    """All checks and phases, the stateful one too: no server error, no undocumented status, code, header or body."""
    run = schemathesis(
        stack,
        description,
        f"""
[auth.openapi.jwt]
bearer = "{token(workspace, expires_in_s=86_400)}"
[auth.openapi.callbackSecret]
api_key = "{steps.callback_secret(stack, uuid7(), uuid7())}"
""",
    )
    assert_flawless(run)
    assert {run.report["phases"][phase]["status"] for phase in ("examples", "coverage", "fuzzing", "stateful")} == {
        "success"
    }


def test_without_credentials_nothing_gets_in(stack: Stack, description: Path) -> None:
    """Without a session there is nothing to come back to: one request each is enough."""
    assert_flawless(schemathesis(stack, description, "", "--phases", "examples,coverage"))


def test_these_were_enough_cases() -> None:
    assert sum(_generated) >= LEAST_CASES, _generated
    print(f"Schemathesis: {_generated} cases with and without credentials")  # noqa: T201 - for the log of a run
