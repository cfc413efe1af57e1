"""Every read of orders, items and jobs on a filled database: by an index, and for as many buffers as in a small one.

Each statement that a domain function sends is planned and run anew, as the functions' role, under row-level security;
once more where nothing is known of the tables. What runs every minute is held to the same.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import ClientCursor, Connection, Cursor, sql

from local.stack.postgres import Postgres
from shared.db import transaction
from shared.db.connection import close_connection
from shared.domain import (
    DomainContext,
    DomainResult,
    GetJobItemParams,
    GetJobPageParams,
    ListJobsParams,
    ListOrdersByItemsParams,
    ListOrdersParams,
    find_silent_waves,
    get_job_item,
    get_job_page,
    get_order_in_detail,
    get_order_states,
    list_jobs,
    list_orders,
    list_orders_by_items,
)
from shared.domain.jobs.open_items import read_standing
from shared.domain.result import Success
from shared.workflow.relay import backlog
from tests.factories import data_of
from tests.filled import ORDERS, fill, item_id, order_id, workspace_id
from tests.functional.test_query_plans import _PARAMETER, indexes_of_few, whole_scans

#: A page of an answer, some trees deep, four kinds of orders to look among, and the walk of a search.
MOST_BUFFERS = 4_000
#: As many with the orders of a list that are counted, which the small database may not have.
MOST_BUFFERS_TO_COUNT = 9_000
#: At ten times the size: an index has one more level, and what is frequent is looked for another way.
MORE_IN_A_LARGE_ONE, AND_SOME = 2.5, 100
#: Of a number that is filled up with zeros each trigram is everyone's, and what the index holds of it grows with the
#: table: some hundred blocks at a million orders. docs/scale.md says so.
PADDED = {"found by name", "found by phone"}


@dataclass(frozen=True)
class Filled:
    """Databases with so many orders, and with a tenth of them."""

    large: str
    small: str
    #: The large one, of which nothing is known.
    unanalysed: str
    orders: int


@dataclass(frozen=True)
class Cost:
    """What a read took: blocks, whole scans of tables, rows."""

    buffers: int
    scanned: frozenset[str]
    rows: int


@contextmanager
def _filled(postgres: Postgres, template: str, orders: int) -> Iterator[str]:
    with _copy(postgres, template) as name:
        with psycopg.connect(postgres.url(name), autocommit=True) as owner:
            fill(owner, orders)
        yield name


@contextmanager
def _copy(postgres: Postgres, template: str) -> Iterator[str]:
    name = f"filled_{uuid4().hex}"
    with psycopg.connect(postgres.url(), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    try:
        yield name
    finally:
        close_connection()
        with psycopg.connect(postgres.url(), autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def _forgotten(postgres: Postgres, filled: str) -> Iterator[str]:
    """Give a copy of which the planner knows what it knows of tables that have just been filled."""
    with _copy(postgres, filled) as name:
        with psycopg.connect(postgres.url(name), autocommit=True) as owner:
            owner.execute("SET allow_system_table_mods = on")
            for statement in _FORGET:
                owner.execute(statement.encode())
        yield name


@pytest.fixture(
    scope="module", params=[pytest.param(50, id="a fiftieth"), pytest.param(1, id="the whole", marks=pytest.mark.slow)]
)
def filled(request: pytest.FixtureRequest, postgres: Postgres, template: str) -> Iterator[Filled]:
    """Give the large database and the small one."""
    orders = ORDERS // request.param
    with ExitStack() as stack:
        large, small = (stack.enter_context(_filled(postgres, template, count)) for count in (orders, orders // 10))
        unanalysed = stack.enter_context(_forgotten(postgres, large))
        yield Filled(large, small, unanalysed, orders)


Read = Callable[[DomainContext, int], DomainResult[Any]]


def _listed(**params: Any) -> Read:
    return lambda ctx, _: list_orders(ctx, ListOrdersParams(**params))


def _from_the_middle(**params: Any) -> Read:
    """Read a page that begins at an order from the middle of the workspace."""

    def read(ctx: DomainContext, orders: int) -> DomainResult[Any]:
        with patch("shared.domain.orders.search.decode_cursor", lambda *_: order_id(orders // 2)):
            return list_orders(ctx, ListOrdersParams(**params, cursor="middle"))

    return read


def _failed(ctx: DomainContext, _: int) -> DomainResult[Any]:
    """Read a page of what failed, as if all of it were of the last days."""
    with patch("shared.domain.jobs.list_by_items.first_id_of", lambda _: UUID(int=0)):
        return list_orders_by_items(ctx, ListOrdersByItemsParams("failed"))


def _states(ctx: DomainContext, orders: int) -> DomainResult[Any]:
    return get_order_states(ctx, [order_id(orders // 2 + place) for place in range(50)])


def _named(orders: int) -> int:
    """Return the number of an order of the large workspace."""
    return orders // 10 * 3


#: Each read by what it is.
READS: dict[str, Read] = {
    "newest orders": _listed(),
    "orders from the middle": _from_the_middle(),
    "shipped": _listed(shipped=True),
    "shipped, from the middle": _from_the_middle(shipped=True),
    "not shipped": _listed(shipped=False),
    "not shipped, from the middle": _from_the_middle(shipped=False),
    "to ship": _listed(shipped=False, is_free=True),
    "to ship, from the middle": _from_the_middle(shipped=False, is_free=True),
    "with a guide": _listed(has_guide=True),
    "without one": _listed(has_guide=False),
    "shipped without a guide": _listed(shipped=True, has_guide=False),
    "shipped without a guide, from the middle": _from_the_middle(shipped=True, has_guide=False),
    "of a stage": _listed(stage_id="won"),
    "of a stage that there is not": _listed(stage_id="none"),
    "of a stage, not shipped, from the middle": _from_the_middle(stage_id="won", shipped=False),
    "found by name": lambda ctx, orders: list_orders(ctx, ListOrdersParams(search=f"a-{_named(orders):07}")),
    "found by number": lambda ctx, orders: list_orders(ctx, ListOrdersParams(search=f"7{_named(orders):010}")),
    "found by phone": lambda ctx, orders: list_orders(
        ctx, ListOrdersParams(search=f"3{_named(orders) * 7919 % 10**9:09}")
    ),
    "found by a city that most have": _listed(search="bogota"),
    "found by a name that many contacts have": _listed(search="iguarán"),
    "the same, from the middle": _from_the_middle(search="iguarán"),
    "found by a city that few have": _listed(search="mitú"),
    "found by a beginning that all have": _listed(search="a"),
    "found by a beginning that some have": _listed(search="ñu"),
    "found, and not shipped": _listed(search="bogota", shipped=False),
    "not found": _listed(search="macondo"),
    "not found, of trigrams that all have": _listed(search="bogota medellin cali"),
    "newest orders, counted": _listed(count_to=1_000),
    "shipped, counted": _listed(shipped=True, count_to=1_000),
    "not shipped, counted": _listed(shipped=False, count_to=1_000),
    "to ship, counted": _listed(shipped=False, is_free=True, count_to=100),
    "shipped without a guide, counted": _listed(shipped=True, has_guide=False, count_to=1_000),
    "found by a city that most have, counted": _listed(search="bogota", count_to=100),
    "found by a name that many contacts have, counted": _listed(search="iguarán", count_to=100),
    "found, and not shipped, counted": _listed(search="bogota", shipped=False, count_to=100),
    "what became of a page of orders": _states,
    "orders in a job, counted": lambda ctx, _: list_orders_by_items(
        ctx, ListOrdersByItemsParams("in_job", count_to=1_000)
    ),
    "orders in a job": lambda ctx, _: list_orders_by_items(ctx, ListOrdersByItemsParams("in_job")),
    "orders that failed": _failed,
    "an order": lambda ctx, orders: get_order_in_detail(ctx, order_id(_named(orders))),
    "an item": lambda ctx, orders: get_job_item(
        ctx, GetJobItemParams(_job_of(ctx, orders), item_id(_named(orders), 1))
    ),
    "a page of a job": lambda ctx, orders: get_job_page(ctx, GetJobPageParams(_job_of(ctx, orders))),
    "jobs": lambda ctx, _: list_jobs(ctx, ListJobsParams()),
    "completed jobs": lambda ctx, _: list_jobs(ctx, ListJobsParams(status="completed")),
}


def _job_of(ctx: DomainContext, orders: int) -> Any:
    return data_of(get_order_in_detail(ctx, order_id(_named(orders)))).items[0].job_id


def _cost(postgres: Postgres, database: str, orders: int, read: Read, role: str = "robot_jobs_app") -> Cost:
    """Run the read, then explain each of the statements that it sent."""
    url = postgres.url(database, role)
    sent: list[tuple[str, Any]] = []
    execute = Cursor.execute

    def noted(cursor: Any, query: Any, params: Any = None, **kwargs: Any) -> Any:
        sent.append((query, params))
        return execute(cursor, query, params, **kwargs)

    ctx = DomainContext(workspace_id(0), "test")
    close_connection()
    with pytest.MonkeyPatch.context() as environment, patch.object(Cursor, "execute", noted):
        environment.setenv("DATABASE_URL", url)
        found = data_of(read(ctx, orders))
        close_connection()
    [settings] = {query for query, _ in sent if "set_config('app." in query}
    buffers = 0
    scanned: set[str] = set()
    with psycopg.connect(url, autocommit=True, cursor_factory=ClientCursor) as conn:
        for query, params in sent:
            if query.lstrip().startswith(("SELECT", "WITH")) and "set_config" not in query:
                used, tables = _explained(conn, ctx, query, params, settings)
                buffers += used
                scanned |= tables
    return Cost(buffers, frozenset(scanned), len(getattr(found, "orders", [])))


def _explained(
    conn: Connection,
    ctx: DomainContext,
    query: str,
    params: Mapping[str, Any] | None,
    settings: str = transaction._SETTINGS,
) -> tuple[int, set[str]]:
    """Return what a statement costs that is prepared, as the program has them, and so planned for no parameters."""
    numbers: dict[str, int] = {}
    text = _PARAMETER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", query).replace("%%", "%")
    given = ", ".join(ClientCursor(conn).mogrify("%s", [(params or {})[name]]) for name in numbers)
    explain = (
        f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE sent{f'({given})' if given else ''}".encode()
    )
    with conn.transaction():
        conn.execute(settings.encode(), [str(ctx.workspace_id)])
        conn.execute(f"PREPARE sent AS {text}".encode())
        # The first run reads the catalogue, too.
        conn.execute(explain)
        before: dict[str, int] = dict(conn.execute(_WHOLE_SCANS).fetchall())
        [(plan,)] = conn.execute(explain).fetchall()
        after: dict[str, int] = dict(conn.execute(_WHOLE_SCANS).fetchall())
        conn.execute("DEALLOCATE sent")
        few = indexes_of_few(conn)
    root = plan[0]["Plan"]
    # The plan does not show what a function of the database runs; its scans are counted.
    inside = {table for table, scans in after.items() if scans != before[table] and table in _LARGE_TABLES}
    return root["Shared Hit Blocks"] + root["Shared Read Blocks"], {*whole_scans(root, few), *inside}


@pytest.mark.parametrize("name", READS)
def test_a_read_costs_the_same_in_a_large_database(name: str, filled: Filled, postgres: Postgres) -> None:
    large = _cost(postgres, filled.large, filled.orders, READS[name])
    small = _cost(postgres, filled.small, filled.orders // 10, READS[name])
    print(json.dumps({"read": name, "large": large.buffers, "small": small.buffers, "rows": large.rows}))  # noqa: T201 - for who looks at the figures
    # A small table may be gone through.
    assert large.scanned == frozenset()
    assert large.buffers <= _most_buffers(name)
    # Where a page of the small one is not full, there is nothing to compare.
    if large.rows == small.rows and name not in PADDED and not _is_counted(name):
        assert large.buffers <= MORE_IN_A_LARGE_ONE * small.buffers + AND_SOME


@pytest.mark.parametrize("name", [name for name in READS if "found" not in name])
def test_a_read_costs_no_more_where_nothing_is_known_of_the_tables(
    name: str, filled: Filled, postgres: Postgres
) -> None:
    """The search is left out: it plans by itself, and reads a workspace until statistics are there (docs/scale.md)."""
    cost = _cost(postgres, filled.unanalysed, filled.orders, READS[name])
    print(json.dumps({"read": name, "unanalysed": cost.buffers}))  # noqa: T201 - for who looks at the figures
    assert not cost.scanned & {"orders", "contacts", "robot_job_items", "robot_job_item_reports"}
    # Jobs and waves may be gone through until the server has analysed them, in two statements of a read: by an index,
    # which is a block a row at most. docs/scale.md says so.
    with psycopg.connect(postgres.url(filled.unanalysed)) as conn:
        counts = [f"SELECT count(*) FROM {name}" for name in cost.scanned]  # noqa: S608 - names that a plan gave
        rows = [conn.execute(each.encode()).fetchall()[0][0] for each in counts]
    assert cost.buffers <= _most_buffers(name) + 2 * sum(rows)


def _most_buffers(name: str) -> int:
    return MOST_BUFFERS_TO_COUNT if _is_counted(name) else MOST_BUFFERS


def _is_counted(name: str) -> bool:
    return name.endswith("counted")


def _schedule(look: Callable[[], object]) -> Read:
    return lambda _ctx, _orders: Success(look())


#: What looks every minute, over every workspace.
SCHEDULES: dict[str, Read] = {
    "silent robots": _schedule(find_silent_waves),
    "how things stand": _schedule(read_standing),
    "what waits to be published": _schedule(backlog),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_what_looks_every_minute_reads_what_is_open_alone(name: str, filled: Filled, postgres: Postgres) -> None:
    large, small, unanalysed = (
        _cost(postgres, database, filled.orders, SCHEDULES[name], "robot_jobs_system")
        for database in (filled.large, filled.small, filled.unanalysed)
    )
    assert large.scanned == small.scanned == unanalysed.scanned == frozenset()
    assert max(large.buffers, unanalysed.buffers) <= small.buffers + 20


def test_the_large_database_is_one(filled: Filled, postgres: Postgres) -> None:
    with psycopg.connect(postgres.url(filled.large)) as conn:
        counts = [
            conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            for table in ("orders", "robot_job_items", "robot_job_item_reports")
        ]
        assert counts == [(filled.orders,), (2 * filled.orders,), (5 * filled.orders,)]
        [(workspaces, largest)] = conn.execute(
            "SELECT count(*), max(count) FROM (SELECT count(*) FROM orders GROUP BY workspace_id) AS each"
        ).fetchall()
        assert (workspaces, largest) == (200, filled.orders // 5)


def test_a_search_that_walks_is_found(filled: Filled, postgres: Postgres) -> None:
    """Searched as the functions' role, with row-level security and no function, a workspace is read as a whole."""
    naive = "SELECT id FROM orders WHERE workspace_id = %(workspace_id)s AND search_text LIKE '%%macondo%%'"
    ctx = DomainContext(workspace_id(0), "test")
    found = []
    for database in (filled.large, filled.small):
        url = postgres.url(database, "robot_jobs_app")
        with psycopg.connect(url, autocommit=True, cursor_factory=ClientCursor) as conn:
            found.append(_explained(conn, ctx, naive, {"workspace_id": ctx.workspace_id})[0])
    large, small = found
    assert large > MORE_IN_A_LARGE_ONE * small + AND_SOME


_LARGE_TABLES = {"orders", "contacts", "robot_jobs", "robot_job_items", "robot_job_item_reports"}
_FORGET = (
    "DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)",
    """
    UPDATE pg_class SET relpages = 0, reltuples = -1, relallvisible = 0
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
    """,
)
_WHOLE_SCANS = "SELECT relname::text, coalesce(seq_scan, 0) FROM pg_stat_xact_user_tables"
