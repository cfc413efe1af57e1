"""One domain function call is one transaction in one workspace."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg import Connection

from shared.db.transaction import read_transaction, transaction
from shared.domain.context import DomainContext
from shared.domain.database_errors import translated
from shared.domain.refusals import RefusedError
from shared.domain.result import DomainResult, Success

P = ParamSpec("P")
T = TypeVar("T")


def domain_function(
    body: Callable[Concatenate[Connection, DomainContext, P], T],
) -> Callable[Concatenate[DomainContext, P], DomainResult[T]]:
    """Make a public domain function of a body that gets the transaction's connection first.

    A refusal rolls the call back and is returned as a `Failure`; every other exception rolls it back and passes.
    Called inside another domain function, it joins that one's transaction through a savepoint.

    Raises:
        RetryableDatabaseError: the database could not do it this time.
    """
    return _public(_within(transaction, body))


def domain_query(
    body: Callable[Concatenate[Connection, DomainContext, P], T],
) -> Callable[Concatenate[DomainContext, P], DomainResult[T]]:
    """Make a public domain function that only reads: what it returns was all true at one moment.

    Raises:
        RetryableDatabaseError: the database could not do it this time.
    """
    return _public(_within(read_transaction, body))


def domain_question(
    body: Callable[Concatenate[Connection, DomainContext, P], Generator[None, None, T]],
) -> Callable[Concatenate[DomainContext, P], DomainResult[T]]:
    """Make a query of a body that asks all it has to, yields once, and then reads the answers.

    The transaction ends where it yields: from BEGIN to COMMIT all is one exchange with the database.

    Raises:
        RetryableDatabaseError: the database could not do it this time.
    """

    @wraps(body)
    def answered(ctx: DomainContext, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with read_transaction(ctx.workspace_id) as connection:
            answers = body(connection, ctx, *args, **kwargs)
            next(answers)
        try:
            next(answers)
        except StopIteration as end:
            return cast("T", end.value)
        raise RuntimeError(f"{body.__name__} yields more than once")

    return _public(answered)


def _within(
    opened: Callable[[UUID], AbstractContextManager[Connection]],
    body: Callable[Concatenate[Connection, DomainContext, P], T],
) -> Callable[Concatenate[DomainContext, P], T]:
    @wraps(body)
    def done(ctx: DomainContext, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with opened(ctx.workspace_id) as connection:
            return body(connection, ctx, *args, **kwargs)

    return done


def _public(
    body: Callable[Concatenate[DomainContext, P], T],
) -> Callable[Concatenate[DomainContext, P], DomainResult[T]]:
    @wraps(body)
    def call(ctx: DomainContext, /, *args: P.args, **kwargs: P.kwargs) -> DomainResult[T]:
        try:
            data = body(ctx, *args, **kwargs)
        except RefusedError as refused:
            return refused.failure
        except psycopg.Error as error:
            meaning = translated(error)
            if isinstance(meaning, RefusedError):
                return meaning.failure
            if meaning is error:
                raise
            raise meaning from error
        return Success(data)

    return call
