"""Two callers at once, each with a database connection of its own, made to interleave by locks and not by luck."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from threading import Event
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg import Connection

from shared.db.connection import close_connection, connection
from shared.db.transaction import transaction
from shared.domain.jobs.lock import LOCK_LINE

T = TypeVar("T")

_PATIENCE_S = 20.0
_BLOCKERS = "SELECT cardinality(pg_blocking_pids(%s))"


class Racer:
    """A thread that makes one domain call at a time."""

    def __init__(self, owner: Connection, settings: Sequence[str]) -> None:
        self._owner = owner
        self._thread = ThreadPoolExecutor(1)
        self._pid = self._thread.submit(_connect, settings).result(_PATIENCE_S)

    def start(self, call: Callable[..., T], *args: Any) -> "Future[T]":
        """Start a call that nothing is expected to stop."""
        return self._thread.submit(call, *args)

    def start_blocked(self, call: Callable[..., T], *args: Any) -> "Future[T]":
        """Start a call, and return when it waits for someone else's lock."""
        future = self.start(call, *args)
        until = time.monotonic() + _PATIENCE_S
        while not self.is_blocked():
            assert not future.done(), f"nothing stopped the call: {future.result()}"
            assert time.monotonic() < until, "the call neither ended nor waits for a lock"
            time.sleep(0.001)
        return future

    def is_blocked(self) -> bool:
        """Whether the call waits for a lock that someone else holds."""
        [(blockers,)] = self._owner.execute(_BLOCKERS, [self._pid]).fetchall()
        return bool(blockers)

    def stop(self) -> None:
        """End the thread and its connection."""
        self._thread.submit(close_connection)
        self._thread.shutdown()


def _connect(settings: Sequence[str]) -> int:
    conn = connection()
    for setting in settings:
        conn.execute(f"SET {setting}".encode())
    return conn.info.backend_pid


@contextmanager
def racers(owner: Connection, *settings: Sequence[str]) -> Iterator[list[Racer]]:
    """Give a racer for each list of PostgreSQL settings (`()`: as the program connects)."""
    with ExitStack() as stack:
        both = [Racer(owner, each) for each in settings]
        for racer in both:
            stack.callback(racer.stop)
        yield both


def two_racers(owner: Connection) -> AbstractContextManager[list[Racer]]:
    """Give two racers."""
    return racers(owner, (), ())


@contextmanager
def holding(owner: Connection, table: str, *ids: UUID) -> Iterator[Callable[[], None]]:
    """Hold the rows of a third transaction's `FOR UPDATE` until the block ends, or the given function is called."""
    column = "job_id" if table == "robot_job_dispatches" else "id"
    with psycopg.connect(owner.info.dsn, password=owner.info.password) as third:
        query = f"SELECT FROM {table} WHERE {column} = ANY(%s) FOR UPDATE"
        assert third.execute(query.encode(), [list(ids)]).rowcount >= len(ids)
        yield third.rollback


@contextmanager
def holding_line(owner: Connection, workspace_id: UUID) -> Iterator[None]:
    """Hold a workspace's line of waves in a third transaction until the block ends."""
    with psycopg.connect(owner.info.dsn, password=owner.info.password) as third:
        third.execute(LOCK_LINE.encode(), {"workspace_id": workspace_id})
        yield
        third.rollback()


class Pause:
    """A call that has done its work but waits before it commits, inside an outer transaction of its workspace."""

    def __init__(self, workspace_id: UUID) -> None:
        self._workspace_id = workspace_id
        self._worked = Event()
        self._go_on = Event()
        self._undo = False

    def run(self, call: Callable[..., T], *args: Any) -> T | None:
        """Make the call and wait; None when it was undone."""
        try:
            with suppress(_UndoneError), transaction(self._workspace_id):
                result = call(*args)
                self._worked.set()
                assert self._go_on.wait(_PATIENCE_S)
                self._undo_if_asked()
                return result
        finally:
            self._worked.set()
        return None

    def _undo_if_asked(self) -> None:
        if self._undo:
            raise _UndoneError

    def until_worked(self) -> None:
        """Wait until the call has done its work."""
        assert self._worked.wait(_PATIENCE_S)

    def commit(self) -> None:
        """Let it commit."""
        self._go_on.set()

    def undo(self) -> None:
        """Let it roll back."""
        self._undo = True
        self._go_on.set()


class _UndoneError(Exception):
    """Rolls the paused transaction back."""


def results(*futures: "Future[T]") -> list[T]:
    """Return what the calls returned, in their order."""
    return [future.result(_PATIENCE_S) for future in futures]
