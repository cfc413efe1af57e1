"""Every statement of the domain finds its rows by an index, however large the tables are."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def large(postgres: Postgres, template: str) -> Iterator[str]:
    """Give a database whose tables have thousands of rows, and statistics that say so."""
    name = f"plans_{uuid4().hex}"
    with psycopg.connect(postgres.url(), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    try:
        with psycopg.connect(postgres.url(name), autocommit=True) as owner:
            _fill(owner)
        yield name
    finally:
        with psycopg.connect(postgres.url(), autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_finds_rows_by_an_index(name: str, large: str, postgres: Postgres) -> None:
    role = "robot_jobs_app"
    if name.startswith(_SYSTEM):
        role = "robot_jobs_system"
    elif name in _OWNER:
        role = "postgres"
    assert scanned(postgres.url(large, role), STATEMENTS[name]) == set()


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
def test_a_page_begins_at_its_place_in_the_index(name: str, place: str, large: str, postgres: Postgres) -> None:
    """Fails where the place is an expression: all that is before it would be read, and left out."""
    plan = json.dumps(planned(postgres.url(large, "robot_jobs_app"), STATEMENTS[name])[0], indent=1)
    conditions = re.findall(r'"Index Cond": "(.*)"', plan)
    assert [condition for condition in conditions if re.search(place, condition)], conditions


def test_a_statement_without_an_index_is_found(large: str, postgres: Postgres) -> None:
    query = "SELECT id FROM robot_job_items WHERE validated_city = %(city)s"
    assert scanned(postgres.url(large, "robot_jobs_app"), query) == {"robot_job_items"}


@pytest.mark.parametrize("name", ["MAKE_WAVES", "CALL", "CALL_NEW"])
def test_a_wave_is_made_and_called_without_reading_all_of_its_job(name: str, large: str, postgres: Postgres) -> None:
    """Fails where a condition hides a partial index from the planner: each of 400 waves then reads 10,000 items."""
    plan, _ = planned(postgres.url(large, "robot_jobs_app"), STATEMENTS[f"shared.domain.jobs.turn_sql.{name}"])
    used = set(re.findall(r"'(robot_job_items_\w+)'", str(plan)))
    expected = {"robot_job_items_open", "robot_job_items_in_line", "robot_job_items_pkey"}
    assert used == (expected if name == "MAKE_WAVES" else {"robot_job_items_open"})


def scanned(url: str, statement: str) -> set[str]:
    """Return the growing tables that a statement goes through as a whole, planned as the program has it planned."""
    plan, partial = planned(url, statement)
    return set(_whole_scans(plan, partial))


def planned(url: str, statement: str) -> tuple[dict[str, object], set[str]]:
    """Return a statement's plan, and which indexes are of the few rows that wait for something."""
    with psycopg.connect(url, autocommit=True) as conn, conn.transaction():
        conn.execute(transaction._SETTINGS, [str(uuid7())])
        numbers: dict[str, int] = {}
        text = _PARAMETER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", statement)
        explain = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {text.replace('%%', '%')}"
        [(plan,)] = conn.execute(explain.encode()).fetchall()
        # An index of the few rows that wait for something may be gone through; one of every row, only up to a limit.
        partial = {index for (index,) in conn.execute(_PARTIAL_INDEXES)}
    root: dict[str, object] = plan[0]["Plan"]
    return root, partial


def _whole_scans(node: dict[str, object], partial: set[str], *, bounded: bool = False) -> Iterator[str]:
    table, index = node.get("Relation Name"), node.get("Index Name")
    bounded |= node["Node Type"] == "Limit"
    by_whole_index = index is not None and "Index Cond" not in node and index not in partial and not bounded
    if table in GROWING and (node["Node Type"] == "Seq Scan" or by_whole_index):
        yield str(table)
    for child in node.get("Plans", []):  # type: ignore[attr-defined] # a list, where it is there
        yield from _whole_scans(child, partial, bounded=bounded)


def _fill(owner: Connection) -> None:
    owner.execute("SET session_replication_role = replica")
    for statement in _FILL:
        owner.execute(statement.encode())
    owner.execute("ANALYZE")


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
    INSERT INTO robot_jobs (id, workspace_id, carrier, total_items)
    SELECT uuidv7(), md5((n % 100)::text)::uuid, 'coordinadora', 10 FROM generate_series(1, 5000) AS n
    """,
    """
    INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, status, shipment, tracking_number, completed_at,
                                 closed_by)
    SELECT uuidv7(), job.workspace_id, job.id, gen_random_uuid(), 'success', 'made', 'T-' || n, now(), 'robot'
      FROM robot_jobs AS job, generate_series(1, 10) AS n
    """,
    """
    INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, status, item_count)
    SELECT id, 1, workspace_id, carrier, 'closed', 10 FROM robot_jobs
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


def test_what_needs_a_person_is_found_without_passing_what_does_not(large: str, postgres: Postgres) -> None:
    """Fails where the page reads a workspace's items to find the few that failed."""
    plan, _ = planned(postgres.url(large, "robot_jobs_app"), STATEMENTS["shared.domain.jobs.attention._SELECT"])
    used = set(re.findall(r"'(robot_job_items_\w+)'", str(plan)))
    assert {"robot_job_items_unsettled", "robot_job_items_second", "robot_job_items_failed"} <= used


def test_how_things_stand_is_told_without_reading_all_that_is_open(large: str, postgres: Postgres) -> None:
    """Fails where the oldest open item is looked for among all of them, every minute."""
    statement = STATEMENTS["shared.domain.jobs.open_items._STANDING"]
    plan, _ = planned(postgres.url(large, "robot_jobs_system"), statement)
    assert "robot_job_items_oldest" in set(re.findall(r"'(robot_job_items_\w+)'", str(plan)))
    # The oldest, and the two that are counted.
    assert str(plan).count("'Node Type': 'Limit'") == 3
