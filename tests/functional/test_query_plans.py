"""Every statement of the domain finds its rows by an index, whatever there is in the tables, and known of them."""

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection

import shared.domain
from local.stack.postgres import Postgres
from shared.db import transaction
from shared.domain.ids import uuid7

#: Tables that grow with what workspaces do; the others hold a few rows a workspace, or the cities of a country.
GROWING = {
    "contacts",
    "orders",
    "robot_jobs",
    "robot_job_items",
    "robot_job_dispatches",
    "robot_job_item_reports",
    "robot_job_item_attempts",
    "outbox",
}
_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
#: Pieces of statements, which stand in whole ones.
_PIECES = {
    "EMIT_CALLED_BY_SYSTEM",
    "_REPORTED",
    "_ORDERS_AND_GUARD",
    "_ITEM_COLUMNS",
    "HOW_MANY",
    "_FOUND",
    "_PAGE_BY_NUMBERS",
    "_PAGE_FAILED",
    "_PAGE_IN_JOB",
    "_PAGE_OF_ALL",
    "_PAGE_OF_NUMBER",
    "_PAGE_OF_STAGE",
    "_TURN",
    "_CALL",
    "_CALL_NEW",
    "_WITHOUT_GUIDE",
    "_DUE",
    "_WHOLE",
    "_BY_NUMBERS",
    "_COUNT",
    "_SOUGHT",
    "_OF_JOBS",
}
_PARAMETER = re.compile(r"%\((\w+)\)[sbt]")
#: Statements of the schedules, which work over every workspace; the app role has no right to them.
_SYSTEM = (
    "shared.db.outbox",
    "shared.domain.jobs.retention",
    "shared.domain.jobs.expire",
    "shared.domain.jobs.silent",
    "shared.domain.jobs.open_items",
    "shared.domain.jobs.turn_sql.CALL_BY_SYSTEM",
    "shared.domain.jobs.turn_sql.CALL_NEW_BY_SYSTEM",
    "shared.domain.jobs.lookups_sql.SELECT_DUE",
    "shared.domain.jobs.lookups_sql.SELECT_STILL_DUE",
)
#: Statements of a tool that runs with the owner's rights.
_OWNER = ("shared.domain.carriers.coverage_import._UPSERT",)


