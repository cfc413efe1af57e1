"""Orders can be listed and searched: indexes, and the one function that searches."""

from shared.db.migrations.sql import run_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0009_order_search.up.sql")


def downgrade() -> None:
    run_sql("0009_order_search.down.sql")
