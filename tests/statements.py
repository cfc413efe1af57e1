"""Count the SQL statements of a call."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from psycopg import Cursor


def statements_of(call: Callable[..., Any], *args: Any) -> int:
    """Make the call and return how many statements it sent beside begin and commit."""
    sent = 0
    execute = Cursor.execute

    def counted(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal sent
        sent += query != "COMMIT" and not query.startswith("BEGIN")
        return execute(cursor, query, *args, **kwargs)

    with patch.object(Cursor, "execute", counted):
        call(*args)
    return sent
