"""Files of orders between their preview and their import."""

from shared.db.migrations.sql import run_sql

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0013_uploads.up.sql")


def downgrade() -> None:
    run_sql("0013_uploads.down.sql")