def statements() -> Iterator[tuple[str, str]]:
    """Give each constant of the domain that is a statement, by its name."""
    for info in pkgutil.walk_packages(shared.domain.__path__, "shared.domain."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if name.isupper() or name.lstrip("_").isupper():
                text = value.strip() if isinstance(value, str) else ""
                source = module.__spec__.loader.get_source(info.name) or ""  # type: ignore[union-attr] # every module here has a source
                if text.startswith(_VERBS) and name not in _PIECES and re.search(rf"^{name} = ", source, re.MULTILINE):
                    yield f"{info.name}.{name}", text


STATEMENTS = dict(statements())


def test_the_statements_are_found() -> None:
    assert len(STATEMENTS) > 40
    assert "shared.domain.jobs.record_sql.RECORD" in STATEMENTS
    assert {f"shared.domain.jobs.turn_sql.{name}" for name in ("MAKE_WAVES", "CALL", "CALL_NEW")} <= STATEMENTS.keys()
    assert "shared.domain.jobs.progress._SELECT_PROGRESS" in STATEMENTS
    assert "shared.domain.orders.write._UPDATE" in STATEMENTS  # put together from the columns of orders


@dataclass(frozen=True)
class Databases:
    """What there may be where plans are made: thousands of rows and statistics, such rows and none, nothing at all."""

    large: str
    unanalysed: str
    empty: str


Connect = Callable[[str, str], Connection]


@pytest.fixture(scope="module")
def databases(postgres: Postgres, template: str) -> Iterator[Databases]:
    """Give one of each kind."""
    with ExitStack() as stack:
        unanalysed, empty = (stack.enter_context(_database(postgres, template)) for _ in range(2))
        with psycopg.connect(postgres.url(unanalysed), autocommit=True) as owner:
            _fill(owner)
        large = stack.enter_context(_database(postgres, unanalysed))
        with psycopg.connect(postgres.url(large), autocommit=True) as owner:
            owner.execute("ANALYZE")
        yield Databases(large, unanalysed, empty)


@contextmanager
def _database(postgres: Postgres, template: str) -> Iterator[str]:
    name = f"plans_{uuid4().hex}"
    with psycopg.connect(postgres.url(), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    try:
        yield name
    finally:
        with psycopg.connect(postgres.url(), autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="module")
def connect(databases: Databases, postgres: Postgres) -> Iterator[Connect]:
    """Give a connection of a database and a role, kept for all that ask for it."""
    assert databases
    with ExitStack() as stack:
        yield cache(
            lambda database, role: stack.enter_context(psycopg.connect(postgres.url(database, role), autocommit=True))
        )


_LOCKING = {name for name, text in STATEMENTS.items() if re.search(r"\b(INSERT|UPDATE|DELETE)\b", text)}


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_finds_rows_by_an_index(name: str, databases: Databases, connect: Connect) -> None:
    """Whether the transaction locks or only reads, and whether the tables were ever looked at or not."""
    only_locks = name in _LOCKING or name.startswith(_SYSTEM)
    for database in (databases.large, databases.unanalysed):
        conn = connect(database, _role_of(name))
        assert scanned(conn, STATEMENTS[name]) == set()
        assert only_locks or scanned(conn, STATEMENTS[name], transaction._SETTINGS) == set()


@pytest.mark.parametrize("name", sorted(_LOCKING))
def test_what_locks_does_so_though_it_was_planned_on_empty_tables(
    name: str, databases: Databases, connect: Connect
) -> None:
    """Fails where the plan of a new database goes through tables, or compares them, and is kept while they grow."""
    plan, few = planned(connect(databases.empty, _role_of(name)), STATEMENTS[name])
    assert set(whole_scans(plan, few)) == set()
    assert "Hash Join" not in str(plan)
    assert "Merge Join" not in str(plan)


def test_reads_may_go_through_what_is_empty(databases: Databases, connect: Connect) -> None:
    """So the prohibition is where it is needed, and needed where it is."""
    conn = connect(databases.empty, "robot_jobs_app")
    of_app = [name for name in _LOCKING if _role_of(name) == "robot_jobs_app"]
    assert any(scanned(conn, STATEMENTS[name], transaction._SETTINGS) for name in of_app)


def _role_of(name: str) -> str:
    if name.startswith(_SYSTEM):
        return "robot_jobs_system"
    return "postgres" if name in _OWNER else "robot_jobs_app"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("shared.domain.jobs.read._LIST_JOBS", r"\(id < "),
        ("shared.domain.jobs.read._LIST_JOBS_OF_STATUS", r"\(id < "),
        ("shared.domain.jobs.read._SELECT_ITEMS", r"\(id > "),
        ("shared.domain.jobs.list_by_items._LIST_FAILED", r"ROW\((item\.)?job_id, (item\.)?id\) < "),
        ("shared.domain.orders.search._LIST", r"ROW\(created_at, id\) < "),
        ("shared.domain.orders.search._LIST_BY_NUMBERS", r"ROW\(created_at, id\) < "),
        ("shared.domain.orders.search._LIST_STAGE", r"ROW\(created_at, id\) < "),
    ],
)
def test_a_page_begins_at_its_place_in_the_index(name: str, place: str, databases: Databases, connect: Connect) -> None:
    """Fails where the place is an expression: all that is before it would be read, and left out."""
    conn = connect(databases.large, "robot_jobs_app")
    plan = json.dumps(planned(conn, STATEMENTS[name], transaction._SETTINGS)[0], indent=1)
    conditions = re.findall(r'"Index Cond": "(.*)"', plan)
    assert [condition for condition in conditions if re.search(place, condition)], conditions


@pytest.mark.parametrize("condition", ["validated_city = %(city)s", "holds"])
def test_a_statement_without_an_index_is_found(condition: str, databases: Databases, connect: Connect) -> None:
    """An index that most rows come into is none that may be gone through, though it is partial."""
    query = "SELECT order_id FROM robot_job_items WHERE $which ORDER BY order_id".replace("$which", condition)
    assert scanned(connect(databases.large, "robot_jobs_system"), query) == {"robot_job_items"}


