"""A workspace's rows are out of reach for every other one: in the tables, for the roles, past every mistake."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg import errors as pg

from local.stack.postgres import Postgres
from shared.domain import (
    DispatchRef,
    DomainContext,
    KeepUploadParams,
    expire_dispatches,
    find_silent_waves,
    keep_upload,
    note_restarted,
)
from shared.domain.ids import uuid7
from tests.dump import dump, tables_of_workspaces
from tests.factories import data_of, hand_over, make_carrier_config, make_job, report_error

APP, SYSTEM, SEARCH = "robot_jobs_app", "robot_jobs_system", "robot_jobs_search"

#: What each role may do, and nothing else: a new table, or a new right, is decided here too.
GRANTS = {
    APP: {
        "carrier_configs": "INSERT SELECT UPDATE",
        "carrier_coverage": "SELECT",
        "client_activation": "INSERT SELECT UPDATE",
        "contacts": "INSERT SELECT UPDATE",
        "orders": "INSERT SELECT UPDATE",
        "outbox": "INSERT SELECT UPDATE",
        "robot_job_dispatches": "INSERT SELECT UPDATE",
        "activity": "INSERT SELECT",
        "uploads": "DELETE INSERT SELECT",
        "robot_job_item_attempts": "DELETE INSERT SELECT UPDATE",
        "robot_job_item_reports": "INSERT SELECT",
        "robot_job_items": "INSERT SELECT UPDATE",
        "robot_jobs": "INSERT SELECT UPDATE",
    },
    SYSTEM: {
        "orders": "SELECT",
        "outbox": "DELETE INSERT SELECT UPDATE",
        "robot_job_dispatches": "INSERT SELECT UPDATE",
        "activity": "SELECT",
        "uploads": "DELETE",
        "robot_job_item_attempts": "SELECT UPDATE",
        "robot_job_item_reports": "INSERT SELECT",
        "robot_job_items": "SELECT UPDATE",
        "robot_jobs": "SELECT UPDATE",
    },
}

#: Rights on single columns.
COLUMN_GRANTS = {
    (SYSTEM, "carrier_configs", "carrier", "SELECT"),
    (SYSTEM, "carrier_configs", "is_enabled", "SELECT"),
    (SYSTEM, "carrier_configs", "personal_data_retention_days", "SELECT"),
    (SYSTEM, "carrier_configs", "workspace_id", "SELECT"),
    (SYSTEM, "orders", "updated_at", "UPDATE"),
    (SYSTEM, "activity", "actor", "UPDATE"),
    (SYSTEM, "uploads", "created_at", "SELECT"),
    (APP, "uploads", "mapping", "UPDATE"),
    (APP, "uploads", "confirmed", "UPDATE"),
    *((SEARCH, "contacts", column, "SELECT") for column in ("id", "workspace_id", "search_text")),
    *(
        (SEARCH, "orders", column, "SELECT")
        for column in (
            "id",
            "workspace_id",
            "contact_id",
            "created_at",
            "tracking_number",
            "carrier_guide_number",
            "stage_id",
            "search_text",
        )
    ),
    *((SEARCH, "robot_job_items", column, "SELECT") for column in ("order_id", "shipment")),
}

#: What the owner of the function that searches reads.
SEARCHED = {table for role, table, _, _ in COLUMN_GRANTS if role == SEARCH}


@pytest.fixture
def theirs(owner: Connection, database: str) -> UUID:
    """Give a workspace with a row in every table."""
    assert database
    ctx = DomainContext(uuid7(), "test")
    make_carrier_config(owner, ctx.workspace_id)
    job = make_job(owner, ctx, items=2)
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    owner.execute("INSERT INTO client_activation (workspace_id) VALUES (%s)", [ctx.workspace_id])
    data_of(keep_upload(ctx, KeepUploadParams("a.csv", b"name")))
    return ctx.workspace_id


@pytest.fixture
def app(database: str, postgres: Postgres) -> Iterator[Connection]:
    """Give a connection of the functions' role, as it is before a workspace is set."""
    with psycopg.connect(postgres.url(database, APP), autocommit=True) as conn:
        yield conn


def set_workspace(conn: Connection, workspace_id: UUID | str) -> None:
    """Set whose rows the connection sees."""
    conn.execute("SELECT set_config('app.workspace_id', %s, false)", [str(workspace_id)])


