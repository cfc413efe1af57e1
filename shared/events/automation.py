"""Events that a workspace's automations subscribe to."""

from typing import Any, ClassVar, Literal
from uuid import UUID

from shared.events.base import Event


class FieldChanged(Event):
    """A field of an order was given another value."""

    detail_type: ClassVar[str] = "automation/field.changed"

    workspace_id: UUID
    entity_type: Literal["order"]
    entity_id: UUID
    #: The column's name.
    field_name: str
    #: Present also when it is null: there was, or is, no value.
    previous_value: Any
    new_value: Any
    contact_id: UUID | None = None
    cascade_depth: int


class OrderStageChanged(Event):
    """An order went from one stage of the workspace's pipeline to another."""

    detail_type: ClassVar[str] = "automation/order.stage_changed"

    workspace_id: UUID
    order_id: UUID
    previous_stage_id: str | None
    new_stage_id: str | None
    contact_id: UUID | None = None
    cascade_depth: int


class RobotCoordCompleted(Event):
    """The robot made a shipment for an order, and its tracking number is known."""

    detail_type: ClassVar[str] = "automation/robot.coord.completed"

    workspace_id: UUID
    order_id: UUID
    order_name: str | None = None
    tracking_number: str
    carrier: str
    contact_id: UUID | None = None
    order_value: float | None = None
    shipping_city: str | None = None
    shipping_address: str | None = None
    shipping_department: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    cascade_depth: int


class RobotGuideFound(Event):
    """The carrier's guide of an order, with which the buyer follows the parcel, is known."""

    detail_type: ClassVar[str] = "automation/robot.guide.found"

    workspace_id: UUID
    order_id: UUID
    order_name: str | None = None
    tracking_number: str
    carrier_guide_number: str
    carrier: str
    contact_id: UUID | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    cascade_depth: int
