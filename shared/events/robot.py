"""Events between the API, the robot's reports and the functions that work on them."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer
from pydantic.alias_generators import to_camel

from shared.events.base import Event
from shared.words import EndedStatus, ErrorType, JobKind, PausedReason, ReportStatus


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")


class SealedCredentials(_Part):
    """The portal's user and the KMS ciphertext of the password; only dispatch_job can open it."""

    username: str
    password: str


class SubmittedOrder(_Part):
    """One order of a hand-over."""

    item_id: UUID
    order_id: UUID
    pedido_input: dict[str, Any] | None = None
    #: Of a lookup: the number that the guide is looked up by.
    pedido_number: str | None = None


class _OfJob(Event):
    """What is told of a job says its kind; events of before there were two kinds are of shipments."""

    kind: JobKind = "shipment"

    @model_serializer(mode="wrap")
    def _with_kind(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {**dump(self), "kind": self.kind}


class JobSubmitted(_OfJob):
    """A wave of a job waits for its hand-over to the robot."""

    detail_type: ClassVar[str] = "robot/job.submitted"

    job_id: UUID
    workspace_id: UUID
    carrier: str
    dispatch: int = Field(ge=1)
    credentials: SealedCredentials | None = None
    orders: list[SubmittedOrder]
    #: How many orders were left out because the event would have grown too large.
    orders_omitted: int | None = None


class ItemCompleted(Event):
    """The robot reported what became of one order."""

    detail_type: ClassVar[str] = "robot/item.completed"

    job_id: UUID
    item_id: UUID
    workspace_id: UUID
    dispatch: int = Field(ge=1)
    status: ReportStatus
    tracking_number: str | None = Field(default=None, min_length=1, max_length=200)
    validated_city: str | None = None
    value_sent: dict[str, Any] | None = None
    error_type: ErrorType | None = None
    error_message: str | None = Field(default=None, max_length=2000)
    #: Of a lookup: whether the guide was there.
    guide_found: bool | None = None


class JobCompleted(_OfJob):
    """Every item of a job has been closed."""

    detail_type: ClassVar[str] = "robot/job.completed"

    job_id: UUID
    workspace_id: UUID
    status: EndedStatus
    dispatch: int = Field(ge=1)
    success_count: int = Field(ge=0)
    error_count: int = Field(ge=0)


class JobPaused(Event):
    """No further wave of a job starts until somebody resumes it."""

    detail_type: ClassVar[str] = "robot/job.paused"

    job_id: UUID
    workspace_id: UUID
    reason: PausedReason
    #: The robot's words, of errors in a row.
    message: str | None = None
    dispatch: int = Field(ge=1)


class ShipmentDuplicated(Event):
    """An order has a second shipment that nobody asked for; one of the two has to be voided at the carrier."""

    detail_type: ClassVar[str] = "robot/shipment.duplicated"

    workspace_id: UUID
    order_id: UUID
    job_id: UUID
    item_id: UUID
    #: The second shipment's, where it is known.
    tracking_number: str | None = None
    #: The one that was there before.
    first_tracking_number: str | None = None
