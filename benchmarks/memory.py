"""Each function's memory and time at its largest input, against what the template gives it.

Source: "Configure Lambda function memory": processor time comes in proportion to memory, a whole vCPU at 1,769 MB.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import invoked
from benchmarks.aws import instant_aws
from benchmarks.built import code_of, started
from benchmarks.database import STATE, Database, fresh_database
from benchmarks.events import Event
from benchmarks.measure import RUNS, Bar, Figures, Row
from benchmarks.memory_cases import Case, cases
from benchmarks.robot import robot
from local.stack.build import ensure_build
from local.stack.environment import without_users_settings
from local.stack.postgres import Postgres
from tests.template import events, functions, template

_WHOLE_VCPU_MB = 1_769


@dataclass(frozen=True)
class _Cost:
    cpu_s: float
    elapsed_s: float
    peak_mb: float


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with without_users_settings():
        ensure_build(STATE)
    batch_sizes = {
        name: events(function, "SQS")[0]["BatchSize"] for name, function in functions().items() if _has_queue(function)
    }
    with (
        instant_aws() as variables,
        robot() as instant,
        fresh_database(server, "bench_memory") as database,
        database.connect_owner() as owner,
    ):
        for case in cases(owner, instant.url, batch_sizes):
            yield from _function(case, database, dict(variables))


def _function(case: Case, database: Database, variables: dict[str, str]) -> Iterator[Row]:
    settings = template()["Globals"]["Function"] | functions()[case.function]
    memory_mb, timeout_s = settings["MemorySize"], settings["Timeout"]
    arguments = [invoked.__file__, case.function, str(timeout_s)]
    variables |= {"DATABASE_URL": database.url(case.role)}
    with started(code_of(case.function), case.function, arguments, variables, subprocess.PIPE) as process:
        largest = {}
        for what, event in case.largest.items():
            _invoke(process, event())  # Its connection, its plans and its clients are there then.
            largest[what] = _invoke(process, event())
        small = Figures(tuple(_invoke(process, case.small()).cpu_s * 1000 for _ in range(RUNS)))
    peak = Figures((max(cost.peak_mb for cost in largest.values()),))
    given = Figures((memory_mb,))
    yield Row("memory", f"{case.function}, most", "MB", peak, given, "MemorySize", Bar("<=", 0.7))
    for what, cost in largest.items():
        estimated = cost.cpu_s * max(_WHOLE_VCPU_MB / memory_mb, 1) + max(cost.elapsed_s - cost.cpu_s, 0)
        name = f"{case.function}, {what}: time at {memory_mb} MB"
        yield Row("memory", name, "s", Figures((estimated,)), Figures((timeout_s,)), "Timeout", Bar("<=", 0.5))
    yield Row("memory", f"{case.function}, small: processor time", "ms", small)


def _invoke(process: "subprocess.Popen[str]", event: Event) -> _Cost:
    if process.stdin is None or process.stdout is None:
        raise TypeError("the process was started without pipes")
    process.stdin.write(json.dumps(event) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise RuntimeError("the function's process has ended")
    result = json.loads(answer)
    if refused := result.pop("refused"):
        raise RuntimeError(refused)
    return _Cost(**result)


def _has_queue(function: dict[str, Any]) -> bool:
    return any(event["Type"] == "SQS" for event in function.get("Events", {}).values())
