"""How long the database may take: less than any function's time, so that a function ends by itself and says why.

The shortest functions have 29 seconds; `tests/unit/test_database_limits.py` holds the sums against the template.
"""

from typing import TYPE_CHECKING, Any, LiteralString, TypeVar

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

if TYPE_CHECKING:
    from psycopg.abc import PQGen

T = TypeVar("T")

CONNECT_S = 5
#: A statement, and the wait for a lock inside it.
STATEMENT_S = 20
LOCK_S = 10
#: A transaction: what it locks is not held for longer, whatever became of the function. In a pipeline one that waits
#: for its program is not "idle in transaction" to the server, so the first limit alone would never end it; the second
#: is there from PostgreSQL 17 on.
IDLE_IN_TRANSACTION_S = 25
TRANSACTION_S = 25
#: The server ends a statement before this. Where it says nothing at all, it or the way to it is gone: packets that are
#: dropped without a word look like a slow statement, and would be waited for until Lambda ends the function.
SILENCE_S = 22

#: What the kernel finds out sooner: a server that acknowledges nothing that was sent for 10 s, or no probe of an idle
#: connection.
SOCKET: dict[str, Any] = {
    "connect_timeout": CONNECT_S,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

# One round trip for all that holds for a connection's life. The server asks whether the program still lives, as the
# program asks for the server: one whose machine is gone never said goodbye.
SESSION_16: LiteralString = """
SELECT set_config('TimeZone', 'UTC', false),
       set_config('statement_timeout', %(statement)s, false),
       set_config('lock_timeout', %(lock)s, false),
       set_config('idle_in_transaction_session_timeout', %(idle)s, false),
       set_config('tcp_keepalives_idle', '10', false),
       set_config('tcp_keepalives_interval', '3', false),
       set_config('tcp_keepalives_count', '3', false)
"""
SESSION: LiteralString = SESSION_16 + ", set_config('transaction_timeout', %(transaction)s, false)"
_HAS_TRANSACTION_TIMEOUT = 170_000


class SilentDatabaseError(psycopg.OperationalError):
    """The database has said nothing for longer than any statement may take; the connection is given up."""

    def __init__(self, message: str = "The database has said nothing for longer than any statement may take.") -> None:
        super().__init__(message)


class BoundedConnection(Connection[TupleRow]):
    """A connection that is given up where the server says nothing for longer than a statement may take."""

    def wait(self, gen: "PQGen[T]", interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait as psycopg does, but not for ever.

        Raises:
            SilentDatabaseError: no answer came in time; the connection is closed.
        """
        try:
            return super().wait(gen, interval, SILENCE_S if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 - psycopg has it for its callers to convert
            # Whatever the server does with the statement, nobody hears of it: at once, also for who cleans up now.
            self.pgconn.finish()
            raise SilentDatabaseError from error


def bounded_connection(conninfo: str) -> BoundedConnection:
    """Open a connection with all these limits; transactions are explicit blocks.

    Raises:
        psycopg.OperationalError: the database does not answer, or refuses the login.
    """
    # Statements are prepared by name at first use: each is run thousands of times.
    new = BoundedConnection.connect(conninfo, autocommit=True, prepare_threshold=0, **SOCKET)
    limits_s = {"statement": STATEMENT_S, "lock": LOCK_S, "idle": IDLE_IN_TRANSACTION_S, "transaction": TRANSACTION_S}
    session = SESSION if new.info.server_version >= _HAS_TRANSACTION_TIMEOUT else SESSION_16
    new.execute(session, {name: f"{limit}s" for name, limit in limits_s.items()})
    return new
