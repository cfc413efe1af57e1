"""Run one built function as Lambda would: its artefact, the layer and the runtime's own libraries, nothing else."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from local.stack import aws
from local.stack.build import build_directory, ensure_build
from local.stack.deploy import STACK_NAME
from local.stack.environment import aws_variables, clean_environment, without_users_settings
from local.stack.errors import StackError
from local.stack.paths import state_directory
from local.stack.processes import Daemons
from local.stack.runtime_api import Invocation, runtime_api
from local.stack.samples import filled_sample, is_sample
from local.stack.state import load_stack
from local.stack.template import read_template
from local.stack.tools import RUNTIME, tool

_TIMEOUT_S = 60


@dataclass(frozen=True)
class Result:
    """What became of one invocation: the answer or the error, and the lines that the function wrote."""

    answer: object
    failed: bool
    log: str


def invoke(function: str, event: str) -> int:
    """Run a function (`submit_job`) on an event (a JSON file) against the running stack and print its answer.

    A sample of `events/` is filled in first. Returns 1 where the function failed.

    Raises:
        StackError: there is no such function or event, or no running stack.
    """
    if not function or not event:
        raise StackError("Say what to run: make invoke FUNCTION=submit_job EVENT=events/submit_job.json")
    with without_users_settings():
        result = run_function(state_directory(), function, json.dumps(_read(Path(event))).encode())
    print(result.log, end="", file=sys.stderr)
    print(json.dumps(result.answer, indent=2, ensure_ascii=False))
    return 1 if result.failed else 0


def _read(event: Path) -> object:
    try:
        content: object = json.loads(event.read_bytes())
    except (OSError, ValueError) as error:
        raise StackError(f"The event {event} cannot be read: {error}") from error
    return filled_sample(event.stem) if is_sample(event) else content


def run_function(state: Path, function: str, payload: bytes) -> Result:
    """Run the built artefact of a function once, with the environment that it has in the deployed stack.

    Raises:
        StackError: there is no such function or no running stack, or the function ended without an answer.
    """
    endpoint_url = load_stack().aws_endpoint_url
    ensure_build(state)
    logical_id = "".join(word.capitalize() for word in function.split("_")) + "Function"
    code = build_directory(state) / logical_id
    if not code.is_dir():
        raise StackError(f"There is no function {function}; see the folders of functions/.")
    layers = [build_directory(state) / name / "python" for name in _layers(build_directory(state), logical_id)]
    environment = clean_environment(
        state,
        **aws_variables(endpoint_url),
        **_deployed_variables(endpoint_url, logical_id),
        # As on AWS, the function's own code comes before the layers'.
        PYTHONPATH=os.pathsep.join(map(str, (code, *layers))),
        # The build is what is deployed: nothing may be added to it, and what was compiled once serves the next run.
        PYTHONPYCACHEPREFIX=str(state / "invoke" / "pycache"),
        LAMBDA_TASK_ROOT=str(code),
        AWS_LAMBDA_FUNCTION_NAME=logical_id,
        AWS_LAMBDA_FUNCTION_VERSION="$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE="512",
    )
    invocation = Invocation(payload, _TIMEOUT_S)
    log = Daemons(state).log("invoke")
    with runtime_api(invocation) as address, log.open("wb") as lines:
        process = subprocess.Popen(
            [tool(RUNTIME) / "python", "-m", "awslambdaric", f"functions.{function}.app.handler"],
            cwd=code,
            env={**environment, "AWS_LAMBDA_RUNTIME_API": address},
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + _TIMEOUT_S
        while not invocation.ended.wait(0.02) and process.poll() is None and time.monotonic() < deadline:
            pass
        process.kill()
        process.wait()
    if not invocation.ended.is_set():
        raise StackError(f"{function} ended or took more than {_TIMEOUT_S} s without an answer; see {log}.")
    return Result(json.loads(invocation.body), invocation.failed, log.read_text())


def _layers(build: Path, logical_id: str) -> list[str]:
    """The logical ids of a function's layers: its own beside those of all."""
    template = read_template(build / "template.yaml")
    own = template["Resources"][logical_id]["Properties"].get("Layers", [])
    return [layer["Ref"] for layer in [*template["Globals"]["Function"]["Layers"], *own]]


def _deployed_variables(endpoint_url: str, logical_id: str) -> dict[str, str]:
    session = aws.session()
    stacks = session.client("cloudformation", endpoint_url=endpoint_url)
    described = stacks.describe_stack_resource(StackName=STACK_NAME, LogicalResourceId=logical_id)
    name = described["StackResourceDetail"]["PhysicalResourceId"]
    functions = session.client("lambda", endpoint_url=endpoint_url)
    return functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
