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

# Whose rows the transaction sees, and how its statements are planned: once a connection, for any parameters. A page
# that is read out of order costs what any other does, in memory and on the disks that databases have; by the default it
# costs four times as much, and a list then sorts a whole workspace.
_SETTINGS = """
SELECT set_config('app.workspace_id', %s, true),
       set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('random_page_cost', '1.1', true),
       set_config('jit', 'off', true)
"""

# What holds locks, or works over every workspace, goes from the few rows that it is given to others by an index. A plan
# that was made while a table was almost empty would go through it as a whole until statistics say that it has grown;
# and a join that compares whole tables would do so wherever some hundred rows are open.
_LOCKING_SETTINGS = f"""
{_SETTINGS.rstrip()},
       set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true)
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
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    with _transaction(workspace_id, begin, _SETTINGS) as conn:
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
def _transaction(
    workspace_id: UUID | None, begin: LiteralString = "BEGIN", settings: LiteralString = _LOCKING_SETTINGS
) -> Iterator[Connection]:
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
            conn.execute(settings, ["" if workspace_id is None else str(workspace_id)])
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
