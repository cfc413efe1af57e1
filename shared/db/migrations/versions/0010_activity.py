"""Who did what: one row a command, in the command's transaction."""

from shared.db.migrations.sql import run_sql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0010_activity.up.sql")


def downgrade() -> None:
    run_sql("0010_activity.down.sql")
