"""The project's database in the stack's PostgreSQL."""

import hashlib
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql

from local.stack.environment import clean_environment
from local.stack.errors import StackError, reason
from local.stack.paths import CHECKOUT
from local.stack.postgres import LOGIN_ROLES, Postgres

DATABASE = "robot_jobs"
APP_ROLE, SYSTEM_ROLE = LOGIN_ROLES
MIGRATIONS = CHECKOUT / "shared" / "db" / "migrations"


def ensure_database(server: Postgres, state: Path) -> None:
    """Make the database where there is none and bring its schema up to date.

    Raises:
        StackError: a migration failed.
    """
    with psycopg.connect(server.url(), autocommit=True) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    # Asking Alembic takes longer than all the rest of a `make up` that finds nothing to do.
    digest = hashlib.sha256()
    for file in sorted(MIGRATIONS.rglob("*.*")):
        if file.suffix in {".py", ".sql", ".csv"}:
            digest.update(file.read_bytes())
    stamp = server.directory / "migrated"
    if known and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    migrate(server.url(DATABASE), state)
    stamp.write_text(digest.hexdigest())


def migrate(url: str, state: Path) -> None:
    """Run the migrations on the database of this URL, as its owner.

    Raises:
        StackError: one failed; it left nothing behind.
    """
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=CHECKOUT,
        env=clean_environment(state, DATABASE_URL=url),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"The database could not be migrated: {reason(done.stdout)}")
