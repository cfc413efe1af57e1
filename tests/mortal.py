"""A process whose children carry out one call each and are killed (SIGKILL) just before one of its statements.

Run as a program it reads calls from standard input and answers with what became of each child. It forks, so that
the interpreter and its imports are paid for once.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

_SURVIVED = 0


class Mortal:
    """The other process, as the tests see it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mortal"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def survives(self, kill_before: int, call: Callable[..., Any], *args: Any) -> bool:
        """Make the call in a child that is killed before its statement of this number; tell whether it got to its end.

        Begin, commit and savepoints are statements too, and what comes after the commit counts as one more; what
        came before has reached the server.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump((dict(os.environ), kill_before, call, args), self._process.stdin)
        self._process.stdin.flush()
        status = pickle.load(self._process.stdout)  # noqa: S301 - our own child
        assert status in {_SURVIVED, -signal.SIGKILL}, status
        return bool(status == _SURVIVED)

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@contextmanager
def mortal() -> Iterator[Mortal]:
    """Give the process, and end it."""
    process = Mortal()
    try:
        yield process
    finally:
        process.stop()


def _serve() -> None:
    while True:
        try:
            environment, kill_before, call, args = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
        except EOFError:
            return
        child = os.fork()
        if child == 0:
            os.environ.update(environment)
            _die_before(kill_before)
            call(*args)
            os._exit(_SURVIVED)
        _, status = os.waitpid(child, 0)
        pickle.dump(os.waitstatus_to_exitcode(status), sys.stdout.buffer)
        sys.stdout.flush()


def _die_before(number: int) -> None:
    count = 0

    def die_or_count(pipeline: psycopg.Pipeline | None) -> None:
        nonlocal count
        count += 1
        if count == number:
            if pipeline is not None:
                # What was queued reaches the server and is carried out, as far as it will be.
                pipeline.sync()
            os.kill(os.getpid(), signal.SIGKILL)

    execute, leave = psycopg.Cursor.execute, psycopg.Pipeline.__exit__

    def counting_execute(self: Any, *args: Any, **kwargs: Any) -> Any:
        die_or_count(self.connection._pipeline)
        return execute(self, *args, **kwargs)

    def counting_leave(self: Any, *args: Any) -> None:
        leave(self, *args)
        die_or_count(None)

    psycopg.Cursor.execute = counting_execute  # type: ignore[method-assign]
    psycopg.Pipeline.__exit__ = counting_leave  # type: ignore[method-assign]


if __name__ == "__main__":
    _serve()
