"""What a job is doing, in words: the wave that is out, why it stands still, when it may end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from local.cli.models import Job, Waiting

#: Reason → what is said, and what can be done.
_SENTENCES = {
    "paused": "paused; `robot-jobs resume` lets it go on",
    "carrier_not_ready": (
        "the carrier's account is disabled (`robot-jobs carrier set --enable` lets all go on),"
        " or hand-overs are off for everybody for now"
    ),
    "behind_job": "waits behind job {behind}; `robot-jobs urgent` lets it go first",
    "robot_busy": "the robot works on something else",
    "robot_unreachable": "the robot can't be reached",
    "outcome_unknown": "nobody knows whether the robot took the last wave; it waits for reports until its deadline",
}


def going_on(job: Job) -> str:
    """Say what goes on, in one line; empty where the job has ended, or is about to start."""
    if job.waiting is not None:
        return _standing_still(job.waiting)
    if job.wave is None:
        return ""
    end = f", ends about {_time(job.estimated_end_at)}" if job.estimated_end_at else ""
    paused = "; paused after it" if job.paused_at else ""
    return f"wave {job.wave.dispatch}: {job.wave.reported} of {job.wave.size} reported{end}{paused}"


def _standing_still(waiting: Waiting) -> str:
    said = _SENTENCES.get(waiting.reason, waiting.reason).format(behind=waiting.behind_job_id)
    parts = [f"since {_time(waiting.since)}: {said}"]
    if waiting.message:
        parts.append(f"“{waiting.message}”")
    if waiting.next_attempt_at:
        parts.append(f"tried again at {_time(waiting.next_attempt_at, with_seconds=True)}")
    return "; ".join(parts)


def _time(at: datetime, *, with_seconds: bool = False) -> str:
    return at.astimezone().strftime("%H:%M:%S" if with_seconds else "%H:%M")