@pytest.mark.parametrize("name", ["MAKE_WAVES", "CALL", "CALL_NEW"])
def test_a_wave_is_made_and_called_without_reading_all_of_its_job(
    name: str, databases: Databases, connect: Connect
) -> None:
    """Fails where a condition hides a partial index from the planner: each of 400 waves then reads 10,000 items."""
    plan, _ = planned(connect(databases.large, "robot_jobs_app"), STATEMENTS[f"shared.domain.jobs.turn_sql.{name}"])
    used = set(re.findall(r"'(robot_job_items_\w+)'", str(plan)))
    expected = {"robot_job_items_open", "robot_job_items_in_line", "robot_job_items_pkey"}
    assert used == (expected if name == "MAKE_WAVES" else {"robot_job_items_open"})


def scanned(conn: Connection, statement: str, settings: str = transaction._LOCKING_SETTINGS) -> set[str]:
    """Return the growing tables that a statement goes through as a whole, planned as the program has it planned."""
    return set(whole_scans(*planned(conn, statement, settings)))


def planned(
    conn: Connection, statement: str, settings: str = transaction._LOCKING_SETTINGS
) -> tuple[dict[str, object], set[str]]:
    """Return a statement's plan, and which indexes are of the few rows that wait for something."""
    with conn.transaction():
        conn.execute(settings.encode(), [str(uuid7())])
        numbers: dict[str, int] = {}
        text = _PARAMETER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", statement)
        explain = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {text.replace('%%', '%')}"
        [(plan,)] = conn.execute(explain.encode(), prepare=False).fetchall()
        root: dict[str, object] = plan[0]["Plan"]
        return root, indexes_of_few(conn)


def indexes_of_few(conn: Connection) -> set[str]:
    """Return the indexes that may be gone through: of the few rows that wait for something."""
    return {index for (index,) in conn.execute(_PARTIAL_INDEXES)} - _OF_MOST_ROWS


def whole_scans(node: dict[str, object], partial: set[str], *, bounded: bool = False) -> Iterator[str]:
    """Give the growing tables that a plan goes through; one of every row, only up to a limit, is not gone through."""
    table, index = node.get("Relation Name"), node.get("Index Name")
    bounded |= node["Node Type"] == "Limit"
    by_whole_index = index is not None and "Index Cond" not in node and index not in partial and not bounded
    if table in GROWING and (node["Node Type"] == "Seq Scan" or by_whole_index):
        yield str(table)
    for child in node.get("Plans", []):  # type: ignore[attr-defined] # a list, where it is there
        yield from whole_scans(child, partial, bounded=bounded)


def _fill(owner: Connection) -> None:
    owner.execute("SET session_replication_role = replica")
    for statement in _FILL:
        owner.execute(statement.encode())
    # Nothing becomes known of the tables before it is asked for.
    for (table,) in owner.execute(_TABLES).fetchall():
        owner.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)".encode())


#: Partial indexes that most rows come into, and stay in: of what is there or was done, not of what waits.
_OF_MOST_ROWS = {
    "activity_actors",
    "activity_job",
    "activity_order",
    "orders_address_key",
    "orders_by_stage",
    "orders_contact",
    "orders_external_id",
    "orders_lacking_guide",
    "orders_name_key",
    "orders_tracking_number",
    "outbox_published",
    "robot_job_dispatches_accepted",
    "robot_job_items_holder",
    "robot_job_items_retained",
    "robot_jobs_idempotency_key",
    "robot_jobs_lookups",
}

_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"

_PARTIAL_INDEXES = "SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL"

