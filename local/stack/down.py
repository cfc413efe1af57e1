"""Stop the local stack; its data stays."""

import shutil
from pathlib import Path

from local.stack.paths import state_directory
from local.stack.postgres import stop_postgres
from local.stack.processes import Daemons
from local.stack.sam_local.prepare import forget_preparation
from local.stack.state import stack_file
from local.stack.up import exclusive


def bring_down() -> None:
    """Stop every process of the stack, what an interrupted start left too; PostgreSQL's data and the key stay.

    Raises:
        StackError: something did not stop, or another command works on the stack and does not end.
    """
    _stop(state_directory())


def bring_everything_down() -> None:
    """Stop the stack and what tests that were killed left: their own stack and their own PostgreSQL.

    Raises:
        StackError: as for `bring_down`.
    """
    state = state_directory()
    bring_down()
    for run in state.glob("*/run"):
        _stop(run.parent)
    for data in state.glob("*/data"):
        stop_postgres(data.parent)


def _stop(state: Path) -> None:
    if not state.exists():
        return
    with exclusive(state):
        stack_file(state).unlink(missing_ok=True)
        forget_preparation(state)
        Daemons(state).stop_all()
        if (state / "postgres").exists():
            stop_postgres(state / "postgres")
        # What the functions unpacked; nothing there is used again.
        shutil.rmtree(state / "tmp", ignore_errors=True)
