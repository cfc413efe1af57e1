"""A worker dies at a point that is armed for its function, once, and nothing happens to any other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from local.chaos.workers import SWITCH

if TYPE_CHECKING:
    from pathlib import Path

# What the emulator's worker does: it imports the handler's module by name and calls its handler.
_WORKER = """
import importlib, types
handler = importlib.import_module("functions.probe.app").handler
context = types.SimpleNamespace(aws_request_id="r-1")
print(handler({"Records": [{"messageId": "m-1"}, {"messageId": "m-2"}]}, context))
"""
_HANDLER = """
def handler(event, context):
    import botocore.session
    from botocore.client import BaseClient
    assert BaseClient._make_api_call.__name__ == "called"
    return {"batchItemFailures": [{"itemIdentifier": "m-2"}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("armed", "fired"):
        (tmp_path / name).mkdir()
    package = tmp_path / "code" / "functions" / "probe"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "app.py").write_text(_HANDLER)
    return tmp_path


def work(folder: Path, program: str = _WORKER, function: str = "robot-jobs-probe") -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(SWITCH), str(folder / "code")])
    variables = {"PYTHONPATH": paths, "ROBOT_JOBS_CHAOS": str(folder), "AWS_LAMBDA_FUNCTION_NAME": function}
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )


def written(folder: Path) -> list[tuple[str, str, list[str]]]:
    lines = map(json.loads, (folder / "invocations.jsonl").read_text().splitlines())
    return [(line["function"], line["what"], line["keys"]) for line in lines]


def test_a_worker_that_is_not_armed_works_and_is_watched(folder: Path) -> None:
    (folder / "armed" / "other@robot.before@0").touch()
    done = work(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert written(folder) == [("probe", "start", ["m-1", "m-2"]), ("probe", "end", ["m-1"])]


def test_a_worker_dies_at_its_point_and_the_next_one_lives(folder: Path) -> None:
    (folder / "armed" / "probe@PutEvents.before@0").touch()
    program = """
import sitecustomize, os, pathlib
sitecustomize.Switch(pathlib.Path(os.environ["ROBOT_JOBS_CHAOS"]), "probe").reach("PutEvents.before")
print("alive")
"""
    assert work(folder, program).returncode == -signal.SIGKILL
    assert written(folder) == [("probe", "killed", [])]
    assert [file.name for file in (folder / "fired").iterdir()] == ["probe@PutEvents.before@0"]
    assert work(folder, program).stdout == "alive\n"


def test_without_its_variables_it_does_nothing(folder: Path) -> None:
    program = "import importlib; print(importlib.import_module.__module__)"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program], env={"PYTHONPATH": str(SWITCH)}, capture_output=True, text=True, check=False
    )
    assert done.stdout == "importlib\n"
    assert not (folder / "invocations.jsonl").exists()