_FILL = (
    """
    INSERT INTO contacts (id, workspace_id, name)
    SELECT gen_random_uuid(), md5((n % 100)::text)::uuid, 'Luz' FROM generate_series(1, 20000) AS n
    """,
    """
    INSERT INTO orders (id, workspace_id, contact_id, name)
    SELECT gen_random_uuid(), workspace_id, id, 'Pedido' FROM contacts
    """,
    """
    INSERT INTO robot_jobs (id, workspace_id, carrier, total_items, status, success_count, completed_at)
    SELECT uuidv7(), md5((n % 100)::text)::uuid, 'coordinadora', 10,
           CASE WHEN is_open THEN 'pending' ELSE 'completed' END, CASE WHEN is_open THEN 0 ELSE 10 END,
           CASE WHEN NOT is_open THEN now() END
      FROM generate_series(1, 5000) AS n
     CROSS JOIN LATERAL (SELECT n % 10 = 0 AS is_open) AS state
    """,
    """
    INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, status, shipment, tracking_number, completed_at,
                                 closed_by)
    SELECT uuidv7(), job.workspace_id, job.id, gen_random_uuid(), 'success', 'made', 'T-' || n, now(), 'robot'
      FROM robot_jobs AS job, generate_series(1, 10) AS n
    """,
    """
    INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, status, dispatch, shipment, holds, error_type,
                                 error_message, completed_at, closed_by)
    SELECT uuidv7(), workspace_id, job_id, order_id, 'error', 1, 'none', false, 'portal', 'No', now(), 'robot'
      FROM robot_job_items
    """,
    """
    INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, status, dispatch, shipment, holds, started_at)
    SELECT uuidv7(), workspace_id, id, gen_random_uuid(), 'processing', 1, 'possible', true, now() FROM robot_jobs
    """,
    """
    INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, status, item_count, accepted_at,
                                      closed_at)
    SELECT id, 1, workspace_id, carrier, 'closed', 10, now(), now() FROM robot_jobs
    """,
    """
    INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, status, item_count)
    SELECT id, 2, workspace_id, carrier, 'waiting', 10 FROM robot_jobs WHERE id::text LIKE '%0'
    """,
    """
    INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, outcome)
    SELECT workspace_id, id, 1, 'success', 'recorded' FROM robot_job_items
    """,
    """
    INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id)
    SELECT id, 1, job_id, workspace_id FROM robot_job_items
    """,
    """
    INSERT INTO outbox (workspace_id, detail_type, detail, published_at)
    SELECT workspace_id, 'automation/field.changed', '{}', now() FROM robot_job_items
    """,
)


@pytest.mark.parametrize(
    "name", ["open_jobs_sql.OPEN_JOB_IDS", "overview._SELECT_OPEN_JOBS", "overview._SELECT_IN_WORK"]
)
def test_open_jobs_are_found_without_passing_what_has_ended(name: str, databases: Databases, connect: Connect) -> None:
    """Fails where the states are a list, of which the planner knows nothing: it reads all jobs of the workspace."""
    conn = connect(databases.large, "robot_jobs_app")
    plan = json.dumps(planned(conn, STATEMENTS[f"shared.domain.jobs.{name}"], transaction._SETTINGS)[0], indent=1)
    assert "(status = open.state)" in plan


def test_silent_robots_are_found_without_passing_what_they_ever_took(databases: Databases, connect: Connect) -> None:
    """Fails where the waves of a few unsettled items are looked for among all that were ever accepted."""
    conn = connect(databases.large, "robot_jobs_system")
    plan, _ = planned(conn, STATEMENTS["shared.domain.jobs.silent._SELECT_SILENT"])
    assert "robot_job_dispatches_accepted" not in str(plan)


def test_what_stands_is_found_by_its_orders_alone(databases: Databases, connect: Connect) -> None:
    """Fails where the second shipments of everybody are read to find those of a few orders."""
    conn = connect(databases.large, "robot_jobs_app")
    plan, _ = planned(conn, STATEMENTS["shared.domain.jobs.standing._SELECT"], transaction._SETTINGS)
    assert set(re.findall(r"'(robot_job_items_\w+)'", str(plan))) == {"robot_job_items_order"}


def test_what_needs_a_person_is_found_without_passing_what_does_not(databases: Databases, connect: Connect) -> None:
    """Fails where the page reads a workspace's items to find the few that failed."""
    plan, _ = planned(connect(databases.large, "robot_jobs_app"), STATEMENTS["shared.domain.jobs.attention._SELECT"])
    used = set(re.findall(r"'(robot_job_items_\w+)'", str(plan)))
    assert {"robot_job_items_unsettled", "robot_job_items_second", "robot_job_items_failed"} <= used


def test_how_things_stand_is_told_without_reading_all_that_is_open(databases: Databases, connect: Connect) -> None:
    """Fails where the oldest open item is looked for among all of them, every minute."""
    statement = STATEMENTS["shared.domain.jobs.open_items._STANDING"]
    plan, _ = planned(connect(databases.large, "robot_jobs_system"), statement)
    assert "robot_job_items_oldest" in set(re.findall(r"'(robot_job_items_\w+)'", str(plan)))
    # The oldest, and the two that are counted.
    assert str(plan).count("'Node Type': 'Limit'") == 3
