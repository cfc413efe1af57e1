"""What goes over the wire to PostgreSQL: libpq's own trace, counted."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from psycopg.pq import Trace

from shared.db.connection import connection

_LINE = re.compile(r"^([FB])\t\d+\t(\w+)", re.MULTILINE)
#: Messages of the client that carry out one statement.
_STATEMENTS = ("Execute", "Query")
#: Those after which it waits. What the server answers while more is being sent is no stop, and depends on the machine.
_STOPS = ("Flush", "Sync", "Query")


@dataclass
class Traffic:
    """Statements sent, and how often the client stopped to wait for the server."""

    statements: int = 0
    round_trips: int = 0
    messages: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def counted() -> Iterator[Traffic]:
    """Count what this thread's connection sends while the block runs."""
    traffic = Traffic()
    pgconn = connection().pgconn
    with tempfile.TemporaryFile("w+") as file:
        pgconn.trace(file.fileno())
        pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield traffic
        finally:
            pgconn.untrace()
        file.seek(0)
        traffic.messages = _LINE.findall(file.read())
    traffic.statements = sum(side == "F" and name in _STATEMENTS for side, name in traffic.messages)
    traffic.round_trips = sum(
        name in _STOPS and (side, answer) == ("F", "B") for (side, name), (answer, _) in pairwise(traffic.messages)
    )
