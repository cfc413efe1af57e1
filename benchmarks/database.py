"""The durable PostgreSQL of the benchmark, and its databases."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import Connection, sql

from local.stack.database import MIGRATIONS, migrate
from local.stack.paths import CHECKOUT
from local.stack.postgres import Postgres, start_postgres
from shared.db.connection import close_connection

STATE = CHECKOUT / ".local"
SERVER = STATE / "bench-postgres"
_SETTINGS = (
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "shared_buffers",
    "autovacuum",
    "jit",
)


@dataclass(frozen=True)
class Database:
    """One database of the server: for the product (through DATABASE_URL) and for hand-written statements."""

    server: Postgres
    name: str

    def connect_app(self) -> Connection:
        """Return a connection as the product's role, for a floor."""
        return psycopg.connect(self.server.url(self.name, "robot_jobs_app"), autocommit=True, prepare_threshold=0)

    def connect_owner(self) -> Connection:
        """Return a connection that sees and may do everything."""
        return psycopg.connect(self.server.url(self.name), autocommit=True)

    def url(self, role: str = "robot_jobs_app") -> str:
        """Return the URL that the product uses."""
        return self.server.url(self.name, role)


@contextmanager
def running_server() -> Iterator[Postgres]:
    """Run the server, durable, for as long as the block takes."""
    server = start_postgres(SERVER, durable=True)
    try:
        yield server
    finally:
        close_connection()
        server.stop()


def settings_of(server: Postgres) -> dict[str, str]:
    """Return the settings that the figures depend on."""
    with psycopg.connect(server.url()) as conn:
        rows = conn.execute("SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name", [list(_SETTINGS)])
        return dict(rows.fetchall())


@contextmanager
def fresh_database(server: Postgres, name: str) -> Iterator[Database]:
    """Give a database with the present migrations and no rows; the product is connected to it as its own role."""
    database = Database(server, name)
    template = migrated(server)
    with psycopg.connect(server.url(), autocommit=True) as conn:
        _create(conn, name, template.name)
    try:
        with product_on(database):
            yield database
    finally:
        with psycopg.connect(server.url(), autocommit=True) as conn:
            _drop(conn, name)


def kept_database(server: Postgres, kind: str, template: str, fill: Callable[[Database], object]) -> Database:
    """Return a database that is filled once for each state of the migrations, and kept."""
    database = Database(server, f"{kind}_{_schema_digest()}")
    with psycopg.connect(server.url(), autocommit=True) as conn:
        if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database.name]).fetchone():
            unfinished = Database(server, f"{kind}_unfinished")
            _create(conn, unfinished.name, template)
            fill(unfinished)
            names = map(sql.Identifier, (unfinished.name, database.name))
            conn.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))
    return database


def migrated(server: Postgres) -> Database:
    """Return a database with the present migrations, to copy from."""
    return kept_database(server, "template", "template1", lambda empty: migrate(server.url(empty.name), STATE))


@contextmanager
def product_on(database: Database, role: str = "robot_jobs_app") -> Iterator[None]:
    """Let the product use this database as one of its roles."""
    before = os.environ.get("DATABASE_URL")
    close_connection()
    os.environ["DATABASE_URL"] = database.url(role)
    try:
        yield
    finally:
        close_connection()
        os.environ.pop("DATABASE_URL")
        if before is not None:
            os.environ["DATABASE_URL"] = before


def checkpoint(owner: Connection) -> None:
    """Write what is dirty now, so that it is not written during the next measurement."""
    owner.execute("CHECKPOINT")


def _schema_digest() -> str:
    files = sorted(path for path in MIGRATIONS.rglob("*") if path.suffix in {".py", ".sql", ".csv"})
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _create(conn: Connection, name: str, template: str) -> None:
    _drop(conn, name)
    names = map(sql.Identifier, (name, template))
    conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))


def _drop(conn: Connection, name: str) -> None:
    conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
