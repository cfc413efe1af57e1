"""The route that tells the story of one item."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.manage_jobs.models import ItemResource
from shared import domain
from shared.http.auth import READ_JOBS, Caller
from shared.http.domain_api import data_of
from shared.http.models import ItemId, JobId, Resource
from shared.words import AttemptOutcome, ErrorType, RecordedAs, ReportSource, ReportStatus

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out


class ReportResource(Resource):
    """What the robot or a person said of an item, or what closed it, and what became of that."""

    received_at: datetime
    source: ReportSource
    status: ReportStatus
    tracking_number: str | None
    error_type: ErrorType | None
    error_message: str | None
    outcome: RecordedAs


class AttemptResource(Resource):
    """A hand-over that the item was in, or may have been in."""

    #: Null: reports that answer no hand-over.
    dispatch: int | None
    #: Null: nothing is known of a hand-over; there are reports alone.
    handed_over_at: datetime | None
    outcome: AttemptOutcome
    value_sent: dict[str, Any] | None
    reports: list[ReportResource]


class ItemHistory(Resource):
    """An item with its attempts, oldest first."""

    item: ItemResource
    attempts: list[AttemptResource]


@routes.get("/robot-jobs/<jobId>/items/<itemId>", security=READ_JOBS, tags=["Robot jobs"])
def get_item(caller: Caller, job_id: JobId, item_id: ItemId) -> ItemHistory:
    """Show an item of a job, what was sent of it each time, and every report."""
    history = data_of(domain.get_job_item(caller, domain.GetJobItemParams(job_id, item_id)))
    return ItemHistory.model_validate(history)
