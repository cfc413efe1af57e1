"""Orders have an id of the caller's (externalId), and are found by what makes two of them look alike."""

from shared.db.migrations.sql import run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0008_order_references.up.sql")


def downgrade() -> None:
    run_sql("0008_order_references.down.sql")
