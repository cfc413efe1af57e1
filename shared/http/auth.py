"""Whose request it is: the token's claims, as the API's authorizer verified them."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.request import Request

from shared.domain import DomainContext
from shared.http import refusal_page as page
from shared.logs import logger

#: The scope that the authorizer asks of each route, as the route's `security` in the API's description.
READ_JOBS = [{"jwt": ["robot-jobs/read"]}]
WRITE_JOBS = [{"jwt": ["robot-jobs/write"]}]
WRITE_CARRIERS = [{"jwt": ["carriers/write"]}]
WRITE_ORDERS = [{"jwt": ["orders/write"]}]


def domain_context(request: Request) -> DomainContext:
    """Return the context of the token's workspace; nothing else in a request names a workspace.

    Raises:
        ProblemError: the token has no workspace_id claim that is a UUID.
    """
    claims = _claims(request.resolved_event.raw_event)
    try:
        workspace_id = UUID(str(claims.get("workspace_id")))
    except ValueError:
        raise page.no_workspace() from None
    logger.append_keys(workspace_id=str(workspace_id))
    actor = claims.get("email") or claims.get("sub")
    return DomainContext(workspace_id, source="api", actor=str(actor) if actor else None)


#: The parameter of a route that needs to know its caller.
Caller = Annotated[DomainContext, Depends(domain_context)]


def _claims(event: dict[str, Any]) -> dict[str, Any]:
    authorizer = event["requestContext"].get("authorizer") or {}
    return (authorizer.get("jwt") or {}).get("claims") or {}
