"""What is done over many workspaces: one that fails stops no other."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import psycopg

T = TypeVar("T")
R = TypeVar("R")


def each_alone(things: Iterable[T], work: Callable[[T], R]) -> list[R]:
    """Do the work of each and return what came of it.

    Raises:
        psycopg.Error: what failed first, after all were tried.
    """
    done: list[R] = []
    failed: psycopg.Error | None = None
    for thing in things:
        try:
            done.append(work(thing))
        except psycopg.Error as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return done
