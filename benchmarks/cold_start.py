"""How long a built function takes from the start of its process to its first request for an event."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.database import STATE
from benchmarks.measure import Bar, Figures, Row, in_turn
from local.stack.build import build_directory, ensure_build
from local.stack.environment import clean_environment, without_users_settings
from local.stack.postgres import Postgres
from local.stack.tools import RUNTIME, tool

_LOGGER = "from aws_lambda_powertools import Logger\n"
_METRICS = "from aws_lambda_powertools import Logger, Metrics\n"
_BATCH = (
    _LOGGER + "from aws_lambda_powertools.utilities.batch import BatchProcessor, process_partial_response\n"
    "from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord\n"
)
_HTTP = (
    _LOGGER + "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver\n"
    "from aws_lambda_powertools.event_handler.middlewares import openapi_validation\n"
    "from pydantic import BaseModel\n"
)
_DATABASE = "import psycopg\n"
_MODELS = "from pydantic import BaseModel, Field\n"

#: What each function cannot do without.
FLOORS = {
    "submit_job": _HTTP + _DATABASE,
    "manage_jobs": _HTTP + _DATABASE,
    "manage_carriers": _HTTP + _DATABASE,
    "manage_orders": _HTTP + _DATABASE,
    "receive_callback": _HTTP + "import jwt\n",
    "dispatch_job": _BATCH + _MODELS + _DATABASE + "import jwt\n",
    "record_results": _METRICS + _MODELS + _DATABASE,
    "complete_job": _BATCH + _MODELS + _DATABASE,
    "relay_events": _METRICS + _DATABASE,
    "expire_items": _METRICS + _DATABASE,
}
_TIMEOUT_S = 30


def run(_server: Postgres) -> Iterator[Row]:
    """Measure."""
    with without_users_settings():
        ensure_build(STATE)
        layer = build_directory(STATE) / "SharedLayer" / "python"
        for function, floor in FLOORS.items():
            yield from _function(function, floor, layer)
        importing = [function for function in FLOORS if _imports_boto3(function, layer)]
    yield Row(
        "cold-start",
        f"import boto3: {', '.join(importing) or 'none'}",
        "functions",
        _one(len(importing)),
        bar=Bar("<=", 0),
    )
    size = sum(path.stat().st_size for path in layer.parent.rglob("*") if path.is_file())
    yield Row("cold-start", "layer, unzipped", "MB", _one(size / 1e6), bar=Bar("<=", 30))


def _function(function: str, floor: str, layer: Path) -> Iterator[Row]:
    code = code_of(function)
    stand_in = STATE / "bench-floors" / function
    shutil.rmtree(stand_in, ignore_errors=True)
    (stand_in / "functions" / function).mkdir(parents=True)
    (stand_in / "functions" / function / "app.py").write_text(floor + "def handler(event, context): ...\n")
    memory: dict[Path, list[float]] = {code: [], stand_in: []}

    def start(folder: Path) -> float:
        milliseconds, megabytes = _start(folder, function, layer)
        memory[folder].append(megabytes)
        return milliseconds

    ours, floors = in_turn(lambda: start(code), lambda: start(stand_in))
    yield Row("cold-start", function, "ms", ours, floors, bar=Bar("<=", 1.4))
    ours, floors = (Figures(tuple(memory[folder][-len(ours.values) :])) for folder in (code, stand_in))
    yield Row("cold-start", f"{function}, memory", "MB", ours, floors)


def _start(code: Path, function: str, layer: Path) -> tuple[float, float]:
    """Return the milliseconds to the request for the first event, and the megabytes that the process then has."""
    with socket.create_server(("127.0.0.1", 0)) as api:
        api.settimeout(_TIMEOUT_S)
        address = f"127.0.0.1:{api.getsockname()[1]}"
        begin = time.perf_counter()
        process = subprocess.Popen(
            [tool(RUNTIME) / "python", "-m", "awslambdaric", f"functions.{function}.app.handler"],
            cwd=code,
            env=environment(code, layer, AWS_LAMBDA_RUNTIME_API=address),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            request = api.accept()[0].recv(1024)
            end = time.perf_counter()
            if b"/invocation/next" not in request:
                raise RuntimeError(f"{function} does not start: {request[:80]!r}")
            status = Path(f"/proc/{process.pid}/status").read_text()
        finally:
            process.kill()
            process.wait()
    high_water_kb = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return (end - begin) * 1000, int(high_water_kb) / 1000


def _imports_boto3(function: str, layer: Path) -> bool:
    code = code_of(function)
    script = f"import sys, functions.{function}.app; sys.exit('boto3' in sys.modules)"
    command = [str(tool(RUNTIME) / "python"), "-c", script]
    return subprocess.run(command, cwd=code, env=environment(code, layer), check=False).returncode != 0


def environment(code: Path, layer: Path, **variables: str) -> dict[str, str]:
    """Return the environment of a process that runs this function's build with this layer, and nothing else of ours."""
    return clean_environment(
        STATE,
        PYTHONPATH=os.pathsep.join(map(str, (code, layer))),
        # The build stays as it is; both sides find their bytecode here.
        PYTHONPYCACHEPREFIX=str(STATE / "bench-bytecode"),
        POWERTOOLS_METRICS_NAMESPACE="RobotJobs",
        POWERTOOLS_SERVICE_NAME="robot-jobs",
        AWS_REGION="us-east-1",
        LAMBDA_TASK_ROOT=str(code),
        **variables,
    )


def code_of(function: str) -> Path:
    """Return the folder of a function's build."""
    return build_directory(STATE) / ("".join(word.capitalize() for word in function.split("_")) + "Function")


def _one(value: float) -> Figures:
    return Figures((value,))
