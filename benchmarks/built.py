"""The built functions, as Lambda's runtime starts them."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.database import STATE
from local.stack.build import build_directory
from local.stack.environment import clean_environment
from local.stack.tools import RUNTIME, tool


def layer(name: str = "Shared") -> Path:
    """Return the folder of a built layer's packages."""
    return build_directory(STATE) / f"{name}Layer" / "python"


def code_of(function: str) -> Path:
    """Return the folder of a built function."""
    return build_directory(STATE) / ("".join(word.capitalize() for word in function.split("_")) + "Function")


def _libraries_of(function: str) -> list[Path]:
    """Return where a function's libraries are: its layers, and its own folder, which may bring some."""
    return [*([layer("Page")] if function == "operator_page" else []), layer(), code_of(function)]


@contextmanager
def started(
    code: Path, function: str, arguments: Sequence[str], variables: Mapping[str, str], pipe: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[str]"]:
    """Run the runtime's Python on a folder and a function's libraries, with these variables, until the block ends."""
    environment = clean_environment(
        STATE,
        PYTHONPATH=os.pathsep.join(map(str, (code, *_libraries_of(function)))),
        # The build stays as it is; both sides find their bytecode here.
        PYTHONPYCACHEPREFIX=str(STATE / "bench-bytecode"),
        POWERTOOLS_METRICS_NAMESPACE="RobotJobs",
        POWERTOOLS_SERVICE_NAME="robot-jobs",
        AWS_REGION="us-east-1",
        LAMBDA_TASK_ROOT=str(code),
    )
    with subprocess.Popen(
        [tool(RUNTIME) / "python", *arguments],
        cwd=code,
        env=environment | dict(variables),
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
