"""The event that a report becomes."""

from shared.events import ItemCompleted
from shared.robot.callback_token import CallbackClaims
from shared.robot.report import Report


def item_completed(hand_over: CallbackClaims, report: Report) -> ItemCompleted:
    """Return the event of a report: the hand-over is the secret's, the outcome is the report's."""
    said = vars(report) | vars(hand_over)
    return ItemCompleted(**{name: said[name] for name in ItemCompleted.model_fields})
