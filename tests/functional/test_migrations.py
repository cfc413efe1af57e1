"""The migrations make what shared/db/schema.sql says, and each goes down as well as up."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from local.stack.postgres import Postgres
from local.stack.schema import SCHEMA_FILE, dump_schema
from shared.db.audit import audit
from shared.db.connection import close_connection
from shared.domain import DomainContext
from shared.domain.ids import uuid7
from tests.conftest import ROOT
from tests.factories import hand_over, make_carrier_config, make_ended_job, make_job

CONFIG = Config(toml_file=str(ROOT / "pyproject.toml"))
#: From the newest to the oldest.
REVISIONS = [script.revision for script in ScriptDirectory.from_config(CONFIG).walk_revisions()]


@contextmanager
def empty_database(postgres: Postgres) -> Iterator[str]:
    """Give the URL of a database without anything in it."""
    name = f"migrations_{uuid4().hex}"
    with psycopg.connect(postgres.url(), autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield postgres.url(name)
        finally:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def upgrade(url: str, revision: str) -> None:
    """Bring a database up to a revision."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        command.upgrade(CONFIG, revision)


def downgrade(url: str, revision: str) -> None:
    """Bring a database down to a revision."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        command.downgrade(CONFIG, revision)


def run_file(url: str, file: Path) -> None:
    """Run a SQL file as psql would."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(file.read_bytes())


def test_schema_sql_is_what_the_migrations_make(template: str, postgres: Postgres) -> None:
    assert SCHEMA_FILE.read_text() == dump_schema(postgres.url(template)), "run `make schema`"


def test_schema_sql_is_whole(postgres: Postgres) -> None:
    with empty_database(postgres) as url:
        run_file(url, SCHEMA_FILE)
        assert dump_schema(url) == SCHEMA_FILE.read_text()


def test_the_dump_shows_rights_policies_and_comments(postgres: Postgres, template: str) -> None:
    schema = dump_schema(postgres.url(template))
    for part in (
        "CREATE TABLE robot_jobs (",
        "COMMENT ON TABLE robot_jobs IS 'A batch of orders for the robot.",
        "CREATE POLICY own_workspace ON robot_jobs TO robot_jobs_app",
        "ALTER TABLE ONLY robot_jobs FORCE ROW LEVEL SECURITY;",
        "GRANT SELECT,INSERT ON TABLE robot_job_item_reports TO robot_jobs_app;",
        "CREATE UNIQUE INDEX robot_job_items_holder ON",
    ):
        assert part in schema, part


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory.from_config(CONFIG).get_heads()) == 1


def test_each_migration_goes_down_and_up_again_with_data_in_the_tables(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_database(postgres) as url:
        schemas = {"base": dump_schema(url)}
        for revision in reversed(REVISIONS):
            upgrade(url, revision)
            schemas[revision] = dump_schema(url)
        fill(url, monkeypatch)
        down_to = [*REVISIONS[1:], "base"]
        for revision in down_to:
            downgrade(url, revision)
            assert dump_schema(url) == schemas[revision], f"down to {revision}"
        for revision in reversed(REVISIONS):
            upgrade(url, revision)
            assert dump_schema(url) == schemas[revision], f"up to {revision} again"
        fill(url, monkeypatch)


def fill(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program work on the database, and see that all is well after it."""
    close_connection()
    monkeypatch.setenv("DATABASE_URL", url)
    ctx = DomainContext(uuid7(), "test")
    try:
        with psycopg.connect(url, autocommit=True) as owner:
            make_carrier_config(owner, ctx.workspace_id)
            hand_over(ctx, make_job(owner, ctx))
            make_ended_job(owner, ctx, "success", "error")
            assert audit(owner) == []
    finally:
        close_connection()
