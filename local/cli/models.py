"""The API's answers, as far as its clients read them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads the annotations
from typing import Any
from uuid import UUID  # noqa: TC003 - the same

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from shared.words import (
    ENDED_STATUSES,
    JobKind,
    Priority,
    Shipment,
    WaitingReason,
)


class _Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Counts(_Answer):
    """How many items of a job need a person."""

    #: In error, and a shipment may have been made.
    unsettled: int = 0
    #: A shipment beside another one of the order, or with further numbers.
    second: int = 0


class Waiting(_Answer):
    """Why a job stands still."""

    reason: WaitingReason
    since: datetime
    next_attempt_at: datetime | None = None
    message: str | None = None
    behind_job_id: UUID | None = None


class Wave(_Answer):
    """What of a job the robot has."""

    dispatch: int
    size: int
    reported: int


class Job(_Answer):
    """A batch and how far it is."""

    id: UUID
    kind: JobKind = "shipment"
    carrier: str
    status: str
    total_items: int
    success_count: int
    error_count: int
    created_at: datetime
    completed_at: datetime | None = None
    priority: Priority = "normal"
    paused_at: datetime | None = None
    #: Of a job that is read alone.
    counts: Counts = Counts()
    waiting: Waiting | None = None
    wave: Wave | None = None
    estimated_end_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to the job by itself."""
        return self.status in ENDED_STATUSES

    @property
    def succeeded(self) -> str:
        """How many orders were done, in the words of the job's kind."""
        return f"{self.success_count} {'shipped' if self.kind == 'shipment' else 'looked up'}"


class Item(_Answer):
    """One order of a job and what became of it."""

    id: UUID
    order_id: UUID
    order_name: str | None = None
    status: str
    #: None: its guide is looked up.
    shipment: Shipment | None = "none"
    tracking_number: str | None = None
    other_numbers: list[str] = []
    voided_at: datetime | None = None
    validated_city: str | None = None
    value_sent: dict[str, Any] | None = None
    error_type: str | None = None
    error_message: str | None = None
    retry_count: int = 0
    created_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def is_unsettled(self) -> bool:
        """Whether it failed and may have been shipped all the same."""
        return self.status == "error" and self.shipment == "possible"

    @property
    def is_second(self) -> bool:
        """Whether a shipment of it stands beside another one of its order."""
        if self.shipment is None:
            return False
        return bool(self.other_numbers) or (self.shipment == "second" and self.voided_at is None)

    @property
    def reference(self) -> str:
        """What the carrier's portal finds its shipment by."""
        return str((self.value_sent or {}).get("referencia", ""))

    @property
    def recipient(self) -> str:
        """Who it was sent to."""
        sent = self.value_sent or {}
        return " ".join(str(sent[part]) for part in ("nombres", "apellidos") if sent.get(part))

    @property
    def city(self) -> str:
        """The city as the carrier calls it, where it is known."""
        return self.validated_city or str((self.value_sent or {}).get("ciudad", ""))

    @property
    def outcome(self) -> str:
        """The tracking number, or what went wrong, or nothing yet."""
        if self.error_type or self.error_message:
            return ": ".join(part for part in (self.error_type, self.error_message) if part)
        return self.tracking_number or ""


class Contact(_Answer):
    """Who an order is shipped to."""

    name: str | None = None
    phone: str | None = None


class OrderShipment(_Answer):
    """A shipment of an order that exists, or may exist."""

    job_id: UUID
    item_id: UUID
    carrier: str
    tracking_number: str | None = None
    shipment: str
    at: datetime


class OrderItem(_Answer):
    """Where an order is, or was, an item."""

    job_id: UUID
    item_id: UUID
    status: str


class Order(_Answer):
    """An order, as far as shipping cares."""

    id: UUID
    name: str | None = None
    external_id: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    carrier_guide_number: str | None = None
    other_numbers: list[str] = []
    total_value: float | None = None
    prepaid: bool = False
    stage_id: str | None = None
    created_at: datetime | None = None
    shipping_address: str | None = None
    shipping_city: str | None = None
    shipping_department: str | None = None
    contact: Contact | None = None
    #: Of an order that is read alone.
    shipments: list[OrderShipment] = []
    items: list[OrderItem] = []
    #: When a robot was last asked for its guide, and answered.
    guide_asked_at: datetime | None = None

    @property
    def names(self) -> list[str]:
        """What the order may be called by: its name, its shop's id, its numbers."""
        names = (self.name, self.external_id, self.tracking_number, self.carrier_guide_number, *self.other_numbers)
        return [name for name in names if name]


class OrderPage(_Answer):
    """Some orders, newest first, and where the next ones start."""

    orders: list[Order]
    next_cursor: str | None = None


class Report(_Answer):
    """What was said of an item, or what closed it, and what became of that."""

    received_at: datetime
    source: str
    status: str
    tracking_number: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    outcome: str


class Attempt(_Answer):
    """A hand-over that an item was in, or may have been in."""

    dispatch: int | None = None
    handed_over_at: datetime | None = None
    outcome: str
    value_sent: dict[str, Any] | None = None
    reports: list[Report] = []


class ItemOfJob(Item):
    """An item, and the job that it is of."""

    job_id: UUID


class ItemHistory(_Answer):
    """An item with its attempts, oldest first."""

    item: ItemOfJob
    attempts: list[Attempt]


class ActivityEntry(_Answer):
    """A command that changed something, and who gave it."""

    at: datetime
    actor: str | None = None
    source: str
    action: str
    job_id: UUID | None = None
    details: dict[str, Any] = {}


class ActivityPage(_Answer):
    """Some commands, newest first, and where the next ones start."""

    entries: list[ActivityEntry]
    next_cursor: str | None = None


class Lookalike(_Answer):
    """A new order that looks like one which is on its way or was shipped."""

    index: int
    reason: str


class CheckedOrders(_Answer):
    """What an import would do."""

    new: int
    changed: int
    unchanged: int
    lookalikes: list[Lookalike]


class CreatedItem(_Answer):
    """An order and its item in the new job."""

    item_id: UUID
    order_id: UUID


class RejectedOrder(_Answer):
    """An order that a submission or a retry left out, and why."""

    order_id: UUID
    item_id: UUID | None = None
    code: str
    reason: str


class Submission(_Answer):
    """The new job, and the orders that are not in it."""

    job_id: UUID
    item_count: int
    items: list[CreatedItem]
    rejected: list[RejectedOrder]


class RetriedItems(_Answer):
    """The items that are handed over again."""

    retried_count: int
    item_ids: list[UUID]
    skipped: list[RejectedOrder] = []


class SettledItem(_Answer):
    """An item as it stands after it was settled."""

    item_id: UUID
    status: str
    shipment: Shipment


class SettledItems(_Answer):
    """How many items a settlement changed, and how all that it named stand now."""

    settled_count: int
    items: list[SettledItem]


class JobPage(_Answer):
    """Some jobs, newest first, and where the next ones start."""

    jobs: list[Job]
    next_cursor: str | None = None


class ItemPage(_Answer):
    """A job with some of its items, and where the next ones start."""

    job: Job
    items: list[Item]
    next_cursor: str | None = None


class CarrierConfig(_Answer):
    """A workspace's account at a carrier; the password never leaves the API."""

    portal_username: str | None = None
    has_password: bool = False
    robot_url: str | None = None
    is_enabled: bool = False
    personal_data_retention_days: int | None = None
    wave_size: int | None = None
    stop_after_errors: int | None = None
    shipment_defaults: dict[str, Any] | None = None
