"""Count the SQL statements of a call."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from psycopg import Cursor


def statements_of(call: Callable[..., Any], *args: Any) -> int:
    """Make the call and return how many statements it sent."""
    sent = 0
    execute = Cursor.execute

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal sent
        sent += 1
        return execute(*args, **kwargs)

    with patch.object(Cursor, "execute", counted):
        call(*args)
    return sent
