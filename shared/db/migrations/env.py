"""Alembic's entry: run the migrations as the owner of the schema."""

import os

from alembic import context
from sqlalchemy import Engine, create_engine, pool


def run_migrations() -> None:
    """Bring the database of the engine that a program gives, else of `DATABASE_URL`, to the revision asked for.

    Raises:
        SystemExit: neither is there.
    """
    engine: Engine = context.config.attributes.get("engine") or _engine_of_url()
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


def _engine_of_url() -> Engine:
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("Set DATABASE_URL to the owner's URL of the database to migrate.")
    _, _, rest = url.partition("://")
    return create_engine(f"postgresql+psycopg://{rest}", poolclass=pool.NullPool)


run_migrations()
