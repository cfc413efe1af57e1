"""Which API a command talks to, and as whom."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import jwt
import typer

from local.cli.api import RobotJobsApi
from local.cli.errors import CommandError
from local.cli.secret_texts import bearer_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.stack.state import Stack

SCOPES = ("robot-jobs/read", "robot-jobs/write", "carriers/write", "orders/write")
TOKEN_LIFETIME_S = 3_600

ApiUrl = Annotated[
    str | None,
    typer.Option(help="The API's address, else ROBOT_JOBS_API_URL, else the local stack's."),
]
Token = Annotated[str | None, typer.Option(help="A bearer token, else ROBOT_JOBS_TOKEN.")]
Workspace = Annotated[UUID | None, typer.Option(help="Work in this workspace, with a token of the local stack's own.")]


def connect(api_url: str | None, token: str | None, workspace: UUID | None) -> RobotJobsApi:
    """The API that the options, the environment or the running stack name.

    Raises:
        CommandError: there is no address or no token.
    """
    url = api_url or os.environ.get("ROBOT_JOBS_API_URL") or running_stack().api_url
    return RobotJobsApi(url, choose_token(token, workspace))


def choose_token(token: str | None, workspace: UUID | None) -> str:
    """The token to use: what an option says goes before the environment.

    Raises:
        CommandError: neither a token nor a workspace is named, or both are; or the token can't be one.
    """
    if token and workspace:
        raise CommandError("Give --token or --workspace, not both: a token names its workspace.")
    if workspace:
        return issue(workspace, SCOPES, TOKEN_LIFETIME_S, None)
    chosen = token or os.environ.get("ROBOT_JOBS_TOKEN")
    if not chosen:
        raise CommandError("No token: give --token, set ROBOT_JOBS_TOKEN, or name a --workspace of the local stack.")
    return bearer_token(chosen)


def issue(workspace: UUID | None, scopes: Sequence[str], expires_in_s: int, audience: str | None) -> str:
    """A token of the running local stack.

    Raises:
        StackError: no stack is running.
    """
    # Only the local stack needs what signs tokens.
    from local.stack.tokens import issue_token  # noqa: PLC0415

    return issue_token(workspace, list(scopes), expires_in_s, audience)


def running_stack() -> Stack:
    """The local stack of this checkout.

    Raises:
        StackError: none is running.
    """
    from local.stack.state import load_stack  # noqa: PLC0415 - a deployed API needs no local stack

    return load_stack()


def workspace_of(token: str) -> UUID | None:
    """The workspace that a token is for, if it says so; the API checks the token, not its holder."""
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        return UUID(str(claims["workspace_id"]))
    except (jwt.InvalidTokenError, KeyError, ValueError):
        return None
