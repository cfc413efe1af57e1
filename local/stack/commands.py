"""The commands of the local stack."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from local.robot.portal_page import PORTAL_PATH
from local.stack.build import build_for_aws
from local.stack.down import bring_everything_down
from local.stack.environment import without_users_settings
from local.stack.errors import StackError
from local.stack.invoke import invoke
from local.stack.paths import CHECKOUT, state_directory
from local.stack.sam import lint, sam
from local.stack.sam_local.prepare import prepare
from local.stack.schema import write_schema
from local.stack.state import stack_file
from local.stack.status import running_parts
from local.stack.up import ensure_up

if TYPE_CHECKING:
    from collections.abc import Callable


FOUNDATION = CHECKOUT / "infra" / "foundation.yaml"


def main() -> int:
    """Run one command; 1 and one sentence on standard error where it fails."""
    parser = argparse.ArgumentParser(prog="python -m local.stack", description="The local stack.")
    commands = parser.add_subparsers(required=True)
    simple: dict[str, tuple[Callable[[], int], str]] = {
        "up": (_up, "start the stack or bring it up to date"),
        "down": (_down, "stop it"),
        "status": (_status, "say which parts run"),
        "sam": (_sam, "prepare what `sam local` needs"),
        "validate": (_validate, "check the template"),
        "schema": (_schema, "write shared/db/schema.sql"),
    }
    for name, (run, text) in simple.items():
        commands.add_parser(name, help=text).set_defaults(run=lambda _, run=run: run())
    build = commands.add_parser("build", help="build for AWS")
    build.add_argument("architecture", nargs="?", default="arm64")
    build.set_defaults(run=lambda options: _build(options.architecture))
    one = commands.add_parser("invoke", help="run one built function")
    one.add_argument("function")
    one.add_argument("event")
    one.set_defaults(run=lambda options: invoke(options.function, options.event))
    options = parser.parse_args()
    try:
        code: int = options.run(options)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    return code


def _up() -> int:
    stack = ensure_up()
    print(f"The local stack is up: {stack.api_url}")
    print(f"The operator's page: {stack.api_url}/app")
    print("  Sign in as anybody. Under Configuración the account takes any user and password;")
    print(f"  the robot's address is {stack.robot_url}")
    print(f"The simulated carrier's portal: {stack.robot_url}{PORTAL_PATH}")
    print(f"{stack_file(state_directory())} says where its parts are; `make down` stops it.")
    return 0


def _down() -> int:
    bring_everything_down()
    print("The local stack is down.")
    return 0


def _status() -> int:
    parts = running_parts()
    for name, port in parts.items():
        print(f"{name:12} {f'127.0.0.1:{port}' if port else 'not running'}")
    return 0 if all(parts.values()) else 1


def _sam() -> int:
    with without_users_settings():
        runtime = prepare(state_directory())
    print(f"Prepared for {runtime.architecture} containers (container runtime {runtime.version}):")
    print("  sam local invoke SubmitJobFunction -e events/submit_job.json")
    print("  sam local start-api")
    print("Where you have no SAM CLI of your own: .venv/bin/sam.")
    return 0


def _build(architecture: str) -> int:
    build_for_aws(state_directory(), architecture)
    print(f"Built for {architecture} into .aws-sam.")
    return 0


def _validate() -> int:
    with without_users_settings():
        sam(state_directory(), "validate", "--lint", log="validate")
        lint(state_directory(), FOUNDATION)
    print("template.yaml and infra/foundation.yaml are valid.")
    return 0


def _schema() -> int:
    write_schema()
    return 0
