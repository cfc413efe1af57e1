"""How many parcels an order is."""

from shared.db.migrations.sql import run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0004_order_units.up.sql")


def downgrade() -> None:
    run_sql("0004_order_units.down.sql")
