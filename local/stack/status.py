"""Which parts of the local stack run."""

from local.stack.ministack import NAME as EMULATOR
from local.stack.paths import state_directory
from local.stack.postgres import find_postgres
from local.stack.processes import Daemons
from local.stack.services import ISSUER, ROBOT


def running_parts() -> dict[str, int | None]:
    """The port of each part of the stack; None where it does not run."""
    state = state_directory()
    daemons = Daemons(state)
    server = find_postgres(state / "postgres")
    ports: dict[str, int | None] = {"postgresql": server.port if server else None}
    for name in (EMULATOR, ISSUER, ROBOT):
        daemon = daemons.find(name)
        ports[name] = daemon.port if daemon and daemon.is_running() else None
    return ports
