"""What is known of each item's shipment, one holder an order, what each hand-over sent."""

from shared.db.migrations.sql import run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0005_one_shipment.up.sql")


def downgrade() -> None:
    run_sql("0005_one_shipment.down.sql")
