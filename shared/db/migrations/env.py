"""Alembic's entry: run the migrations against `DATABASE_URL`, as the owner of the schema."""

import os

from alembic import context
from sqlalchemy import create_engine, pool


def run_migrations() -> None:
    """Bring the database that `DATABASE_URL` names to the revision asked for.

    Raises:
        SystemExit: `DATABASE_URL` is not set.
    """
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("Set DATABASE_URL to the owner's URL of the database to migrate.")
    _, _, rest = url.partition("://")
    engine = create_engine(f"postgresql+psycopg://{rest}", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
