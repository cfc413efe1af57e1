"""The durable PostgreSQL of the benchmark, and databases with rows to begin with."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import Connection, sql

from local.stack.database import MIGRATIONS, migrate
from local.stack.paths import CHECKOUT
from local.stack.postgres import Postgres, start_postgres
from shared.db.connection import close_connection
from shared.domain.ids import uuid7, uuid7s

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

    def connect_server(self) -> Connection:
        """Return a connection to the server, beside its databases."""
        return psycopg.connect(self.server.url(), autocommit=True)

    def rename(self, name: str) -> None:
        """Give the database another name; nobody may be connected to it."""
        with self.connect_server() as conn:
            conn.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(self.name), sql.Identifier(name))
            )

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
    with psycopg.connect(server.url(), autocommit=True) as conn:
        template = _template(conn, server)
        _drop(conn, name)
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    database = Database(server, name)
    try:
        with product_on(database):
            yield database
    finally:
        with psycopg.connect(server.url(), autocommit=True) as conn:
            _drop(conn, name)


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


def schema_digest() -> str:
    """Return what tells one state of the migrations from another."""
    files = sorted(path for path in MIGRATIONS.rglob("*") if path.suffix in {".py", ".sql", ".csv"})
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _template(conn: Connection, server: Postgres) -> str:
    name = f"template_{schema_digest()}"
    if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        unfinished = f"{name}_unfinished"
        _drop(conn, unfinished)
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        migrate(server.url(unfinished), STATE)
        conn.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name)))
    return name


def _drop(conn: Connection, name: str) -> None:
    conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def insert_orders(owner: Connection, workspace_id: UUID, count: int) -> list[UUID]:
    """Insert orders that can be shipped, each with a contact, and return their ids."""
    ids = uuid7s(count)
    contact_id = uuid7()
    owner.execute(
        "INSERT INTO contacts (id, workspace_id, name, phone, identification) "
        "VALUES (%s, %s, 'Luz Marina Ospina', '3004567890', '43567890')",
        [contact_id, workspace_id],
    )
    owner.execute(_INSERT_ORDERS, {"ids": ids, "workspace_id": workspace_id, "contact_id": contact_id})
    return ids


def checkpoint(owner: Connection) -> None:
    """Write what is dirty now, so that it is not written during the next measurement."""
    owner.execute("CHECKPOINT")


def chunks(ids: Sequence[UUID], size: int) -> list[Sequence[UUID]]:
    """Return the ids in pieces of this size."""
    return [ids[begin : begin + size] for begin in range(0, len(ids), size)]


_INSERT_ORDERS = """
INSERT INTO orders (id, workspace_id, contact_id, name, total_value, prepaid, shipping_address, shipping_city,
                    shipping_department, email)
SELECT id, %(workspace_id)s, %(contact_id)s, 'Pedido', 85000, true, 'Calle 10 # 43-12', 'Medellín', 'Antioquia',
       'luz@example.com'
  FROM unnest(%(ids)b::uuid[]) AS id
"""
