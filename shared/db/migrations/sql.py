"""Migrations are plain SQL files beside the revision that runs them."""

from pathlib import Path

from alembic import op

VERSIONS = Path(__file__).parent / "versions"


def run_sql(file_name: str) -> None:
    """Run a SQL file of `versions/` as it stands, in the migration's transaction.

    Raises:
        psycopg.Error: what PostgreSQL says of the file.
    """
    # The driver's own connection: SQLAlchemy would read `:name` and `%` as parameters.
    connection = op.get_bind().connection.driver_connection
    if connection is None:
        raise RuntimeError("The migration has no database connection.")
    connection.execute((VERSIONS / file_name).read_text(encoding="utf-8"))