def count(conn: Connection, table: str) -> int:
    """Count the rows that the connection sees."""
    [(number,)] = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchall()
    return int(number)


def write(conn: Connection, statement: str, table: str, *parameters: object) -> int:
    """Return how many rows a statement wrote; 0 where the role may not even try."""
    try:
        return conn.execute(sql.SQL(statement).format(table=sql.Identifier(table)), parameters).rowcount
    except pg.InsufficientPrivilege:
        return 0


def copy_of_a_row(owner: Connection, table: str, workspace_id: UUID) -> tuple[sql.Composed, str]:
    """Return an INSERT of a row like one that the workspace has, and that row as JSON."""
    found = owner.execute(
        sql.SQL("SELECT to_json({table})::text FROM {table} WHERE workspace_id = %s").format(
            table=sql.Identifier(table)
        ),
        [workspace_id],
    ).fetchone()
    assert found is not None, f"{table} has no row to try with: make one in the fixture"
    columns = owner.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attidentity = '' AND attgenerated = ''",
        [table],
    )
    names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
    statement = "INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_record(NULL::{table}, %s)"
    return sql.SQL(statement).format(table=sql.Identifier(table), names=names), found[0]


def test_every_table_has_a_workspace_or_says_why_not(owner: Connection, database: str) -> None:
    assert database
    tables = {name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert tables - set(tables_of_workspaces(owner)) == {"carrier_coverage", "alembic_version"}


@pytest.mark.parametrize("setting", [None, "", "another workspace"])
def test_no_row_of_another_workspace_is_read_or_written(
    owner: Connection, app: Connection, theirs: UUID, setting: str | None
) -> None:
    if setting is not None:
        set_workspace(app, uuid7() if setting else "")
    before = dump(owner, theirs)
    for table in tables_of_workspaces(owner):
        assert count(app, table) == 0, table
        assert write(app, "UPDATE {table} SET workspace_id = workspace_id", table) == 0, table
        assert write(app, "DELETE FROM {table}", table) == 0, table
        insert, row = copy_of_a_row(owner, table, theirs)
        with pytest.raises(pg.InsufficientPrivilege, match="violates row-level security policy"):
            app.execute(insert, [row])
    assert dump(owner, theirs) == before


def test_its_own_rows_are_there_and_cant_be_given_away(owner: Connection, app: Connection, theirs: UUID) -> None:
    set_workspace(app, theirs)
    for table in tables_of_workspaces(owner):
        assert count(app, table) > 0, table
        assert write(app, "UPDATE {table} SET workspace_id = %s", table, uuid7()) == 0, table


def test_row_level_security_is_forced_with_one_policy_a_role(owner: Connection, database: str) -> None:
    assert database
    own = "((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS"
    for table in tables_of_workspaces(owner):
        forced = "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = %s::regclass"
        assert owner.execute(forced, [table]).fetchone() == (True,), table
        policies = owner.execute(
            "SELECT roles::text, permissive, cmd, left(qual, %s), with_check FROM pg_policies "
            "WHERE schemaname = 'public' AND tablename = %s ORDER BY 1",
            [len(own), table],
        )
        assert policies.fetchall() == [
            (f"{{{APP}}}", "PERMISSIVE", "ALL", own, None),
            *([(f"{{{SEARCH}}}", "PERMISSIVE", "SELECT", "true", None)] if table in SEARCHED else []),
            (f"{{{SYSTEM}}}", "PERMISSIVE", "ALL", "true", None),
        ], table


@pytest.mark.parametrize("role", [APP, SYSTEM, "PUBLIC"])
def test_a_role_may_do_what_it_needs_and_nothing_else(owner: Connection, database: str, role: str) -> None:
    assert database
    found = owner.execute(
        "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) "
        "FROM information_schema.table_privileges WHERE grantee = %s AND table_schema = 'public' GROUP BY 1",
        [role],
    )
    assert dict(found.fetchall()) == GRANTS.get(role, {})
    others = owner.execute(
        "SELECT object_type, privilege_type FROM information_schema.usage_privileges "
        "WHERE grantee = %s AND object_schema = 'public'",
        [role],
    )
    assert others.fetchall() == []


def test_rights_on_single_columns_are_these(owner: Connection, database: str) -> None:
    assert database
    found = owner.execute(
        "SELECT grantee::regrole::text, attrelid::regclass::text, attname, privilege_type "
        "FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid CROSS JOIN aclexplode(attacl) "
        "WHERE relnamespace = 'public'::regnamespace"
    )
    assert set(found.fetchall()) == COLUMN_GRANTS


@pytest.mark.parametrize("role", [APP, SYSTEM, SEARCH])
def test_a_role_is_nothing_but_a_login(owner: Connection, database: str, role: str) -> None:
    assert database
    attributes = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
    assert owner.execute(f"{attributes} WHERE rolname = %s".encode(), [role]).fetchone() == (False,) * 5
    assert owner.execute("SELECT FROM pg_auth_members WHERE member = %s::regrole", [role]).fetchall() == []
    if role != SEARCH:
        # 'o': what a role owns, of any kind, in this database or shared by all.
        owned = "SELECT classid::regclass FROM pg_shdepend WHERE refobjid = %s::regrole AND deptype = 'o'"
        assert owner.execute(owned, [role]).fetchall() == []


def test_who_searches_can_not_log_in_and_has_one_function_that_only_the_functions_call(
    owner: Connection, database: str
) -> None:
    assert database
    assert owner.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [SEARCH]).fetchone() == (False,)
    functions = owner.execute(
        "SELECT proname, prosecdef, proconfig, ARRAY(SELECT grantee::regrole::text FROM aclexplode(proacl) ORDER BY 1)"
        " FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND (prosecdef OR proowner = %s::regrole)",
        [SEARCH],
    )
    assert functions.fetchall() == [("search_orders", True, ["search_path=public, pg_temp"], [APP, SEARCH])]
    in_public = "SELECT has_schema_privilege(%s, 'public', 'CREATE'), has_schema_privilege(%s, 'public', 'USAGE')"
    assert owner.execute(in_public, [SEARCH, SEARCH]).fetchone() == (False, True)


