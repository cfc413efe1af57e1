"""Roles, tables, indexes and row-level security of the whole main job."""

from shared.db.migrations.sql import run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0001_initial.up.sql")


def downgrade() -> None:
    run_sql("0001_initial.down.sql")
