"""The one place where PostgreSQL's errors get a meaning."""

from collections.abc import Callable

import psycopg
from psycopg import errors as pg

from shared.domain import refusal_page as page
from shared.domain.refusals import RefusedError


class RetryableDatabaseError(Exception):
    """The database could not do it this time (deadlock, serialization, lost connection): the same call may do."""


_RETRYABLE = (
    pg.DeadlockDetected,
    pg.SerializationFailure,
    pg.LockNotAvailable,
    pg.QueryCanceled,
    pg.IdleInTransactionSessionTimeout,
    pg.TransactionTimeout,
    pg.AdminShutdown,
    pg.CrashShutdown,
    pg.CannotConnectNow,
    pg.TooManyConnections,
    pg.ConnectionException,
    pg.ConnectionFailure,
    pg.ConnectionDoesNotExist,
)
_BY_CONSTRAINT: dict[str, Callable[[], RefusedError]] = {
    "orders_contact_fkey": page.contact_not_found,
    "orders_external_id": lambda: page.external_id_just_taken(orders=[]),
    "orders_total_value_check": page.invalid_total_value,
    "carrier_configs_declared_value_check": lambda: page.invalid_default("declared value", "zero or more"),
    "carrier_configs_weight_check": lambda: page.invalid_default("weight", "more than zero kilograms"),
    "carrier_configs_height_check": lambda: page.invalid_default("height", "more than zero centimetres"),
    "carrier_configs_length_check": lambda: page.invalid_default("length", "more than zero centimetres"),
    "carrier_configs_width_check": lambda: page.invalid_default("width", "more than zero centimetres"),
}


def is_retryable(error: psycopg.Error) -> bool:
    """Tell whether the same call may succeed when it is made again."""
    # An OperationalError without a SQLSTATE comes from the connection itself: refused, reset, closed.
    return isinstance(error, _RETRYABLE) or (isinstance(error, psycopg.OperationalError) and error.sqlstate is None)


def translated(error: psycopg.Error) -> Exception:
    """Return what a database error means to a caller: a refusal, a retryable error, or itself.

    Source: constraint names are those of the migrations.
    """
    if is_retryable(error):
        return RetryableDatabaseError(str(error))
    if isinstance(error, pg.UntranslatableCharacter | pg.CharacterNotInRepertoire):
        return page.text_not_storable()
    if isinstance(error, pg.NumericValueOutOfRange):
        return page.number_not_storable()
    refusal = _BY_CONSTRAINT.get(error.diag.constraint_name or "")
    return refusal() if refusal else error
