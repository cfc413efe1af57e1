"""The real template, deployed on a local stack of the tests' own beside the developer's."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from local.cli.api import RobotJobsApi
from local.cli.connection import SCOPES
from local.stack.down import bring_down
from local.stack.state import Stack
from local.stack.tokens import issue_token
from local.stack.up import ensure_up
from shared.domain.ids import uuid7

STATE = Path(".local") / "test-stack"
TOKEN_LIFETIME_S = 600

Connect = Callable[[UUID], RobotJobsApi]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Bring the stack up for the session, without what an earlier one left in it, and down at its end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROBOT_JOBS_STATE_DIR", str(STATE))
        bring_down()
        for name in ("ministack", "postgres"):
            shutil.rmtree(STATE / name, ignore_errors=True)
        for name in ("deployed.json", "robot.jsonl", "robot.portal.jsonl"):
            (STATE / name).unlink(missing_ok=True)
        try:
            yield ensure_up()
        finally:
            bring_down()


@pytest.fixture(autouse=True)
def _state(stack: Stack) -> None:
    assert stack.api_url
    assert os.environ["ROBOT_JOBS_STATE_DIR"] == str(STATE)


@pytest.fixture
def workspace() -> UUID:
    """Give a workspace of the test's own."""
    return uuid7()


@pytest.fixture
def connect(stack: Stack) -> Iterator[Connect]:
    """Give what makes a client of the API for a workspace."""
    opened: list[RobotJobsApi] = []

    def connected(workspace: UUID) -> RobotJobsApi:
        opened.append(RobotJobsApi(stack.api_url, token(workspace)))
        return opened[-1]

    yield connected
    for api in opened:
        api.http.close()


@pytest.fixture
def api(connect: Connect, workspace: UUID) -> RobotJobsApi:
    """Give a client of the API in the test's workspace."""
    return connect(workspace)


def token(workspace: UUID | None, *, expires_in_s: int = TOKEN_LIFETIME_S, audience: str | None = None) -> str:
    """Return a token with every scope."""
    return issue_token(workspace, list(SCOPES), expires_in_s, audience)


@contextmanager
def raw(stack: Stack) -> Iterator[httpx.Client]:
    """Give a plain HTTP client of the API, without a token."""
    with httpx.Client(base_url=stack.api_url + "/", trust_env=False, timeout=35) as client:
        yield client
