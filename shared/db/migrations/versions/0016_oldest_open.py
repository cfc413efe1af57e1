"""The oldest open item is found by an index."""

from shared.db.migrations.sql import run_sql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0016_oldest_open.up.sql")


def downgrade() -> None:
    run_sql("0016_oldest_open.down.sql")
