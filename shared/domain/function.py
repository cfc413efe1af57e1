"""One domain function call is one transaction in one workspace."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
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
    return _public(body, transaction)


def domain_query(
    body: Callable[Concatenate[Connection, DomainContext, P], T],
) -> Callable[Concatenate[DomainContext, P], DomainResult[T]]:
    """Make a public domain function that only reads: what it returns was all true at one moment.

    Raises:
        RetryableDatabaseError: the database could not do it this time.
    """
    return _public(body, read_transaction)


def _public(
    body: Callable[Concatenate[Connection, DomainContext, P], T],
    opened: Callable[[UUID], AbstractContextManager[Connection]],
) -> Callable[Concatenate[DomainContext, P], DomainResult[T]]:
    @wraps(body)
    def call(ctx: DomainContext, /, *args: P.args, **kwargs: P.kwargs) -> DomainResult[T]:
        try:
            with opened(ctx.workspace_id) as connection:
                data = body(connection, ctx, *args, **kwargs)
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
