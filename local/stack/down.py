"""Stop the local stack; its data stays."""

from local.stack.paths import state_directory
from local.stack.postgres import stop_postgres
from local.stack.processes import Daemons
from local.stack.state import stack_file
from local.stack.up import exclusive


def bring_down() -> None:
    """Stop every process of the stack, what an interrupted start left too; PostgreSQL's data and the key stay.

    Raises:
        StackError: something did not stop, or another command works on the stack.
    """
    state = state_directory()
    if not state.exists():
        return
    with exclusive(state):
        stack_file(state).unlink(missing_ok=True)
        Daemons(state).stop_all()
        if (state / "postgres").exists():
            stop_postgres(state / "postgres")
