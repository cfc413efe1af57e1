"""Every event of the bus by its detail type."""

from shared.events.automation import FieldChanged, OrderStageChanged, RobotCoordCompleted, RobotGuideFound
from shared.events.base import Event
from shared.events.robot import ItemCompleted, JobCompleted, JobPaused, JobSubmitted, ShipmentDuplicated

#: Detail type → model of the detail. A new family of events is one class more.
ALL_EVENTS: dict[str, type[Event]] = {
    model.detail_type: model
    for model in (
        JobSubmitted,
        ItemCompleted,
        JobCompleted,
        JobPaused,
        ShipmentDuplicated,
        FieldChanged,
        OrderStageChanged,
        RobotCoordCompleted,
        RobotGuideFound,
    )
}
