"""Refusals inside the domain, and the one place where PostgreSQL's errors get a meaning."""

import psycopg
from psycopg import errors as pg

from shared.domain.result import ErrorCode, Failure


class RefusedError(Exception):
    """An expected refusal: undoes the call and becomes its `Failure`."""

    def __init__(self, code: ErrorCode, reason: str, error: str, **details: object) -> None:
        super().__init__(error)
        self.failure = Failure(error=error, code=code, reason=reason, details=details)


class RetryableDatabaseError(Exception):
    """The database could not do it this time (deadlock, serialization, lost connection): the same call may do."""


_RETRYABLE = (
    pg.DeadlockDetected,
    pg.SerializationFailure,
    pg.LockNotAvailable,
    pg.QueryCanceled,
    pg.AdminShutdown,
    pg.CrashShutdown,
    pg.CannotConnectNow,
    pg.TooManyConnections,
    pg.ConnectionException,
    pg.ConnectionFailure,
    pg.ConnectionDoesNotExist,
)


def invalid(reason: str, error: str, **details: object) -> RefusedError:
    """Return the refusal of input that can't be right; the sentence says what to change."""
    return RefusedError(ErrorCode.INVALID, reason, error, **details)


def not_found(reason: str, error: str, **details: object) -> RefusedError:
    """Return the refusal for something that this workspace does not have."""
    return RefusedError(ErrorCode.NOT_FOUND, reason, error, **details)


def conflict(reason: str, error: str, **details: object) -> RefusedError:
    """Return the refusal of what the present state does not allow."""
    return RefusedError(ErrorCode.CONFLICT, reason, error, **details)


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
        return invalid("invalid_text", "A text holds a character that can't be stored; remove it and send it again.")
    if isinstance(error, pg.NumericValueOutOfRange):
        return invalid("invalid_number", "A number is out of range; correct it and send it again.")
    sentence = _BY_CONSTRAINT.get(error.diag.constraint_name or "")
    if sentence is not None:
        return invalid(sentence[0], sentence[1])
    return error


_BY_CONSTRAINT = {
    "orders_contact_fkey": (
        "contact_not_found",
        "The contact is not one of this workspace; create it first.",
    ),
    "orders_total_value_check": ("invalid_total_value", "totalValue must be zero or more."),
    "carrier_configs_declared_value_check": ("invalid_default", "The declared value must be zero or more."),
    "carrier_configs_weight_check": ("invalid_default", "The weight must be more than zero kilograms."),
    "carrier_configs_height_check": ("invalid_default", "The height must be more than zero centimetres."),
    "carrier_configs_length_check": ("invalid_default", "The length must be more than zero centimetres."),
    "carrier_configs_width_check": ("invalid_default", "The width must be more than zero centimetres."),
}
