"""The keys that foreign keys point to are newer than every other index of their tables."""

from shared.db.migrations.sql import run_sql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0017_keys_newest.up.sql")


def downgrade() -> None:
    run_sql("0017_keys_newest.down.sql")
