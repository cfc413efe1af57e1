"""`make sam`: prepare `.local/sam`, from which `sam local` runs the functions in containers."""

from __future__ import annotations

import json
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local.stack.build import ensure_container_build
from local.stack.deploy import STACK_NAME
from local.stack.environment import clean_environment
from local.stack.errors import StackError
from local.stack.issuer import JWKS_PATH
from local.stack.paths import CHECKOUT
from local.stack.ports import listens
from local.stack.postgres import find_postgres
from local.stack.processes import Daemons
from local.stack.sam_local import authorizer, forwarder
from local.stack.sam_local.runtime import ContainerRuntime, find_runtime
from local.stack.sam_local.template import AUTHORIZER, BUILD, STAND_IN, api_template, functions_template
from local.stack.sam_local.variables import (
    as_seen_by_containers,
    container_variables,
    deployed_functions,
    moved_secrets,
)
from local.stack.state import StackNotRunningError, load_stack
from local.stack.template import read_template
from local.stack.tools import SAM, tool, uv

if TYPE_CHECKING:
    from local.stack.state import Stack

FORWARDER = "forwarder"
_FILES = ("template.yaml", "api.yaml", "env.json")
_START_TIMEOUT_S = 20
#: SAM says of a path of `samconfig.toml` that leads nowhere that it does not exist: so it says what is to be run.
_SIGN = "run-make-sam-first"


def prepared_directory(state: Path) -> Path:
    """Where the preparation lies: the templates, `env.json` and what was built."""
    return state / "sam"


def prepare(state: Path) -> ContainerRuntime:
    """Build for the containers of this machine, write down what they need, and open the way to the running stack.

    Raises:
        StackError: no container runtime answers, no stack runs, or a step failed.
    """
    runtime = find_runtime()
    if runtime is None:
        raise StackError("No container runtime answers: start Docker (or set DOCKER_HOST), then run `make sam` again.")
    stack = load_stack()
    directory = prepared_directory(state)
    directory.mkdir(parents=True, exist_ok=True)
    ensure_container_build(state, directory / BUILD, runtime.architecture)
    built = read_template(directory / BUILD / "template.yaml")
    _ensure_authorizer(directory / AUTHORIZER, runtime.architecture, built["Globals"]["Function"]["Runtime"])
    _write(state, stack, built, runtime.architecture)
    _ensure_forwarder(state, stack, runtime)
    _link_program()
    return runtime


def forget_preparation(state: Path) -> None:
    """Remove what holds for a running stack alone; what was built stays."""
    (state / _SIGN).unlink(missing_ok=True)
    for name in _FILES:
        (prepared_directory(state) / name).unlink(missing_ok=True)


def forwarded_robot(state: Path, robot_url: str) -> str:
    """The robot's address as containers and this machine both reach it, where the stack was prepared for containers."""
    running = Daemons(state).find(FORWARDER)
    if running is None or not running.is_running():
        return robot_url
    address = running.fingerprint.split()[0]
    return f"http://{address}:{urlsplit(robot_url).port}"


def _write(state: Path, stack: Stack, built: dict[str, Any], architecture: str) -> None:
    server = find_postgres(state / "postgres")
    if server is None:
        raise StackNotRunningError
    endpoint_url = stack.aws_endpoint_url
    moved = moved_secrets(endpoint_url, server)
    deployed = deployed_functions(endpoint_url, STACK_NAME)
    variables = {
        name: container_variables(each["Environment"]["Variables"], moved, endpoint_url)
        for name, each in deployed.items()
    }
    names = {name: each["FunctionName"] for name, each in deployed.items()}
    template = functions_template(built, architecture, names, variables)
    jwks_url = as_seen_by_containers(stack.issuer + JWKS_PATH)
    settings = {"issuer": stack.issuer, "audience": stack.audience, "jwksUrl": jwks_url}
    api = api_template(built, template, architecture, settings)
    environment = environment_of(template, api)
    directory = prepared_directory(state)
    for file, content in zip(_FILES, (template, api, environment), strict=True):
        # JSON is YAML, and has no tags that something could be left of.
        (directory / file).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    sign = state / _SIGN
    if not sign.is_symlink():
        sign.symlink_to(directory.name)


def environment_of(*templates: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What `env.json` says: each variable of each function, since SAM prefers the shell's to those of a template."""
    environment: dict[str, dict[str, str]] = {}
    for template in templates:
        for name, it in functions_of(template):
            environment.setdefault(name, {}).update(it["Properties"]["Environment"]["Variables"])
    return environment


def functions_of(template: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The functions of a template, with their logical ids."""
    return [(name, it) for name, it in template["Resources"].items() if it["Type"] == "AWS::Serverless::Function"]


def _ensure_authorizer(layer: Path, architecture: str, runtime: str) -> None:
    wanted = f"cryptography=={version('cryptography')}"  # what PyJWT verifies RS256 with; no function needs it on AWS
    stamp = layer.with_suffix(".txt")
    if not stamp.exists() or stamp.read_text() != f"{wanted} {architecture} {runtime}":
        shutil.rmtree(layer, ignore_errors=True)
        platform = f"{architecture.replace('arm64', 'aarch64')}-manylinux_2_28"
        options = ("--python-platform", platform, "--python-version", runtime.removeprefix("python"))
        uv("pip", "install", "--quiet", "--only-binary", ":all:", *options, "--target", str(layer / "python"), wanted)
        stamp.write_text(f"{wanted} {architecture} {runtime}")
    shutil.copyfile(authorizer.__file__, layer / "python" / f"{STAND_IN}.py")


def _ensure_forwarder(state: Path, stack: Stack, runtime: ContainerRuntime) -> None:
    daemons = Daemons(state)
    if not runtime.needs_forwarder:
        daemons.stop(FORWARDER)
        return
    urls = (stack.aws_endpoint_url, stack.database_url, stack.issuer, stack.robot_url)
    ports = [urlsplit(url).port or 0 for url in urls]
    fingerprint = f"{runtime.gateway} {runtime.subnet} {ports} {Path(forwarder.__file__).read_text()}"
    last = daemons.find(FORWARDER)
    if last and last.fingerprint == fingerprint and last.is_running():
        return
    daemons.stop(FORWARDER)
    options = ("--address", runtime.gateway, "--subnet", str(runtime.subnet), "--ports", *map(str, ports))
    command = [sys.executable, "-m", "local.stack.sam_local.forwarder", *options]
    environment = clean_environment(state, PYTHONPATH=str(CHECKOUT))
    daemon = daemons.start(FORWARDER, command, environment, port=ports[0], fingerprint=fingerprint)
    daemons.wait(FORWARDER, daemon, lambda: listens(runtime.gateway, ports[-1]), timeout_s=_START_TIMEOUT_S)


def _link_program() -> None:
    """Let `.venv/bin/sam` be the SAM CLI that the stack uses, beside `robot-jobs`."""
    link = CHECKOUT / ".venv" / "bin" / "sam"
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(tool(SAM) / "sam")
