"""Schemathesis, with all its checks, against the description that the deployed stack serves."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from local.stack.state import Stack
from shared.domain.ids import uuid7
from tests.e2e import steps
from tests.e2e.conftest import raw, token
from tests.template import ROOT

pytestmark = pytest.mark.e2e

CONFIG = ROOT / "tests" / "e2e" / "schemathesis.toml"


class Effort(NamedTuple):
    """How hard a run tries, and how many requests an operation it makes at the least."""

    examples: int
    phases: str
    cases_each: int


_BRIEF = Effort(2, "examples,fuzzing,stateful", 2)
#: ROBOT_JOBS_FUZZ_EXAMPLES, for each operation, is what to raise for a longer search.
_WHOLE = Effort(int(os.environ.get("ROBOT_JOBS_FUZZ_EXAMPLES", "25")), "examples,coverage,fuzzing,stateful", 20)
EFFORTS = pytest.mark.parametrize(
    "effort", [pytest.param(_BRIEF, id="brief"), pytest.param(_WHOLE, id="whole", marks=pytest.mark.slow)]
)
#: Every operation of the description, none left out.
OPERATIONS = [
    method
    for methods in json.loads((ROOT / "shared" / "http" / "openapi.json").read_text(encoding="utf-8"))["paths"].values()
    for method in methods
]
_TIMEOUT_S = 1_200


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


def schemathesis(stack: Stack, description: Path, credentials: str, effort: Effort) -> Run:
    folder = description.parent
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG.read_text(encoding="utf-8") + credentials)
    report = folder / "report.json"
    done = subprocess.run(  # noqa: S603 - our own arguments
        [
            *(str(Path(sys.executable).with_name("st")), "--config-file", str(config)),
            *("run", str(description), "--url", stack.api_url, "--max-examples", str(effort.examples)),
            *("--continue-on-failure", "--report", "json", "--report-json-path", str(report), "--max-failures", "20"),
            *("--phases", effort.phases),
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


def assert_flawless(run: Run, effort: Effort) -> None:
    assert run.report["exit_code"] == 0, run.output
    assert not run.report["failures"], run.output
    assert not run.report["errors"], run.output
    assert run.report["complete"], run.output
    assert run.report["operations"]["tested"] == run.report["operations"]["total"] == len(OPERATIONS)
    assert run.report["test_cases"]["generated"] >= effort.cases_each * len(OPERATIONS), run.output
    assert {run.report["phases"][phase]["status"] for phase in effort.phases.split(",")} == {"success"}


@EFFORTS
def test_with_credentials_every_operation_does_as_its_description_says(
    stack: Stack, description: Path, workspace: UUID, effort: Effort
) -> None:
    """All checks, and requests that follow from answers: no server error, no undocumented status, header or body."""
    credentials = f"""
[auth.openapi.jwt]
bearer = "{token(workspace, expires_in_s=86_400)}"
[auth.openapi.callbackSecret]
api_key = "{steps.callback_secret(stack, uuid7(), uuid7())}"
"""
    assert_flawless(schemathesis(stack, description, credentials, effort), effort)


@EFFORTS
def test_without_credentials_nothing_gets_in(stack: Stack, description: Path, effort: Effort) -> None:
    """Without a session there is nothing to come back to: no request follows from an answer."""
    alone = effort._replace(examples=1, phases=effort.phases.removesuffix(",stateful"), cases_each=1)
    assert_flawless(schemathesis(stack, description, "", alone), alone)
