"""The events of the bus: one model a detail type, and the registry of them all.

Each name is imported when it is first asked for: a model takes longer to make than most functions to load.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.events.automation import FieldChanged, OrderStageChanged, RobotCoordCompleted
    from shared.events.base import Event
    from shared.events.registry import ALL_EVENTS
    from shared.events.robot import ItemCompleted, JobCompleted, JobSubmitted, SealedCredentials, SubmittedOrder
    from shared.events.source import SOURCE

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

#: The module that each name is in.
_HOMES = {
    "ALL_EVENTS": "registry",
    "SOURCE": "source",
    "Event": "base",
    "FieldChanged": "automation",
    "ItemCompleted": "robot",
    "JobCompleted": "robot",
    "JobSubmitted": "robot",
    "OrderStageChanged": "automation",
    "RobotCoordCompleted": "automation",
    "SealedCredentials": "robot",
    "SubmittedOrder": "robot",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value
