"""One database connection a thread, kept between invocations and checked before use."""

import os
import select
import threading

import psycopg
from psycopg import Connection
from psycopg.pq import TransactionStatus

from shared.db.limits import bounded_connection

_local = threading.local()


def connection() -> Connection:
    """Return this thread's connection, opened at first use and replaced when it was lost.

    Raises:
        psycopg.OperationalError: the database does not answer.
        DatabaseNotConfiguredError: neither DATABASE_URL nor DATABASE_SECRET_ARN is set.
    """
    current: Connection | None = getattr(_local, "connection", None)
    if current is not None and _is_usable(current):
        return current
    if current is not None:
        current.close()
    return _connect()


def _connect() -> Connection:
    new = _open()
    _local.connection = new
    return new


def close_connection() -> None:
    """Close this thread's connection, if it has one; the next use opens another."""
    current: Connection | None = getattr(_local, "connection", None)
    if current is not None:
        current.close()
    _local.connection = None


class DatabaseNotConfiguredError(Exception):
    """Neither DATABASE_URL nor DATABASE_SECRET_ARN says where the database is."""


def _is_usable(current: Connection) -> bool:
    if current.closed or current.info.transaction_status != TransactionStatus.IDLE:
        return False
    # A server that has gone has said so on the socket: something to read, where an idle server has nothing to say.
    # This asks the kernel, not the network.
    readable, _, _ = select.select([current.fileno()], [], [], 0)
    return not readable


def _open() -> Connection:
    url = os.environ.get("DATABASE_URL")
    if url:
        return bounded_connection(url)
    if "DATABASE_SECRET_ARN" in os.environ:
        return _open_by_secret()
    raise DatabaseNotConfiguredError(
        "Set DATABASE_URL, or DATABASE_SECRET_ARN to the secret that holds the database's address."
    )


def _open_by_secret() -> Connection:
    # Local tools and tests have DATABASE_URL and need no AWS.
    from shared.aws.secrets import database_conninfos  # noqa: PLC0415 - keeps boto3 out of the import

    refusal: psycopg.OperationalError | None = None
    for conninfo in database_conninfos():
        try:
            return bounded_connection(conninfo)
        except psycopg.OperationalError as error:
            if not _was_refused(error):
                raise
            refusal = error
    assert refusal is not None, "there is one login at least"  # noqa: S101
    raise refusal


def _was_refused(error: psycopg.OperationalError) -> bool:
    """Whether the server asked for the password and then let nobody in: it may be another one by now."""
    # What the server says of it is in the language of its settings.
    return error.pgconn is not None and error.pgconn.used_password
