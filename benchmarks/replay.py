"""A handler's own SQL run bare: the same statements, pipelines and waits for rows, on the rows of another event."""

import json
import re
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor, Transaction

from benchmarks.events import Event
from benchmarks.script import Script, named
from shared.domain.ids import uuid7

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def replay(conn: Connection, script: Script, event: Event) -> float:
    """Run a script again for an event of the same form, and return the milliseconds that psycopg took for it."""
    known: dict[Any, Any] = dict(zip(_ids_in(script.event), _ids_in(event), strict=True))
    cursors: list[Cursor] = []
    blocks: list[Any] = []
    pipeline: Any = None
    spent = 0.0
    for kind, what in script.steps:
        params = _moved(what[1], known) if kind == "execute" else None
        begin = time.perf_counter()
        if kind == "execute":
            cursors.append(conn.cursor().execute(what[0], params, **what[2]))
        elif kind == "fetch":
            found = cursors[what[0]].fetchall()
        elif kind == "sync":
            pipeline.sync()
        elif kind == "end":
            blocks.pop().__exit__(None, None, None)
        elif kind == "pipeline":
            blocks.append(conn.pipeline())
            pipeline = blocks[-1].__enter__()
        else:
            blocks.append(Transaction(conn))
            blocks[-1].__enter__()
        spent += time.perf_counter() - begin
        if kind == "fetch":
            # These rows have other ids than those that the handler found.
            for before, now in zip(what[1], (named(cursors[what[0]], row) for row in found), strict=True):
                known |= {_key(before[name]): now[name] for name in now if name.endswith("id")}
    return spent * 1000


def _ids_in(event: Event) -> list[str]:
    return _ID.findall(json.dumps(event))


def _key(id_: object) -> object:
    return str(id_) if isinstance(id_, UUID) else id_


def _moved(value: Any, known: dict[Any, Any], *, inside: bool = False) -> Any:
    """Return a parameter with the ids of the other event's rows in it; the ids that the handler made are made anew."""
    if isinstance(value, UUID):
        return UUID(str(known.setdefault(str(value), uuid7())))
    if isinstance(value, str):
        return _ID.sub(lambda found: str(known.setdefault(found[0], uuid7())), value)
    if isinstance(value, Mapping):
        return {name: _moved(each, known) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_moved(each, known, inside=True) for each in value]
    return known.get(value, value) if inside and type(value) is int else value


def rows_written(owner: Connection, *writers: Connection) -> dict[str, int]:
    """Return how many rows of each table were ever inserted, updated or deleted, by these connections too."""
    for writer in writers:
        # A connection tells of its work from time to time only, unless it is asked to.
        writer.execute("SELECT pg_stat_force_next_flush()")
    return dict(owner.execute(_ROWS_WRITTEN).fetchall())


_ROWS_WRITTEN = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"
