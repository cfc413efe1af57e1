"""The database that a command works on, by an address that no error repeats."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from local.cli.connection import running_stack
from local.cli.errors import CommandError
from local.cli.secret_texts import hidden, keep_secret

if TYPE_CHECKING:
    import psycopg

_PORTS = re.compile(r"[0-9,]*")


def database_url() -> str:
    """The address that DATABASE_URL holds, or that of the local stack's database.

    Raises:
        CommandError: it is no address; the text does not show it.
        StackError: none is named, and no stack is running.
    """
    # The other commands need the API alone, and no database.
    import psycopg  # noqa: PLC0415
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    url = os.environ.get("DATABASE_URL") or running_stack().database_url
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.Error:
        raise _no_address() from None
    # A password with an @ or a / that is not written as %40 or %2F becomes part of what stands beside it.
    others = [value for name, value in parts.items() if name in {"host", "port", "dbname"}]
    if any("@" in value for value in others) or not _PORTS.fullmatch(parts.get("port", "")):
        raise _no_address()
    keep_secret(parts.get("password", ""))
    return keep_secret(url)


def words_of(error: psycopg.Error) -> str:
    """What the database says, on one line and without secrets."""
    return hidden(" ".join(str(error).split()))


def _no_address() -> CommandError:
    return CommandError(
        "DATABASE_URL is no address of a database. It looks like postgresql://user:password@host:5432/name; in the "
        "password @ is written %40, / %2F and % %25."
    )
