"""A custom resource of the stack: migrate the database before the functions change."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.migrate_database.answer import tell
from functions.migrate_database.coverage import import_as_owner
from functions.migrate_database.work import migrate_and_let_in
from shared.logs import logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Migrate, and tell CloudFormation or who else invoked it from where to where; or import a carrier's coverage."""
    if "coverage" in event:
        return import_as_owner(event["coverage"])
    if event.get("RequestType") == "Delete":
        # The data outlives the stack.
        return tell(event, {})
    try:
        done = migrate_and_let_in()
    except Exception as error:
        # Whatever it was: CloudFormation waits for an hour for who does not answer.
        logger.exception("the database was not migrated")
        tell(event, {}, failure=error)
        raise
    logger.info("migrated", **done)
    return tell(event, done)
