"""The event that a report becomes."""

from shared.events import ItemCompleted
from shared.robot.callback_token import CallbackClaims
from shared.robot.report import Report


def item_completed(hand_over: CallbackClaims, report: Report) -> ItemCompleted:
    """Return the event of a report: the hand-over is the secret's, the outcome is the report's."""
    return ItemCompleted(
        job_id=hand_over.job_id,
        item_id=report.item_id,
        workspace_id=hand_over.workspace_id,
        dispatch=hand_over.dispatch,
        status=report.status,
        tracking_number=report.tracking_number,
        validated_city=report.validated_city,
        value_sent=report.value_sent,
        error_type=report.error_type,
        error_message=report.error_message,
    )
