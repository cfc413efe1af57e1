"""Coordinadora's larger cities, each in the carrier's own spelling, and a way to find shipments without a number."""

from shared.db.migrations.sql import run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0002_coordinadora_starter.up.sql")


def downgrade() -> None:
    run_sql("0002_coordinadora_starter.down.sql")
