"""Lets a Lambda worker be killed at a named point; Python imports it at start where PYTHONPATH names its folder.

Only a chaos run sets that path, on the functions of its own stack: the deployed code carries none of this. A point is
armed by a file `function@point@number` in the folder `armed`; the first worker to reach it takes the file and kills
itself. What a worker starts, ends and dies of goes to `invocations.jsonl`, one line each.
"""

# ruff: noqa: ANN401 - it wraps calls of other programs without knowing what they pass

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

#: Answers and delays a tenth as long as in earnest, so that minutes of it show what days do.
ANSWER_TIMEOUT_S = 2
FIRST_DELAY_S, MAX_DELAY_S = 1, 4
_HTTP_ERROR = 500


class Switch:
    """The points of one worker."""

    def __init__(self, folder: Path, function: str) -> None:
        self._armed, self._fired = folder / "armed", folder / "fired"
        self._log = folder / "invocations.jsonl"
        self._function = function
        self._keys: list[str] = []
        self._statements = 0

    def reach(self, point: str, before_dying: Callable[[], None] | None = None) -> None:
        """Die here if this point is armed."""
        wanted = f"{self._function}@{point}@"
        for file in self._armed.iterdir():
            if not file.name.startswith(wanted):
                continue
            try:
                file.rename(self._fired / file.name)
            except FileNotFoundError:
                continue  # another worker died of it
            if before_dying is not None:
                with contextlib.suppress(Exception):
                    before_dying()
            self._write("killed", self._keys, point)
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, connection: Any) -> None:
        """Count a statement of this invocation; what was queued reaches the server before a death."""
        self._statements += 1
        self.at(f"statement.{self._statements}", connection)

    def at(self, point: str, connection: Any) -> None:
        """Reach a point with a connection whose queued statements are carried out before a death."""
        pipeline = connection._pipeline  # noqa: SLF001 - psycopg shows it nowhere else
        self.reach(point, None if pipeline is None else pipeline.sync)

    def watch(self, handler: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Wrap a handler, so that its starts and ends are known."""

        def watched(event: Any, context: Any) -> Any:
            self._keys = [record["messageId"] for record in event.get("Records", [])] or [context.aws_request_id]
            self._statements = 0
            self._write("start", self._keys)
            result = handler(event, context)
            if result.get("statusCode", 0) < _HTTP_ERROR:
                again = {failure["itemIdentifier"] for failure in result.get("batchItemFailures", [])}
                self._write("end", [key for key in self._keys if key not in again])
            return result

        return watched

    def _write(self, what: str, keys: list[str], point: str | None = None) -> None:
        line = {
            "at": time.time(),
            "pid": os.getpid(),
            "function": self._function,
            "what": what,
            "keys": keys,
            "point": point,
        }
        # One write a line: those of several workers don't mix.
        with self._log.open("ab", buffering=0) as log:
            log.write(json.dumps(line).encode() + b"\n")


def install(switch: Switch) -> None:
    """Wait for the handler's module, and put the points into what it has imported."""
    import_module = importlib.import_module

    def importing(name: str, package: str | None = None) -> Any:
        module = import_module(name, package)
        if name.startswith("functions.") and name.endswith(".app"):
            _put_points(switch)
            module.handler = switch.watch(module.handler)  # type: ignore[attr-defined] # every handler module has one
        return module

    importlib.import_module = importing


def _put_points(switch: Switch) -> None:
    _around_aws_calls(switch)
    if "psycopg" in sys.modules:
        _around_statements(switch)
    # Only what the function has imported: the others don't call the robot.
    if hand_over := sys.modules.get("shared.workflow.hand_over"):
        _around(hand_over, "call_robot", switch, "robot")
        sys.modules["shared.robot.client"].ANSWER_TIMEOUT_S = ANSWER_TIMEOUT_S  # type: ignore[attr-defined] # it has
    if dispatches := sys.modules.get("shared.domain.jobs.wave"):
        dispatches.FIRST_DELAY_S, dispatches.MAX_DELAY_S = FIRST_DELAY_S, MAX_DELAY_S  # type: ignore[attr-defined] # same


def _around(owner: Any, name: str, switch: Switch, point: str) -> None:
    call = getattr(owner, name)

    def called(*args: Any, **kwargs: Any) -> Any:
        switch.reach(f"{point}.before")
        result = call(*args, **kwargs)
        switch.reach(f"{point}.after")
        return result

    setattr(owner, name, called)


def _around_aws_calls(switch: Switch) -> None:
    from botocore.client import BaseClient  # noqa: PLC0415 - on the path only when the handler is

    call = BaseClient._make_api_call  # type: ignore[attr-defined] # noqa: SLF001 - the one place that all calls pass

    def called(self: Any, operation: str, parameters: Any) -> Any:
        switch.reach(f"{operation}.before")
        result = call(self, operation, parameters)
        switch.reach(f"{operation}.after")
        return result

    BaseClient._make_api_call = called  # type: ignore[attr-defined] # noqa: SLF001 - the same


def _around_statements(switch: Switch) -> None:
    import psycopg  # noqa: PLC0415 - on the path only when the handler is

    execute = psycopg.Cursor.execute

    def executed(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if query == "COMMIT":
            switch.at("commit.before", self.connection)
        cursor = execute(self, query, *args, **kwargs)
        switch.statement(self.connection)
        if query == "COMMIT":
            switch.at("commit.after", self.connection)
        return cursor

    psycopg.Cursor.execute = executed  # type: ignore[method-assign]


if "ROBOT_JOBS_CHAOS" in os.environ and "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    install(
        Switch(
            Path(os.environ["ROBOT_JOBS_CHAOS"]),
            os.environ["AWS_LAMBDA_FUNCTION_NAME"].removeprefix("robot-jobs-").replace("-", "_"),
        )
    )
