"""What the routes of robot jobs take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictBool

from shared.domain.jobs.settle import MAX_SETTLEMENTS
from shared.http.models import Body, Code, Ids, Rejection, Resource, Text
from shared.words import (
    EndedStatus,
    ErrorType,
    ItemStatus,
    JobKind,
    JobStatus,
    PausedReason,
    Priority,
    Shipment,
    WaitingReason,
)


class JobResource(Resource):
    """One job: a batch of orders and how far it is."""

    id: UUID
    workspace_id: UUID
    #: Whether the robot makes shipments, or looks up the guides of some that exist.
    kind: JobKind
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
    priority: Priority
    #: Orders that the robot is given at once.
    wave_size: int
    #: Since when no further wave starts, and because of whom or what.
    paused_at: datetime | None
    paused_reason: PausedReason | None


class CountsResource(Resource):
    """How many items are in which state; `unsettled` and `second` need a person."""

    pending: int
    processing: int
    success: int
    error: int
    #: In error, and a shipment may have been made.
    unsettled: int
    #: A shipment beside another one of the order, or with further numbers.
    second: int
    by_error_type: dict[str, int]
    #: Without a guide: not there yet, of a lookup; of shipments, those that it is asked for no more.
    no_guide: int


class WaitingResource(Resource):
    """Why a job stands still."""

    reason: WaitingReason
    since: datetime
    next_attempt_at: datetime | None
    #: The robot's words.
    message: str | None
    #: The job whose wave is at the robot, or comes first.
    behind_job_id: UUID | None


class WaveResource(Resource):
    """The wave that the robot has, or may have."""

    dispatch: int
    size: int
    reported: int
    handed_over_at: datetime
    #: What is not reported by then is closed.
    deadline_at: datetime


class DetailedJobResource(JobResource):
    """One job, with how its items stand and how it goes on."""

    counts: CountsResource
    waiting: WaitingResource | None
    wave: WaveResource | None
    #: A guess by the last reports; null while the job stands still, is paused or has ended.
    estimated_end_at: datetime | None


class ItemResource(Resource):
    """One order of a job and what became of it."""

    id: UUID
    job_id: UUID
    order_id: UUID
    order_name: str | None
    status: ItemStatus
    #: What is known of the shipment: none was made, one is possible, it was made, or it is a second one of the order.
    #: Null: a guide is looked up, which makes none.
    shipment: Shipment | None
    #: Of a lookup: the guide that was found; null: it is not there yet.
    tracking_number: str | None
    #: Further numbers that were reported: of shipments beside the item's own, or guides that are not the order's.
    other_numbers: list[str]
    #: When a person said that this shipment was cancelled at the carrier.
    voided_at: datetime | None
    validated_city: str | None
    value_sent: dict[str, Any] | None
    error_type: ErrorType | None
    error_message: str | None
    retry_count: int
    #: Hand-overs that the item was in, or may have been in.
    attempt_count: int
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

    job: DetailedJobResource
    items: list[ItemResource]
    next_cursor: str | None


class ChangeBody(Body):
    """What an operator changes of a job: its status, its priority, or both."""

    status: Literal["processing", EndedStatus] | None = None
    priority: Priority | None = None


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
    #: The failed items that were not put back, each with the reason.
    skipped: list[Rejection]


class Cancelled(Resource):
    """How many items were closed; those that a robot has, or may have, are none of them."""

    cancelled_count: int


class SettlementBody(Body):
    """What a person found at the carrier of one item: either `shipped` or `voided` is said."""

    item_id: UUID
    #: Whether the shipment exists.
    shipped: StrictBool | None = None
    tracking_number: Code | None = None
    #: The shipment existed, and was cancelled at the carrier.
    voided: StrictBool = False


class SettleBody(Body):
    """What a person found at the carrier; all of it is recorded, or nothing."""

    items: Annotated[list[SettlementBody], Field(json_schema_extra={"minItems": 1, "maxItems": MAX_SETTLEMENTS})]
    note: Text | None = None
    #: Whether a number may be one that another order has.
    allow_shared_number: StrictBool = False


class SettledItemResource(Resource):
    """One item as it stands now."""

    item_id: UUID
    status: ItemStatus
    shipment: Shipment | None


class Settled(Resource):
    """How many items were changed, and how all that were named stand now."""

    settled_count: int
    items: list[SettledItemResource]
