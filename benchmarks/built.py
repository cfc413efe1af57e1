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


def layer() -> Path:
    """Return the folder of the built layer's packages."""
    return build_directory(STATE) / "SharedLayer" / "python"


def code_of(function: str) -> Path:
    """Return the folder of a built function."""
    return build_directory(STATE) / ("".join(word.capitalize() for word in function.split("_")) + "Function")


@contextmanager
def started(
    code: Path, arguments: Sequence[str], variables: Mapping[str, str], pipe: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[str]"]:
    """Run the runtime's Python on a function's folder and the layer, with these variables, until the block ends."""
    environment = clean_environment(
        STATE,
        PYTHONPATH=os.pathsep.join(map(str, (code, layer()))),
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
