"""The events of the bus: one model a detail type, and the registry of them all."""

from shared.events.automation import FieldChanged, OrderStageChanged, RobotCoordCompleted
from shared.events.base import SOURCE, Event
from shared.events.robot import ItemCompleted, JobCompleted, JobSubmitted, SealedCredentials, SubmittedOrder

#: Detail type → model of the detail. A new family of events is one class more.
ALL_EVENTS: dict[str, type[Event]] = {
    model.detail_type: model
    for model in (
        JobSubmitted,
        ItemCompleted,
        JobCompleted,
        FieldChanged,
        OrderStageChanged,
        RobotCoordCompleted,
    )
}

__all__ = [
    "ALL_EVENTS",
    "SOURCE",
    "Event",
    "FieldChanged",
    "ItemCompleted",
    "JobCompleted",
    "JobSubmitted",
    "OrderStageChanged",
    "RobotCoordCompleted",
    "SealedCredentials",
    "SubmittedOrder",
]
