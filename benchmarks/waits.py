"""What an invocation waits for: the database, and everybody else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from unittest.mock import patch

import psycopg


@dataclass
class Waits:
    """Milliseconds since `clear`."""

    database: float = 0
    #: For the answers to HTTP requests: AWS and the robot.
    others: float = 0

    def clear(self) -> None:
        """Begin anew."""
        self.database = self.others = 0


@contextmanager
def waits() -> Iterator[Waits]:
    """Add up the waits of this process for as long as the block takes."""
    total = Waits()
    with (
        patch.object(psycopg.Connection, "wait", _timed(psycopg.Connection.wait, total, "database")),
        patch.object(HTTPConnection, "getresponse", _timed(HTTPConnection.getresponse, total, "others")),
    ):
        yield total


def _timed(method: Callable[..., Any], total: Waits, kind: str) -> Callable[..., Any]:
    def timed(self: object, *args: Any, **options: Any) -> Any:
        begin = time.perf_counter()
        try:
            return method(self, *args, **options)
        finally:
            setattr(total, kind, getattr(total, kind) + (time.perf_counter() - begin) * 1000)

    return timed
