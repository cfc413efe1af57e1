"""The stack's own small servers: the token issuer and the simulated robot."""

import hashlib
import sys
from pathlib import Path

from local.stack.environment import clean_environment
from local.stack.issuer import JWKS_PATH, ensure_signing_key
from local.stack.paths import CHECKOUT
from local.stack.ports import answers, free_port
from local.stack.processes import Daemon, Daemons

ISSUER, ROBOT = "issuer", "robot"
_START_TIMEOUT_S = 20
#: Fast enough to watch; `POST /settings` of the robot changes it while it runs.
_SECONDS_PER_ORDER = "0.2"


def signing_key_path(state: Path) -> Path:
    """The private key that the stack's tokens are signed with."""
    return state / "signing-key.pem"


def ensure_issuer(daemons: Daemons) -> Daemon:
    """The running issuer, started where it is not."""
    key = ensure_signing_key(signing_key_path(daemons.state))
    module = ["-m", "local.stack.issuer", "--key", str(key)]
    sources = [*(CHECKOUT / "local" / "stack" / name for name in ("issuer.py", "sign_in.py")), key]
    return _ensure(daemons, ISSUER, module, sources, JWKS_PATH)


def ensure_robot(daemons: Daemons) -> Daemon:
    """The running simulated robot, started where it is not."""
    ledger = daemons.state / "robot.jsonl"
    options = ["--seconds-per-order", _SECONDS_PER_ORDER, "--ledger", str(ledger)]
    sources = sorted((CHECKOUT / "local" / "robot").glob("*.py"))
    return _ensure(daemons, ROBOT, ["-m", "local.robot", *options], sources, "/health")


def _ensure(daemons: Daemons, name: str, module: list[str], sources: list[Path], health: str) -> Daemon:
    digest = hashlib.sha256(repr([sys.executable, *module]).encode())
    for source in sources:
        digest.update(source.read_bytes())
    last = daemons.find(name)
    if last and last.fingerprint == digest.hexdigest() and last.is_running() and answers(last.port, health):
        return last
    daemons.stop(name)
    port = free_port(last.port if last else None)
    # Its modules are found wherever it is started.
    environment = clean_environment(daemons.state, PYTHONPATH=str(CHECKOUT))
    command = [sys.executable, *module, "--port", str(port)]
    daemon = daemons.start(name, command, environment, port=port, fingerprint=digest.hexdigest())
    daemons.wait(name, daemon, lambda: answers(port, health), timeout_s=_START_TIMEOUT_S)
    return daemon
