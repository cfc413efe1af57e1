"""Robot jobs and their items, as they are read and answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.words import ErrorType, ItemStatus, JobKind, JobStatus, PausedReason, Priority, Shipment, WaitingReason

#: For so many days after a shipment its guide is looked up by itself.
LOOKUP_DAYS = 14
#: Orders in a job.
MAX_ITEMS = 10_000
#: Characters of an idempotency key.
MAX_KEY = 200
MAX_TRACKING_NUMBER = 200
MAX_ERROR_MESSAGE = 2_000
MAX_CITY = 200
#: A hand-over is never larger, so no part of it can be.
MAX_VALUE_BYTES = 5_000_000
#: A claim without a result for longer than a call can take: its caller has died.
CLAIM_LOST_AFTER_S = 120


@dataclass(frozen=True)
class DispatchRef:
    """One wave of a job."""

    job_id: UUID
    dispatch: int


@dataclass(frozen=True)
class CreatedItem:
    """The item that was made for an order."""

    item_id: UUID
    order_id: UUID


@dataclass(frozen=True)
class CreatedJob:
    """A job that was made, and its items in the order of the request."""

    job_id: UUID
    item_count: int
    items: list[CreatedItem]


@dataclass(frozen=True)
class RobotJob:
    """A batch of orders for the robot."""

    id: UUID
    workspace_id: UUID
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
    #: Items that a robot is given at once.
    wave_size: int
    paused_at: datetime | None
    paused_reason: PausedReason | None


@dataclass(frozen=True)
class JobCounts:
    """How many items of a job are in which state; `unsettled` and `second` need a person."""

    pending: int
    processing: int
    success: int
    error: int
    #: In error, and a shipment may have been made.
    unsettled: int
    #: A shipment beside another one of the order, or with further numbers, that nobody has had voided.
    second: int
    by_error_type: dict[str, int]
    #: Without a guide: of a lookup what the robot found none for yet, of shipments those that it is asked for no more.
    no_guide: int = 0

    @property
    def failed(self) -> int:
        """How many ended without a shipment, for certain."""
        return self.error - self.unsettled


@dataclass(frozen=True)
class Waiting:
    """Why a job stands still, and since when."""

    reason: WaitingReason
    since: datetime
    #: When the robot is tried again.
    next_attempt_at: datetime | None = None
    #: The robot's words.
    message: str | None = None
    #: The job whose wave is at the robot, or comes first.
    behind_job_id: UUID | None = None


@dataclass(frozen=True)
class Wave:
    """The wave that is out: with the robot, or perhaps."""

    dispatch: int
    size: int
    #: How many of it are closed.
    reported: int
    handed_over_at: datetime
    deadline_at: datetime


@dataclass(frozen=True)
class RobotJobInDetail(RobotJob):
    """A job, read alone."""

    counts: JobCounts
    waiting: Waiting | None
    wave: Wave | None
    #: As far as the last reports tell; None while the job stands still, is paused or has ended.
    estimated_end_at: datetime | None


@dataclass(frozen=True)
class RobotJobItem:
    """One order of a job, and what became of it."""

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
    order_name: str | None
    #: None: a guide is looked up, which makes no shipment; `tracking_number` is the guide then.
    shipment: Shipment | None
    #: Of a lookup: the number that the robot was asked with.
    pedido_number: str | None
    #: Further numbers that were reported: of shipments beside the item's own, or guides that are not the order's.
    other_numbers: list[str]
    voided_at: datetime | None
    #: What the order has now: a person may have corrected its number, and the guide comes later.
    order_number: str | None
    guide_number: str | None
    #: Hand-overs that the item was in, or may have been in.
    attempt_count: int


@dataclass(frozen=True)
class JobRef:
    """The job that was worked on."""

    job_id: UUID


@dataclass(frozen=True)
class JobWithItems:
    """A job and all its items in creation order."""

    job: RobotJob
    items: list[RobotJobItem]
