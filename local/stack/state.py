"""What a running local stack tells other programs: `stack.json`."""

import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from local.stack.errors import StackError
from local.stack.paths import state_directory
from local.stack.ports import LOOPBACK


class StackNotRunningError(StackError):
    """The local stack is not running: `make up` starts it."""

    def __init__(self) -> None:
        super().__init__("The local stack is not running: `make up` starts it.")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Where the parts of a running stack are found."""

    __pydantic_config__ = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    api_url: str
    #: As the owner of the schema.
    database_url: str
    #: As the functions' role, held by row-level security.
    app_database_url: str
    #: As the role of the functions that see every workspace.
    system_database_url: str
    aws_endpoint_url: str
    aws_region: str
    event_bus_name: str
    robot_url: str
    issuer: str
    audience: str
    signing_key_path: Path


_STACK = TypeAdapter(Stack)


def load_stack() -> Stack:
    """The stack that runs in the state directory.

    Raises:
        StackNotRunningError: there is none.
    """
    try:
        stack = _STACK.validate_json(stack_file(state_directory()).read_bytes())
        # The file outlives a machine that was switched off.
        port = urlsplit(stack.aws_endpoint_url).port
        socket.create_connection((LOOPBACK, port or 0), timeout=1).close()
    except (OSError, ValidationError) as error:
        raise StackNotRunningError from error
    return stack


def save_stack(stack: Stack, state: Path) -> None:
    """Write `stack.json` whole or not at all."""
    unfinished = stack_file(state).with_suffix(".unfinished")
    unfinished.write_bytes(_STACK.dump_json(stack, by_alias=True, indent=2) + b"\n")
    unfinished.replace(stack_file(state))


def stack_file(state: Path) -> Path:
    """The file of a stack under its state directory; absent while it is down."""
    return state / "stack.json"
