"""Orders that failed and were not shipped are found for the page."""

from shared.db.migrations.sql import run_sql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0015_failed.up.sql")


def downgrade() -> None:
    run_sql("0015_failed.down.sql")
