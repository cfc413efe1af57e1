"""Whether the run's short spans were long enough for the machine: else what it finds may be its own doing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from local.chaos.pace import DEADLINE_BASE_S, DEADLINE_ITEM_S

if TYPE_CHECKING:
    from local.chaos.findings import Evidence


def made_after_over(evidence: Evidence) -> list[str]:
    """The shipments that the robot made when their hand-over counted as over already, by time alone.

    A robot in earnest is not so slow: twice the deadline's span has passed by then.
    """
    over_at = {
        str(job_id) if dispatch == 1 else f"{job_id}.{dispatch}": float(begun)
        + 2 * (DEADLINE_BASE_S + DEADLINE_ITEM_S * item_count)
        for job_id, dispatch, begun, item_count in evidence.database.rows(_BEGUN)
    }
    return [
        made["trackingNumber"]
        for made in evidence.shipments
        if datetime.fromisoformat(made["createdAt"]).timestamp() > over_at[made["jobId"]]
    ]


_BEGUN = """
SELECT job_id, dispatch, extract(epoch FROM coalesce(accepted_at, claimed_at)), item_count
  FROM robot_job_dispatches
 WHERE claimed_at IS NOT NULL
"""
