"""How long personal data is kept, since when a robot refuses, whose end was told, which events are set aside."""

from shared.db.migrations.sql import run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0003_retention_and_relay.up.sql")


def downgrade() -> None:
    run_sql("0003_retention_and_relay.down.sql")
