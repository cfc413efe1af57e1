"""What the routes of robot jobs take and give."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from shared.http.models import Body, Ids, Resource
from shared.words import EndedStatus, ErrorType, ItemStatus, JobStatus


class JobResource(Resource):
    """One job: a batch of orders and how far it is."""

    id: UUID
    workspace_id: UUID
    carrier: str
    status: JobStatus
    total_items: int
    success_count: int
    error_count: int
    idempotency_key: str | None
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ItemResource(Resource):
    """One order of a job and what became of it."""

    id: UUID
    job_id: UUID
    order_id: UUID
    status: ItemStatus
    tracking_number: str | None
    validated_city: str | None
    value_sent: dict[str, Any] | None
    error_type: ErrorType | None
    error_message: str | None
    retry_count: int
    last_retry_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class JobList(Resource):
    """A page of jobs, newest first."""

    jobs: list[JobResource]
    next_cursor: str | None


class JobDetail(Resource):
    """A job with a page of its items, in the order in which they were made."""

    job: JobResource
    items: list[ItemResource]
    next_cursor: str | None


class StatusBody(Body):
    """The status that an operator gives a job."""

    status: Literal["processing", EndedStatus]


class RetryBody(Body):
    """The failed items to try again; all of them where none are named."""

    item_ids: Ids | None = None


class JobReference(Resource):
    """The job that was changed."""

    job_id: UUID


class Retried(Resource):
    """The items that wait for the robot again."""

    retried_count: int
    item_ids: list[UUID]


class Cancelled(Resource):
    """How many items were closed; those that a robot has, or may have, are none of them."""

    cancelled_count: int
