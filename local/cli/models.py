"""The API's answers, as far as its clients read them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads the annotations
from typing import Any
from uuid import UUID  # noqa: TC003 - the same

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from shared.words import ENDED_STATUSES


class _Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Job(_Answer):
    """A batch and how far it is."""

    id: UUID
    carrier: str
    status: str
    total_items: int
    success_count: int
    error_count: int
    created_at: datetime
    completed_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to the job by itself."""
        return self.status in ENDED_STATUSES


class Item(_Answer):
    """One order of a job and what became of it."""

    id: UUID
    order_id: UUID
    status: str
    tracking_number: str | None = None
    validated_city: str | None = None
    value_sent: dict[str, Any] | None = None
    error_type: str | None = None
    error_message: str | None = None
    retry_count: int = 0

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


class Order(_Answer):
    """An order, as far as shipping cares."""

    id: UUID
    name: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    shipping_city: str | None = None
    shipping_department: str | None = None


class CreatedItem(_Answer):
    """An order and its item in the new job."""

    item_id: UUID
    order_id: UUID


class RejectedOrder(_Answer):
    """An order that a submission left out, and why."""

    order_id: UUID
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
    shipment_defaults: dict[str, Any] | None = None
