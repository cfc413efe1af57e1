"""The built functions, as Lambda's runtime finds them."""

import os
from pathlib import Path

from benchmarks.database import STATE
from local.stack.build import build_directory
from local.stack.environment import clean_environment


def environment(code: Path, layer: Path, **variables: str) -> dict[str, str]:
    """Return the environment of a built function's process, with these variables of its own."""
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
    """Return the folder of a built function."""
    return build_directory(STATE) / ("".join(word.capitalize() for word in function.split("_")) + "Function")
