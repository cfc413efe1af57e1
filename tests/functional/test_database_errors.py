"""What the database's errors mean to a caller: try again, correct what you sent, or a fault of the program."""

import psycopg
import pytest
from psycopg import Connection, errors

from shared.domain import DomainContext, RetryableDatabaseError
from shared.domain.function import domain_function
from tests.factories import failure_of, make_carrier_config, make_orders


@domain_function
def execute(conn: Connection, _ctx: DomainContext, statement: str) -> None:
    """Run a statement that fails."""
    conn.execute(statement.encode())


def raising(sqlstate: str) -> str:
    """Return a statement that fails as the database does."""
    return f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{sqlstate}'; END $$"


@pytest.mark.parametrize(
    "error",
    [
        errors.DeadlockDetected,
        errors.SerializationFailure,
        errors.LockNotAvailable,
        errors.QueryCanceled,
        errors.IdleInTransactionSessionTimeout,
        errors.TransactionTimeout,
        errors.AdminShutdown,
        errors.CrashShutdown,
        errors.CannotConnectNow,
        errors.TooManyConnections,
        errors.ConnectionException,
        errors.ConnectionFailure,
        errors.ConnectionDoesNotExist,
    ],
)
def test_what_may_go_well_the_next_time_is_to_be_tried_again(ctx: DomainContext, error: type[psycopg.Error]) -> None:
    """Naive: a report that met a deadlock, or a restart of the database, is a dead letter, and its number is lost."""
    assert error.sqlstate
    with pytest.raises(RetryableDatabaseError):
        execute(ctx, raising(error.sqlstate))


@pytest.mark.parametrize(
    "error", [errors.UniqueViolation, errors.CheckViolation, errors.NotNullViolation, errors.UndefinedTable]
)
def test_what_fails_each_time_is_raised_as_it_is(ctx: DomainContext, error: type[psycopg.Error]) -> None:
    """Naive: it is tried again for ever."""
    assert error.sqlstate
    with pytest.raises(error):
        execute(ctx, raising(error.sqlstate))


@pytest.mark.parametrize(
    ("error", "reason", "said"),
    [
        (errors.UntranslatableCharacter, "invalid_text", "A text holds a character that can't be stored;"),
        (errors.CharacterNotInRepertoire, "invalid_text", "A text holds a character that can't be stored;"),
        (errors.NumericValueOutOfRange, "invalid_number", "A number is out of range;"),
    ],
)
def test_what_no_column_can_hold_is_refused(
    ctx: DomainContext, error: type[psycopg.Error], reason: str, said: str
) -> None:
    assert error.sqlstate
    assert failure_of(execute(ctx, raising(error.sqlstate)), "INVALID", reason).error.startswith(said)


@pytest.mark.parametrize(
    ("change", "reason", "said"),
    [
        ("orders SET total_value = -1", "invalid_total_value", "total_value must be zero or more."),
        ("orders SET contact_id = gen_random_uuid()", "contact_not_found", "The contact is not one of this workspace;"),
        ("orders SET external_id = 'A-1'", "external_id_in_use", "Another order was given this external_id just now;"),
        (
            "carrier_configs SET default_declared_value = -1",
            "invalid_default",
            "The declared value must be zero or more.",
        ),
        (
            "carrier_configs SET default_weight_kg = 0",
            "invalid_default",
            "The weight must be more than zero kilograms.",
        ),
        (
            "carrier_configs SET default_height_cm = 0",
            "invalid_default",
            "The height must be more than zero centimetres.",
        ),
        (
            "carrier_configs SET default_length_cm = 0",
            "invalid_default",
            "The length must be more than zero centimetres.",
        ),
        (
            "carrier_configs SET default_width_cm = 0",
            "invalid_default",
            "The width must be more than zero centimetres.",
        ),
    ],
)
def test_what_the_tables_do_not_hold_is_refused_in_a_sentence(
    ctx: DomainContext, owner: Connection, change: str, reason: str, said: str
) -> None:
    make_orders(owner, ctx.workspace_id, 2)
    make_carrier_config(owner, ctx.workspace_id)
    assert failure_of(execute(ctx, f"UPDATE {change}"), "INVALID", reason).error.startswith(said)
