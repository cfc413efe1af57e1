"""A PostgreSQL that fails, and whose hours pass in seconds."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from local.stack.database import DATABASE
from local.stack.postgres import LOGIN_ROLES, start_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from psycopg import Connection

_PATIENCE_S = 30


class Database:
    """The stack's database as its owner, who gets in when nobody else does."""

    def __init__(self, url: str, directory: Path) -> None:
        self._url = url
        self._directory = directory

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query, asked again while the server is down.

        Raises:
            psycopg.Error: the server did not come back.
        """
        return self._insist(query, parameters).fetchall()

    def change(self, query: str, parameters: Sequence[Any] = ()) -> None:
        """Carry a change out, unless the server is down just now."""
        with contextlib.suppress(psycopg.OperationalError), self.connected() as connection:
            connection.execute(query.encode(), parameters)

    @contextlib.contextmanager
    def connected(self) -> Iterator[Connection]:
        """A connection as the owner."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            yield connection

    def restart(self) -> None:
        """Stop the server as a crash would (immediate mode) and start it; it recovers from its log."""
        pid = int((self._directory / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGQUIT)
        until = time.monotonic() + _PATIENCE_S
        while (self._directory / "data" / "postmaster.pid").exists() and time.monotonic() < until:
            time.sleep(0.05)
        start_postgres(self._directory)

    def drop_connections(self) -> None:
        """End every connection of the functions, whatever it is in the middle of."""
        self.change(_DROP, [list(LOGIN_ROLES)])

    def refuse(self) -> None:
        """Let nobody in but the owner."""
        self._limit(0)
        self.drop_connections()

    def admit(self) -> None:
        """Let the functions in again."""
        self._limit(-1)

    def let_time_pass(self) -> None:
        """Make events due whose next attempt to be published is minutes away."""
        self.change(_AGE_OUTBOX)

    def empty(self) -> None:
        """Forget the jobs of earlier runs."""
        self._insist(_EMPTY)

    def _limit(self, connections: int) -> None:
        query = sql.SQL("ALTER DATABASE {} CONNECTION LIMIT {}").format(sql.Identifier(DATABASE), connections)
        self._insist(query.as_string())

    def _insist(self, query: str, parameters: Sequence[Any] = ()) -> psycopg.Cursor:
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                with self.connected() as connection:
                    return connection.execute(query.encode(), parameters)
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)


_EMPTY = """
TRUNCATE orders, contacts, carrier_configs, robot_jobs, robot_job_items, robot_job_dispatches, robot_job_item_reports,
    robot_job_item_attempts, outbox
"""

_DROP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY(%s)"

_AGE_OUTBOX = """
UPDATE outbox SET next_attempt_at = now()
 WHERE published_at IS NULL AND set_aside_at IS NULL AND next_attempt_at > now() + interval '2 seconds'
"""
