"""Announce that a job has ended, once, and close its hand-overs."""

import json
from typing import TYPE_CHECKING

from shared.domain import DispatchRef, DomainContext, close_dispatches, is_end_announced
from shared.logs import logger
from shared.workflow.notify import notify

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
        notify(json.loads(completed.to_detail()), workspace_id=completed.workspace_id, status=completed.status)
    closed = close_dispatches(ctx, completed.job_id, completed.dispatch)
    if not closed.success:
        logger.warning("an ended job is not in the database", reason=closed.error)
