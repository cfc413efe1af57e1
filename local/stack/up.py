"""Bring the local stack up: what runs and is up to date is left alone, what does not is started or made anew."""

import fcntl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from local.robot.portal_page import PORTAL_PATH
from local.stack.build import ensure_build
from local.stack.database import APP_ROLE, DATABASE, SYSTEM_ROLE, ensure_database
from local.stack.deploy import EVENT_BUS, ensure_deployed
from local.stack.environment import AWS_REGION, without_users_settings
from local.stack.errors import StackError
from local.stack.issuer import AUDIENCE
from local.stack.ministack import ensure_ministack
from local.stack.paths import state_directory
from local.stack.ports import LOOPBACK
from local.stack.postgres import Postgres, start_postgres
from local.stack.processes import Daemons
from local.stack.services import ensure_issuer, ensure_robot, signing_key_path
from local.stack.state import Stack, save_stack

_LOCK_TIMEOUT_S = 180
_LOCK_POLL_S = 0.1


def ensure_up() -> Stack:
    """The running stack of the state directory, started, completed or brought up to date first.

    Raises:
        StackError: a part of it cannot be started; the text says which and why.
    """
    state = state_directory()
    state.mkdir(parents=True, exist_ok=True)
    with without_users_settings(), exclusive(state):
        return _bring_up(state)


@contextmanager
def exclusive(state: Path) -> Iterator[None]:
    """Run the block while no other `up` or `down` of this stack does; wait for one that does.

    Raises:
        StackError: the other one took more than three minutes.
    """
    with (state / "lock").open("w") as lock:
        deadline = time.monotonic() + _LOCK_TIMEOUT_S
        while not _locked(lock):
            if time.monotonic() > deadline:
                raise StackError("Another `make up` or `make down` of this checkout does not end; stop it first.")
            time.sleep(_LOCK_POLL_S)
        yield


def _locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _bring_up(state: Path) -> Stack:
    daemons = Daemons(state)
    daemons.stop_strays()
    with ThreadPoolExecutor() as pool:
        building = pool.submit(ensure_build, state)
        starting = pool.submit(ensure_ministack, daemons)
        storing = pool.submit(_ensure_postgres, state)
        issuing = pool.submit(ensure_issuer, daemons)
        robot = pool.submit(ensure_robot, daemons)
    server = storing.result()
    issuer = f"http://{LOOPBACK}:{issuing.result().port}"
    robot_url = f"http://{LOOPBACK}:{robot.result().port}"
    given = {"JwtIssuer": issuer, "CarrierPortalUrl": f"{robot_url}{PORTAL_PATH}"}
    api_url = ensure_deployed(state, building.result(), starting.result(), server, given)
    stack = Stack(
        api_url=api_url,
        database_url=server.url(DATABASE),
        app_database_url=server.url(DATABASE, APP_ROLE),
        system_database_url=server.url(DATABASE, SYSTEM_ROLE),
        aws_endpoint_url=f"http://{LOOPBACK}:{starting.result().port}",
        aws_region=AWS_REGION,
        event_bus_name=EVENT_BUS,
        robot_url=robot_url,
        issuer=issuer,
        audience=AUDIENCE,
        signing_key_path=signing_key_path(state),
    )
    save_stack(stack, state)
    return stack


def _ensure_postgres(state: Path) -> Postgres:
    server = start_postgres(state / "postgres")
    ensure_database(server, state)
    return server
