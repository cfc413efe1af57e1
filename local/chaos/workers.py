"""The Lambda workers of a chaos run: prepared to die at named points, killed at random, watched."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from local.chaos.guards import remove_guard
from local.chaos.pace import quicken
from local.stack import aws
from local.stack.build import build_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from local.stack.state import Stack

SWITCH = Path(__file__).with_name("switch")
#: How long a queue hides a message that a worker took; in earnest minutes, six times the function's timeout.
VISIBILITY_S = 5
_PREFIX = "robot-jobs-"
_COMMIT = ("commit.before", "commit.after")
_BUS = ("PutEvents.before", "PutEvents.after")
_ROBOT = ("robot.before", "robot.after")


def _statements(count: int) -> tuple[str, ...]:
    """A point after each statement of an invocation but BEGIN, its commits and its publishing among them."""
    return tuple(f"statement.{number}" for number in range(2, count + 1))


#: Where each function can be killed. Between commit and publish: commit.after and PutEvents.before; between publish
#: and mark: PutEvents.after.
POINTS: dict[str, tuple[str, ...]] = {
    "submit_job": (*_statements(21), *_COMMIT, *_BUS),
    "manage_jobs": (*_statements(19), *_COMMIT, *_BUS),
    "receive_callback": _BUS,
    "dispatch_job": (*_statements(27), *_COMMIT, *_BUS, *_ROBOT, "SendMessage.before", "SendMessage.after"),
    "record_results": (*_statements(14), *_COMMIT, *_BUS),
    "complete_job": (*_statements(12), *_COMMIT, "Publish.before", "Publish.after"),
    "relay_events": (*_statements(13), *_COMMIT, *_BUS),
    "expire_items": (*_statements(37), *_COMMIT, *_BUS),
}
#: Points that wait to be reached; more would pile up on functions that hardly run.
_ARMED_AT_MOST = 10
_OTHERS = ("manage_carriers", "manage_orders")


@dataclass(frozen=True)
class Happening:
    """What a worker wrote down: `what` is start, end or killed; `keys` its messages or its request."""

    at: float
    pid: int
    function: str
    what: str
    keys: list[str]
    point: str | None


class Workers:
    """The workers of one stack."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._numbers = count()
        self._lambda = aws.session().client("lambda", endpoint_url=stack.aws_endpoint_url)
        self.random_kills: list[tuple[float, int]] = []

    def prepare(self, bus_url: str, without: str | None = None) -> None:
        """Give each function the switch and the bus of this run; workers that run are replaced.

        A copy of the built layer is put on their path instead of being unpacked and compiled by each of them, which
        takes seconds where workers die all the time.
        """
        layer = self._folder / "layer"
        shutil.rmtree(layer, ignore_errors=True)
        shutil.copytree(build_directory(self._folder.parent) / "SharedLayer" / "python", layer)
        quicken(layer)
        if without is not None:
            remove_guard(without, layer)
        for name in ("armed", "fired"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
            for old in (self._folder / name).iterdir():
                old.unlink()
        (self._folder / "invocations.jsonl").write_text("")
        for function in (*POINTS, *_OTHERS):
            name = _lambda_name(function)
            known: dict[str, Any] = dict(self._lambda.get_function_configuration(FunctionName=name)["Environment"])
            variables = known["Variables"] | {
                "PYTHONPATH": f"{SWITCH}{os.pathsep}{layer}",
                "ROBOT_JOBS_CHAOS": str(self._folder),
                "AWS_ENDPOINT_URL_EVENTBRIDGE": bus_url,
            }
            self._lambda.update_function_configuration(
                FunctionName=name, Environment={"Variables": variables}, Layers=[]
            )
            for alias in self._lambda.list_aliases(FunctionName=name)["Aliases"]:
                self._move(name, alias["Name"])

    def _move(self, name: str, alias: str) -> None:
        """Let an alias, which keeps the version it was deployed with, name one that has the switch."""
        version = self._lambda.publish_version(FunctionName=name)["Version"]
        # A version takes no request before its snapshot is there.
        self._lambda.get_waiter("published_version_active").wait(
            FunctionName=name, Qualifier=version, WaiterConfig={"Delay": 1}
        )
        self._lambda.update_alias(FunctionName=name, Name=alias, FunctionVersion=version)

    def invoke(self, function: str) -> None:
        """Run a schedule's function now; whether it succeeds shows elsewhere."""
        self._lambda.invoke(FunctionName=_lambda_name(function), Payload=b"{}")

    def arm(self, function: str, point: str) -> None:
        """Let the next worker of the function that reaches the point die there; of many in vain the oldest go."""
        armed = sorted((self._folder / "armed").iterdir(), key=lambda file: int(file.name.rpartition("@")[2]))
        for old in armed[: -_ARMED_AT_MOST + 1]:
            old.unlink(missing_ok=True)
        (self._folder / "armed" / f"{function}@{point}@{next(self._numbers)}").touch()

    def disarm(self) -> None:
        """Let workers live from now on."""
        for file in (self._folder / "armed").iterdir():
            file.unlink(missing_ok=True)

    def kill_one(self, chance: Random, now: float) -> bool:
        """Kill a worker with SIGKILL, one that is at work where there is one; False where there is none."""
        running = list(self._processes())
        if not running:
            return False
        last = {happened.pid: happened.what for happened in self.happenings()}
        at_work = [process for process in running if last.get(process.pid) == "start"]
        victim = chance.choice(at_work or running)
        try:
            victim.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            return False
        self.random_kills.append((now, victim.pid))
        return True

    def happenings(self) -> list[Happening]:
        """What the workers wrote down, in their order."""
        lines = (self._folder / "invocations.jsonl").read_text().splitlines()
        return [Happening(**json.loads(line)) for line in lines]

    def _processes(self) -> Iterator[psutil.Process]:
        # MiniStack runs each worker from a folder of its own, named after the function, under the stack's TMPDIR.
        folder = str(self._folder.parent / "tmp" / f"ministack-lambda-{_PREFIX}")
        for process in psutil.process_iter(["cmdline"]):
            command = process.info["cmdline"] or []
            if len(command) > 1 and command[1].startswith(folder):
                yield process


def _lambda_name(function: str) -> str:
    return _PREFIX + function.replace("_", "-")
