"""MiniStack, the AWS emulator."""

from pathlib import Path

from local.stack.environment import AWS_REGION, clean_environment
from local.stack.ports import LOOPBACK, answers, free_port
from local.stack.processes import Daemon, Daemons
from local.stack.tools import MINISTACK, tool

NAME = "ministack"
_START_TIMEOUT_S = 30
_HEALTH = "/_ministack/health"
_SETTINGS = {
    "MINISTACK_REGION": AWS_REGION,
    # A function may do what its role allows, and nothing else.
    "AUTH": "true",
    # Services that would listen on fixed ports of every interface.
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    # Its keys opened the passwords that the database keeps.
    "PERSIST_STATE": "1",
}


def ensure_ministack(daemons: Daemons) -> Daemon:
    """The running emulator, started where it is not.

    Raises:
        StackError: it does not start.
    """
    programs = tool(MINISTACK)
    fingerprint = f"{(programs.parent / 'installed.txt').read_text()}{_SETTINGS}"
    last = daemons.find(NAME)
    if last and last.fingerprint == fingerprint and last.is_running() and answers(last.port, _HEALTH):
        return last
    daemons.stop(NAME)
    port = free_port(last.port if last else None)
    daemon = daemons.start(
        NAME,
        [str(programs / "python"), "-m", "ministack"],
        _environment(daemons.state, port),
        port=port,
        fingerprint=fingerprint,
    )
    daemons.wait(NAME, daemon, lambda: answers(port, _HEALTH), timeout_s=_START_TIMEOUT_S)
    return daemon


def _environment(state: Path, port: int) -> dict[str, str]:
    # Its Lambda workers inherit this environment: an AWS_ENDPOINT_URL of the user's would lead them astray.
    return clean_environment(
        state,
        BIND_HOST=LOOPBACK,
        GATEWAY_PORT=str(port),
        STATE_DIR=str(state / "ministack"),
        **_SETTINGS,
    )
