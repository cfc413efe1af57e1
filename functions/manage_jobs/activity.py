"""The route that tells who did what."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from shared import domain
from shared.http.auth import READ_JOBS, Caller
from shared.http.domain_api import data_of
from shared.http.models import Cursor, Limit, Resource
from shared.words import Action

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out

OfJob = Annotated[UUID | None, Query(alias="jobId", description="Only what was done with this job.")]
OfOrder = Annotated[
    UUID | None, Query(alias="orderId", description="Only what was done with this order, or with jobs that hold it.")
]


class ActivityEntryResource(Resource):
    """One command that changed something."""

    id: UUID
    at: datetime
    #: Null where nobody gave it, or where it was removed with other personal data.
    actor: str | None
    source: str
    action: Action
    job_id: UUID | None
    order_id: UUID | None
    #: Counts and names of fields.
    details: dict[str, Any]


class ActivityList(Resource):
    """A page of what was done, newest first."""

    entries: list[ActivityEntryResource]
    next_cursor: str | None


@routes.get("/activity", security=READ_JOBS, tags=["Activity"])
def list_activity(
    caller: Caller, job_id: OfJob = None, order_id: OfOrder = None, limit: Limit = 50, cursor: Cursor = None
) -> ActivityList:
    """List what was done and by whom, newest first."""
    params = domain.ListActivityParams(job_id, order_id, limit, cursor)
    return ActivityList.model_validate(data_of(domain.list_activity(caller, params)))
