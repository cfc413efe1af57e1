"""Import a carrier's coverage as the owner of the database, who alone may; a deployment sends it."""

import os
from typing import Any
from uuid import UUID

from shared.aws.secrets import owner_conninfo
from shared.db.connection import close_connection
from shared.domain import DomainContext, ImportCoverageParams, import_coverage
from shared.logs import logger

#: Coverage belongs to no workspace; a call names one all the same.
_NO_WORKSPACE = UUID(int=0)


class CoverageError(Exception):
    """The list was refused, and nothing of it was written."""


def import_as_owner(coverage: dict[str, Any]) -> dict[str, Any]:
    """Import a list (`carrier`, and `csv`: its text), and return how many cities it has.

    Raises:
        CoverageError: it has a bad line, which its sentence names.
    """
    # Another role's connection would be used for as long as it is open.
    close_connection()
    os.environ["DATABASE_URL"] = owner_conninfo()
    try:
        params = ImportCoverageParams(coverage["csv"], coverage["carrier"])
        result = import_coverage(DomainContext(_NO_WORKSPACE, source="deployment"), params)
    finally:
        close_connection()
        del os.environ["DATABASE_URL"]
    if not result.success:
        raise CoverageError(result.error)
    logger.info("coverage imported", carrier=coverage["carrier"], cities=result.data.imported)
    return {"imported": result.data.imported}
