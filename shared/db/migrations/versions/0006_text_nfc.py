"""Stored text of orders and contacts in one form (NFC); similar names of cities can be found."""

from shared.db.migrations.sql import run_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0006_text_nfc.up.sql")


def downgrade() -> None:
    run_sql("0006_text_nfc.down.sql")
