"""`robot-jobs import-coverage`: a carrier's whole list of cities, written by the owner of the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import psycopg
import typer

from local.cli.database_address import database_url, words_of
from local.cli.errors import CommandError
from local.cli.secret_texts import hidden

#: Coverage belongs to no workspace; a call names one all the same.
_NO_WORKSPACE = UUID(int=0)

CoverageFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="CSV: city, department_abbrev, supports_cod.")
]


def import_coverage(
    file: CoverageFile,
    *,
    carrier: Annotated[str, typer.Option(help="Whose list it is.")],
) -> None:
    """Add or update a carrier's cities, as the owner that DATABASE_URL names or in the local stack."""
    # The other commands need the API alone, and no domain.
    from shared.db.connection import close_connection  # noqa: PLC0415
    from shared.domain import DomainContext, RetryableDatabaseError  # noqa: PLC0415
    from shared.domain.carriers.coverage_import import ImportCoverageParams  # noqa: PLC0415
    from shared.domain.carriers.coverage_import import import_coverage as write_coverage  # noqa: PLC0415
    from shared.intake.decoding import decode, refuse_large  # noqa: PLC0415
    from shared.intake.notes import FileRefusedError  # noqa: PLC0415

    try:
        data = file.read_bytes()
        refuse_large(data)
        text, _ = decode(data)
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error}.") from error
    except FileRefusedError as error:
        raise CommandError(f"{file} can't be read as CSV: {error}") from error
    os.environ["DATABASE_URL"] = database_url()
    try:
        result = write_coverage(DomainContext(_NO_WORKSPACE, source="cli"), ImportCoverageParams(text, carrier))
    except psycopg.errors.InsufficientPrivilege as error:
        raise CommandError("Only the owner of the database may change coverage; set its DATABASE_URL.") from error
    except RetryableDatabaseError as error:
        raise CommandError(f"The database does not do it now: {hidden(' '.join(str(error).split()))}.") from error
    except psycopg.Error as error:
        raise CommandError(f"The database does not do it: {words_of(error)}.") from error
    finally:
        close_connection()
    if not result.success:
        raise CommandError(result.error)
    print(f"Cities imported: {result.data.imported}")