def test_the_schedules_role_can_not_search(database: str, postgres: Postgres) -> None:
    with (
        psycopg.connect(postgres.url(database, SYSTEM)) as conn,
        pytest.raises(pg.InsufficientPrivilege, match="search_orders"),
    ):
        conn.execute("SELECT * FROM search_orders('luz', NULL, NULL, NULL, NULL, 10)")


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE robot_jobs_system",
        "SET SESSION AUTHORIZATION robot_jobs_system",
        "SET ROLE postgres",
        "SET ROLE robot_jobs_search",
        "ALTER FUNCTION search_orders SECURITY INVOKER",
        "CREATE OR REPLACE FUNCTION folded(text) RETURNS text LANGUAGE sql RETURN $1",
        "ALTER TABLE robot_jobs DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE robot_jobs NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY own_workspace ON robot_jobs",
        "CREATE POLICY everything ON robot_jobs USING (true)",
        "ALTER ROLE robot_jobs_app BYPASSRLS",
        "TRUNCATE robot_jobs CASCADE",
        "CREATE TABLE mine (id int)",
        "UPDATE robot_job_item_reports SET outcome = 'stale'",
        "DELETE FROM robot_job_item_reports",
        "UPDATE carrier_coverage SET supports_cod = true",
        "SELECT * FROM alembic_version",
    ],
)
def test_the_functions_role_cant_free_itself(app: Connection, statement: str) -> None:
    with pytest.raises(pg.InsufficientPrivilege):
        app.execute(statement.encode())


def test_without_row_level_security_it_sees_an_error_not_rows(app: Connection, theirs: UUID) -> None:
    set_workspace(app, theirs)
    app.execute("SET row_security = off")
    with pytest.raises(pg.InsufficientPrivilege, match="row-level security"):
        app.execute("SELECT * FROM robot_jobs")


def test_what_works_over_every_workspace_finds_none_with_the_functions_role(owner: Connection, theirs: UUID) -> None:
    owner.execute(
        "UPDATE robot_job_dispatches SET deadline_at = now(), accepted_at = now() - interval '1 hour'"
        " WHERE workspace_id = %s",
        [theirs],
    )
    [wave] = owner.execute("SELECT job_id, dispatch FROM robot_job_dispatches WHERE workspace_id = %s", [theirs])
    before = dump(owner, theirs)
    assert find_silent_waves() == []
    assert note_restarted([(theirs, DispatchRef(*wave))]) == 0
    expired = expire_dispatches()
    assert (expired.closed_items, expired.lost_claims, expired.woken) == (0, 0, 0)
    assert dump(owner, theirs) == before
