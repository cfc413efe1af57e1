"""Transactions of one workspace, and of the system's own jobs."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg import Connection, Pipeline
from psycopg.pq import TransactionStatus

from shared.db.connection import connection


@dataclass(frozen=True)
class _Open:
    connection: Connection
    pipeline: Pipeline
    workspace_id: UUID | None


_open: ContextVar[_Open | None] = ContextVar("open_transaction", default=None)

# Whose rows the transaction sees, and how its statements are planned. Plans are made once a connection, perhaps while
# a table is still almost empty, and kept: so they must hold for any size. Every statement here reaches its rows by an
# index, from the few that it is given.
_SETTINGS = """
SELECT set_config('app.workspace_id', %s, true),
       set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('seq_page_cost', '1000', true),
       set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true),
       set_config('jit', 'off', true)
"""


class WorkspaceMismatchError(Exception):
    """A call for one workspace was made inside a transaction of another."""


@contextmanager
def transaction(workspace_id: UUID) -> Iterator[Connection]:
    """Open a transaction that sees the rows of this workspace, or a savepoint in the one that is open.

    Raises:
        WorkspaceMismatchError: the open transaction is of another workspace.
    """
    with _transaction(workspace_id) as conn:
        yield conn


@contextmanager
def read_transaction(workspace_id: UUID) -> Iterator[Connection]:
    """Open a transaction that only reads, all of it as it was at one moment; an open one is joined as it is.

    Raises:
        WorkspaceMismatchError: the open transaction is of another workspace.
    """
    with _transaction(workspace_id, begin="BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY") as conn:
        yield conn


@contextmanager
def system_transaction() -> Iterator[Connection]:
    """Open a transaction for work over every workspace; row-level security lets only the system role see any."""
    with _transaction(None) as conn:
        yield conn


@contextmanager
def savepoint() -> Iterator[None]:
    """Undo the block, and it alone, when it fails; a statement that fails raises before the block has ended.

    Raises:
        RuntimeError: no transaction is open.
    """
    outer = _open.get()
    if outer is None:
        raise RuntimeError("A savepoint needs an open transaction.")
    with _savepoint(outer):
        yield


@contextmanager
def _savepoint(outer: _Open) -> Iterator[None]:
    # Until the server has answered a sync, psycopg takes the connection for idle, and would begin and roll back a
    # transaction of its own here.
    outer.pipeline.sync()
    with outer.connection.transaction():
        yield


@contextmanager
def _transaction(workspace_id: UUID | None, begin: LiteralString = "BEGIN") -> Iterator[Connection]:
    outer = _open.get()
    if outer is not None:
        if outer.workspace_id != workspace_id:
            raise WorkspaceMismatchError("A transaction sees one workspace; end it before calling for another.")
        with _savepoint(outer):
            yield outer.connection
        return
    conn = connection()
    # In a pipeline what needs no answer waits for what does: BEGIN travels with the first statement, COMMIT with
    # the last ones. psycopg's own transaction() would wait for the server at each of its ends.
    try:
        with conn.pipeline() as pipeline:
            conn.execute(begin)
            conn.execute(_SETTINGS, ["" if workspace_id is None else str(workspace_id)])
            token = _open.set(_Open(conn, pipeline, workspace_id))
            try:
                yield conn
            except BaseException:
                _settle(pipeline)
                raise
            finally:
                _open.reset(token)
            conn.execute("COMMIT")
    except BaseException:
        _roll_back(conn)
        raise


def _settle(pipeline: Pipeline) -> None:
    """Wait until the server has dealt with, or passed over, all that was sent before an error."""
    # The error that is on its way already is the one that counts.
    with suppress(psycopg.Error):
        pipeline.sync()


def _roll_back(conn: Connection) -> None:
    if conn.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
        conn.rollback()
    else:
        # Lost, or in a state that only a new connection makes sure of.
        conn.close()
