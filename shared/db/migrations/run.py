"""The migrations, run by a program: by the deployment, before the functions change."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import Connection, sql
from sqlalchemy import Engine, create_engine, pool


@dataclass(frozen=True)
class Migrated:
    """Between which revisions a database was moved; None for one that was empty."""

    before: str | None
    after: str | None


def migrate(conninfo: str) -> Migrated:
    """Bring the database to the newest revision that this code knows, as its owner.

    A database that is ahead of the code is left as it is: the deployment that is being rolled back had migrated it, and
    migrations expand first, so that the code of before runs on it.

    Raises:
        psycopg.Error: a migration failed; that one left nothing behind.
        sqlalchemy.exc.DBAPIError: the same, of a statement of Alembic's own.
    """
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=pool.NullPool)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["engine"] = engine
    before = _revision(engine)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if before is not None and before not in known:
        return Migrated(before, before)
    command.upgrade(config, "head")
    return Migrated(before, _revision(engine))


def set_password(connection: Connection, role: str, password: str) -> None:
    """Give a login role its password; what is sent, and perhaps logged, is what the server stores of it."""
    stored = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(stored)))


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
