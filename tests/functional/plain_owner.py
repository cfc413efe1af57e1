"""A database as a managed one is: its owner is no superuser, so that row-level security holds it too."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from psycopg import sql

from local.stack.postgres import Postgres


@contextmanager
def database_of_plain_owner(postgres: Postgres) -> Iterator[str]:
    """Give the name of such a database, empty, and of its owner."""
    name = f"owner_{uuid4().hex}"
    with psycopg.connect(postgres.url(), autocommit=True) as conn:
        identifier = sql.Identifier(name)
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(identifier, postgres.password))
        conn.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(identifier, identifier))
        try:
            yield name
        finally:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))
            conn.execute(sql.SQL("REVOKE robot_jobs_system FROM {}").format(identifier))
            conn.execute(sql.SQL("DROP ROLE {}").format(identifier))
