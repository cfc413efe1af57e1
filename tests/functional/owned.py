"""Databases whose owner is no superuser, as on RDS; the program's roles are there already."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from psycopg import sql

from local.stack.postgres import Postgres
from tests.conftest import migrate


@contextmanager
def owned_database(postgres: Postgres, revision: str, *, is_maker_of_roles: bool = True) -> Iterator[str]:
    """Give the owner's URL of a database at a revision; the owner may create roles, and has what who made them has."""
    name = sql.Identifier(f"owned_{uuid4().hex}")
    with psycopg.connect(postgres.url(), autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER CREATEROLE NOBYPASSRLS PASSWORD {}").format(
                name, postgres.password
            )
        )
        if is_maker_of_roles:
            grant = "GRANT robot_jobs_search TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"
            conn.execute(sql.SQL(grant).format(name))
        conn.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
        url = postgres.url(name.as_string().strip('"'), name.as_string().strip('"'))
        try:
            migrate(url, revision)
            yield url
        finally:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            conn.execute(sql.SQL("DROP ROLE {}").format(name))
