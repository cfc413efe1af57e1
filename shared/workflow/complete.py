"""Announce that a job has ended, once, and close its hand-overs."""

import os
from typing import TYPE_CHECKING

from shared.aws.clients import client
from shared.domain import DispatchRef, DomainContext, close_dispatches, is_end_announced
from shared.logs import logger

if TYPE_CHECKING:
    from shared.events import JobCompleted


def complete_job(completed: "JobCompleted") -> None:
    """Notify, then clean up and note it; a repeated event finds both done.

    What dies between the two notifies again: better twice than not at all.
    """
    ctx = DomainContext(completed.workspace_id, source="completion")
    announced = is_end_announced(ctx, DispatchRef(completed.job_id, completed.dispatch))
    if announced.success and announced.data:
        logger.info("the end of this job was announced before")
    else:
        _notify(completed)
    closed = close_dispatches(ctx, completed.job_id, completed.dispatch)
    if not closed.success:
        logger.warning("an ended job is not in the database", reason=closed.error)


def _notify(completed: "JobCompleted") -> None:
    """Notify subscribers, with attributes that they can filter by."""
    client("sns").publish(
        TopicArn=os.environ["NOTIFICATION_TOPIC_ARN"],
        Message=completed.to_detail(),
        MessageAttributes={
            "workspaceId": {"DataType": "String", "StringValue": str(completed.workspace_id)},
            "status": {"DataType": "String", "StringValue": completed.status},
        },
    )
