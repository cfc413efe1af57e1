"""The stack's own background processes: started apart from the terminal, found again, stopped."""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from local.stack.environment import OWNER_VARIABLE
from local.stack.errors import StackError

_STOP_TIMEOUT_S = 10
_POLL_S = 0.05


@dataclass(frozen=True)
class Daemon:
    """A background process, told from a later one with the same number by its start."""

    pid: int
    created: float
    port: int
    #: What it was started from; another one means that it must be started anew.
    fingerprint: str

    def is_running(self) -> bool:
        """Whether this very process lives."""
        try:
            process = psutil.Process(self.pid)
            return process.create_time() == self.created and _runs(process)
        except psutil.NoSuchProcess:
            return False


@dataclass(frozen=True)
class Daemons:
    """The background processes of the stack whose state directory this is."""

    state: Path

    def find(self, name: str) -> Daemon | None:
        """What was last started under this name; it may have ended, and is kept for its port."""
        try:
            return Daemon(**json.loads(self._record(name).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, port: int, fingerprint: str
    ) -> Daemon:
        """Start a command in the background, its output in `logs/NAME.log`."""
        log = self.log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        self._record(name).parent.mkdir(parents=True, exist_ok=True)
        # The shell ends at once, so the process is nobody's child and outlives us without a trace.
        shell = ["sh", "-c", '"$@" >"$LOG" 2>&1 </dev/null & echo $!', "sh", *command]
        started = subprocess.run(
            shell,
            env={**environment, OWNER_VARIABLE: str(self.state), "LOG": str(log)},
            cwd=self.state,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            start_new_session=True,
        )
        pid = int(started.stdout)
        try:
            created = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess as error:
            raise StackError(f"{name} ended as soon as it started; see {log}.") from error
        daemon = Daemon(pid, created, port, fingerprint)
        self._record(name).write_text(json.dumps(asdict(daemon)))
        return daemon

    def wait(self, name: str, daemon: Daemon, is_ready: Callable[[], bool], *, timeout_s: float) -> None:
        """Wait until a process that has just been started answers.

        Raises:
            StackError: it died, or did not answer in time.
        """
        deadline = time.monotonic() + timeout_s
        while not is_ready():
            if not daemon.is_running():
                raise StackError(f"{name} ended while it was starting; see {self.log(name)}.")
            if time.monotonic() > deadline:
                raise StackError(f"{name} does not answer after {timeout_s:.0f} s; see {self.log(name)}.")
            time.sleep(_POLL_S)

    def stop(self, name: str) -> None:
        """Stop a process and what it started, if it runs."""
        daemon = self.find(name)
        if daemon is not None and daemon.is_running():
            process = psutil.Process(daemon.pid)
            end_processes([process, *process.children(recursive=True)])

    def stop_all(self) -> None:
        """Stop every process of this stack, those that lost their parent or their record too."""
        for name in self._names():
            self.stop(name)
        self.stop_strays()

    def stop_strays(self) -> None:
        """Stop what an interrupted start or a killed parent left behind."""
        known: set[int] = set()
        for name in self._names():
            daemon = self.find(name)
            if daemon is not None and daemon.is_running():
                known.add(daemon.pid)
                known.update(child.pid for child in psutil.Process(daemon.pid).children(recursive=True))
        end_processes([p for p in psutil.process_iter() if p.pid not in known and self._owns(p)])

    def log(self, name: str) -> Path:
        """The file that holds what the process of this name printed."""
        return self.state / "logs" / f"{name}.log"

    def _names(self) -> list[str]:
        return [record.stem for record in (self.state / "run").glob("*.json")]

    def _record(self, name: str) -> Path:
        return self.state / "run" / f"{name}.json"

    def _owns(self, process: psutil.Process) -> bool:
        if process.pid == os.getpid():
            return False
        try:
            return process.environ().get(OWNER_VARIABLE) == str(self.state)
        except (psutil.Error, OSError):
            return False


def end_processes(processes: Sequence[psutil.Process]) -> None:
    """Ask processes to end, and make those that have not after ten seconds."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in _still_running(processes):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _still_running(processes)


def _still_running(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while (left := [process for process in processes if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        # One that ended and that nobody has asked about is no longer running.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
