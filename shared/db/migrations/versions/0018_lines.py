"""The lines of waves are found without reading the waves that wait in them."""

from shared.db.migrations.sql import run_sql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0018_lines.up.sql")


def downgrade() -> None:
    run_sql("0018_lines.down.sql")
