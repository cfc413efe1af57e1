"""Migrate as the owner, and give the functions' roles the passwords that their secrets hold."""

from typing import Any

import psycopg

from shared.aws.secrets import owner_conninfo, role_logins
from shared.db.migrations.run import migrate, set_password


def migrate_and_let_in() -> dict[str, Any]:
    """Bring the database up to date and return between which revisions it was moved.

    Raises:
        psycopg.Error: a migration failed, or the owner may not give the roles passwords.
    """
    conninfo = owner_conninfo()
    migrated = migrate(conninfo)
    with psycopg.connect(conninfo) as connection:
        for role, password in role_logins():
            set_password(connection, role, password)
    return {"before": migrated.before, "after": migrated.after}
