"""Transactions of one workspace, and of the system's own jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.db.connection import connection


@dataclass(frozen=True)
class _Open:
    connection: Connection
    workspace_id: UUID | None


_open: ContextVar[_Open | None] = ContextVar("open_transaction", default=None)

SET_WORKSPACE = "SELECT set_config('app.workspace_id', %s, true)"


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
def system_transaction() -> Iterator[Connection]:
    """Open a transaction for work over every workspace; row-level security lets only the system role see any."""
    with _transaction(None) as conn:
        yield conn


@contextmanager
def _transaction(workspace_id: UUID | None) -> Iterator[Connection]:
    outer = _open.get()
    if outer is not None:
        if outer.workspace_id != workspace_id:
            raise WorkspaceMismatchError("A transaction sees one workspace; end it before calling for another.")
        with outer.connection.transaction():
            yield outer.connection
        return
    conn = connection()
    # In a pipeline what needs no answer waits for what does: BEGIN travels with the first statement, COMMIT with
    # the last ones.
    with conn.pipeline(), conn.transaction():
        if workspace_id is not None:
            conn.execute(SET_WORKSPACE, [str(workspace_id)])
        token = _open.set(_Open(conn, workspace_id))
        try:
            yield conn
        finally:
            _open.reset(token)
