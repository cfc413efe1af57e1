"""What a database that was restored to an earlier moment has forgotten."""

from shared.db.migrations.sql import run_sql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0014_restored.up.sql")


def downgrade() -> None:
    run_sql("0014_restored.down.sql")
