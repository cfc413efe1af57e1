"""The schema that the migrations make, as one SQL file for people to read."""

import re
import shutil
import subprocess
from pathlib import Path

from local.stack.database import DATABASE, ensure_database
from local.stack.errors import StackError
from local.stack.paths import CHECKOUT, state_directory
from local.stack.postgres import programs, start_postgres

SCHEMA_FILE = CHECKOUT / "shared" / "db" / "schema.sql"
_HEADER = "-- Written by `make schema`: change the migrations, not this file.\n\n"


def dump_schema(url: str) -> str:
    """The SQL that makes this database's schema, without what differs between runs.

    Raises:
        StackError: the database cannot be read.
    """
    options = ("--schema-only", "--no-owner", "--exclude-table=alembic_version")
    done = subprocess.run([programs() / "pg_dump", *options, url], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"The schema could not be read: {done.stderr.strip()}")
    return _readable(done.stdout)


def _readable(dump: str) -> str:
    # Its own version, and a random word that guards against injection when restoring.
    dump = re.sub(r"^(-- Dumped |\\(un)?restrict ).*\n", "", dump, flags=re.MULTILINE)
    # Settings of the restoring session, and a banner over each statement that says what the statement says.
    dump = re.sub(r"^(SET .*|SELECT pg_catalog\.set_config.*);\n", "", dump, flags=re.MULTILINE)
    dump = re.sub(r"^--\n-- .*\n--\n", "", dump, flags=re.MULTILINE)
    # Everything is in the one schema that a session looks in anyway.
    dump = dump.replace("public.", "")
    return _HEADER + re.sub(r"\n{3,}", "\n\n", dump).strip() + "\n"


def migrated_schema(scratch: Path) -> str:
    """The schema of an empty database after all migrations, made on a server of its own under `scratch`."""
    server = start_postgres(scratch, durable=False)
    try:
        ensure_database(server, scratch)
        return dump_schema(server.url(DATABASE))
    finally:
        server.stop()
        shutil.rmtree(scratch)


def write_schema() -> None:
    """Write `shared/db/schema.sql` anew."""
    SCHEMA_FILE.write_text(migrated_schema(state_directory() / "schema"))
