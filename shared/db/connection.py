"""One database connection a thread, kept between invocations and checked before use."""

import os
import select
import threading

import psycopg
from psycopg import Connection
from psycopg.pq import TransactionStatus

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
    # Transactions are explicit blocks. Statements are prepared by name at first use: each is run thousands of times.
    new = psycopg.connect(_conninfo(), autocommit=True, prepare_threshold=0)
    new.execute("SET TIME ZONE 'UTC'")
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


def _conninfo() -> str:
    url = os.environ.get("DATABASE_URL")
    if url:
        return url
    if "DATABASE_SECRET_ARN" in os.environ:
        # Local tools and tests have DATABASE_URL and need no AWS.
        from shared.aws.secrets import database_conninfo  # noqa: PLC0415 - keeps boto3 out of the import

        return database_conninfo()
    raise DatabaseNotConfiguredError(
        "Set DATABASE_URL, or DATABASE_SECRET_ARN to the secret that holds the database's address."
    )
