"""Jobs go to the robot in waves: one at a time of a workspace and carrier, by turns, and with a brake."""

from shared.db.migrations.sql import run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0007_waves.up.sql")


def downgrade() -> None:
    run_sql("0007_waves.down.sql")
