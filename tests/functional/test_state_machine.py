"""Whatever happens to a workspace's jobs, in any order, the program does what the model in machine_model.py does.

STATE_MACHINE_STEPS=20000 takes that many steps, along ways of its own; without it the ways are the same every time, a
few hundred steps of them in `make test` and many more in `make test-all`.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from psycopg import Connection

from local.stack.postgres import Postgres
from shared.db.connection import close_connection, connection
from tests.functional.machine import RobotJobsMachine
from tests.functional.machine_mirror import World

FEW_STEPS = 300
MANY_STEPS = int(os.environ.get("STATE_MACHINE_STEPS", "5000"))
STEPS_IN_A_ROW = 30


@pytest.fixture
def world(
    fresh_database: str, owner: Connection, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """Give a database of its own, and a thread whose connection is the system role's."""
    with ThreadPoolExecutor(max_workers=1) as system:
        with monkeypatch.context() as patch:
            patch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_system"))
            system.submit(connection).result()
        yield World(owner, system)
        system.submit(close_connection).result()


@pytest.mark.parametrize("steps", [FEW_STEPS, pytest.param(MANY_STEPS, marks=pytest.mark.slow)])
def test_the_program_does_what_the_model_does(world: World, steps: int) -> None:
    class Machine(RobotJobsMachine):
        pass

    Machine.world = world
    run_state_machine_as_test(
        Machine,
        settings=settings(
            # Some ways are shorter than they may be.
            max_examples=steps * 2 // STEPS_IN_A_ROW,
            stateful_step_count=STEPS_IN_A_ROW,
            derandomize="STATE_MACHINE_STEPS" not in os.environ,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert world.steps >= steps
