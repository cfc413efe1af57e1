"""What a handler does with its database connection, so that it can be done again without the handler."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from psycopg import Cursor, Pipeline, Transaction

from benchmarks.events import Event


@dataclass
class Script:
    """What was done with a connection for an event; a statement is named by its place among the statements."""

    event: Event = field(default_factory=dict)
    steps: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def recorded(event: Event) -> Iterator[Script]:
    """Note what this process does with its connection for as long as the block takes."""
    script = Script(event)
    places: dict[int, int] = {}
    cursors: list[Cursor] = []  # kept, so that no other gets the same id
    execute, fetchone, fetchall = Cursor.execute, Cursor.fetchone, Cursor.fetchall

    def noted_execute(self: Cursor, query: Any, params: Any = None, **options: Any) -> Cursor:
        places[id(self)] = len(cursors)
        cursors.append(self)
        script.steps.append(("execute", (query, params, options)))
        return execute(self, query, params, **options)

    def noted(fetch: Callable[[Cursor], Any]) -> Callable[[Cursor], Any]:
        def fetched(self: Cursor) -> Any:
            found = fetch(self)
            rows = found if isinstance(found, list) else [found]
            script.steps.append(("fetch", (places[id(self)], [named(self, row) for row in rows if row is not None])))
            return found

        return fetched

    def plain(kind: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def called(self: object, *arguments: object) -> Any:
            script.steps.append((kind, None))
            return method(self, *arguments)

        return called

    with ExitStack() as patches:
        for owner, name, replacement in (
            (Cursor, "execute", noted_execute),
            (Cursor, "fetchone", noted(fetchone)),
            (Cursor, "fetchall", noted(fetchall)),
            (Cursor, "__iter__", lambda self: iter(self.fetchall())),
            (Pipeline, "__enter__", plain("pipeline", Pipeline.__enter__)),
            (Pipeline, "__exit__", plain("end", Pipeline.__exit__)),
            (Pipeline, "sync", plain("sync", Pipeline.sync)),
            (Transaction, "__enter__", plain("transaction", Transaction.__enter__)),
            (Transaction, "__exit__", plain("end", Transaction.__exit__)),
        ):
            patches.enter_context(patch.object(owner, name, replacement))
        yield script


def named(cursor: Cursor, row: Any) -> Mapping[str, Any]:
    """Return a row by its columns, whatever the cursor's row factory made of it."""
    if isinstance(row, tuple):
        return dict(zip((column.name for column in cursor.description or ()), row, strict=True))
    return row if isinstance(row, dict) else vars(row)
