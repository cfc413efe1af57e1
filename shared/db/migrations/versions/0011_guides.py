"""Guides: jobs of a second kind, which look up the number that the buyer follows."""

from shared.db.migrations.sql import run_sql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0011_guides.up.sql")


def downgrade() -> None:
    run_sql("0011_guides.down.sql")
