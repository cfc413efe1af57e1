"""What runs every minute finds what is due by an index."""

from shared.db.migrations.sql import run_sql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0012_scale.up.sql")


def downgrade() -> None:
    run_sql("0012_scale.down.sql")
