"""Foreign keys are checked by the id first."""

from shared.db.migrations.sql import run_sql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0017_keys_by_id.up.sql")


def downgrade() -> None:
    run_sql("0017_keys_by_id.down.sql")
