"""How a job goes on: the wave that is out, why it stands still, and when it may end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from shared.db.hand_overs import hand_overs_are_off
from shared.domain.context import DomainContext
from shared.domain.jobs.models import RobotJob, Waiting, Wave
from shared.domain.jobs.open_jobs_sql import OPEN_JOB_IDS
from shared.words import ENDED_STATUSES, DispatchStatus, RefusedAs, WaitingReason

#: Between two reports, where a workspace has none yet.
#: Source: measured with the robots in use.
USUAL_INTERVAL = timedelta(seconds=62)
#: A longer time between two reports is none of work: nothing was with the robot.
LONGEST_INTERVAL_S = 600


@dataclass(frozen=True)
class Progress:
    """What the database says of a job's line."""

    job_id: UUID
    dispatch: int | None
    status: DispatchStatus | None
    item_count: int | None
    open_items: int
    created_at: datetime | None
    parked_at: datetime | None
    handed_over_at: datetime | None
    deadline_at: datetime | None
    next_attempt_at: datetime | None
    refused_as: RefusedAs | None
    refused_since: datetime | None
    last_error: str | None
    disabled_at: datetime | None
    paused_message: str | None
    behind_job_id: UUID | None
    interval: timedelta | None


@dataclass(frozen=True)
class Standing:
    """What all items of the job say: how many are open, and when the robot reported the last one."""

    open_items: int
    last_report_at: datetime | None


def ask_progress(conn: Connection, row: Mapping[str, object]) -> Cursor[Progress]:
    """Ask how a job (job_id, workspace_id) goes on, without waiting for the answer: one row, or none."""
    return _ask(conn, _SELECT_PROGRESS, row)


def ask_progress_of_open(conn: Connection, row: Mapping[str, object]) -> Cursor[Progress]:
    """Ask it of the first jobs that have not ended (workspace_id, open, limit): a row each."""
    return _ask(conn, _SELECT_PROGRESS_OF_OPEN, row)


def ask_interval(conn: Connection, ctx: DomainContext, carrier: str) -> Cursor[tuple[timedelta | None]]:
    """Ask how long a robot takes from report to report, without waiting: one row; None where nothing was reported."""
    row = {"workspace_id": ctx.workspace_id, "carrier": carrier, "longest_s": LONGEST_INTERVAL_S}
    return conn.execute(_SELECT_INTERVAL, row)


def _ask(conn: Connection, query: str, row: Mapping[str, object]) -> Cursor[Progress]:
    return conn.cursor(row_factory=class_row(Progress)).execute(query, {**row, "longest_s": LONGEST_INTERVAL_S})


def read_progress(
    job: RobotJob, progress: Progress | None, standing: Standing
) -> tuple[Waiting | None, Wave | None, datetime | None]:
    """Return why the job stands still, the wave that is out, and when the job may end; each may be None."""
    if progress is None or job.status in ENDED_STATUSES:
        return None, None, None
    wave = _wave(progress)
    waiting = _waiting(job, progress)
    if waiting is not None or wave is None or job.paused_at is not None:
        return waiting, wave, None
    begun = max(filter(None, (standing.last_report_at, wave.handed_over_at)))
    return None, wave, begun + standing.open_items * (progress.interval or USUAL_INTERVAL)


def _wave(progress: Progress) -> Wave | None:
    known = progress.dispatch, progress.item_count, progress.handed_over_at, progress.deadline_at
    dispatch, size, handed_over_at, deadline_at = known
    if dispatch is None or size is None or handed_over_at is None or deadline_at is None:
        return None
    return Wave(dispatch, size, size - progress.open_items, handed_over_at, deadline_at)


def _waiting(job: RobotJob, progress: Progress) -> Waiting | None:
    if progress.handed_over_at is not None:
        return Waiting("outcome_unknown", progress.handed_over_at) if progress.status == "unknown" else None
    if job.paused_at is not None:
        return Waiting("paused", job.paused_at, message=progress.paused_message or None)
    since = progress.parked_at or progress.created_at or job.created_at
    if progress.disabled_at is not None or hand_overs_are_off():
        return Waiting("carrier_not_ready", progress.disabled_at or since)
    if progress.behind_job_id is not None:
        return Waiting("behind_job", since, behind_job_id=progress.behind_job_id)
    if progress.refused_as is not None and progress.refused_since is not None:
        reason: WaitingReason = "robot_busy" if progress.refused_as == "busy" else "robot_unreachable"
        return Waiting(reason, progress.refused_since, progress.next_attempt_at, progress.last_error)
    return None


# How long the robot has taken from report to report: the last 50 of a workspace and carrier.
_INTERVAL = """
       (SELECT avg(report.gap)
          FROM (SELECT item.completed_at - lag(item.completed_at) OVER (ORDER BY item.completed_at) AS gap
                  FROM (SELECT last.completed_at
                          FROM (SELECT item.completed_at, item.closed_by, item.job_id
                                  FROM robot_job_items AS item
                                 WHERE item.workspace_id = {workspace_id} AND item.value_sent IS NOT NULL
                                   AND item.completed_at IS NOT NULL
                                 ORDER BY item.completed_at DESC
                                 LIMIT 500) AS last
                          JOIN robot_jobs AS other ON other.id = last.job_id AND (other.carrier = {carrier}) IS TRUE
                         WHERE last.closed_by = 'robot'
                         ORDER BY last.completed_at DESC
                         LIMIT 50) AS item) AS report
         WHERE report.gap < %(longest_s)s * interval '1 second')
"""

# That of a carrier.
_SELECT_INTERVAL = "SELECT" + _INTERVAL.replace("{workspace_id}", "%(workspace_id)s").replace(
    "{carrier}", "%(carrier)s"
)

# Of jobs: the open wave, one that is out before one that waits; what else is at the robot, or comes first; and how long
# the robot has taken from report to report.
_OF_JOBS = """
SELECT job.id AS job_id, wave.dispatch, wave.status, wave.item_count, wave.created_at, wave.parked_at, wave.deadline_at,
       wave.next_attempt_at, wave.refused_as, wave.refused_since, wave.last_error,
       coalesce(wave.accepted_at, wave.claimed_at) AS handed_over_at,
       (SELECT count(*) FROM robot_job_items AS item
         WHERE item.job_id = job.id AND item.dispatch = wave.dispatch
           AND item.status IN ('pending', 'processing')) AS open_items,
       config.disabled_at, job.paused_message, behind.job_id AS behind_job_id,
       {interval} AS interval
  FROM robot_jobs AS job
  LEFT JOIN carrier_configs AS config ON config.workspace_id = job.workspace_id AND config.carrier = job.carrier
  LEFT JOIN LATERAL (
      SELECT *
        FROM robot_job_dispatches AS dispatch
       WHERE dispatch.job_id = job.id AND dispatch.status <> 'closed'
       ORDER BY (dispatch.status = 'waiting'), dispatch.dispatch DESC
       LIMIT 1) AS wave ON true
  LEFT JOIN LATERAL (
      SELECT other.job_id
        FROM robot_job_dispatches AS other
       WHERE other.workspace_id = job.workspace_id AND other.carrier = job.carrier AND other.job_id <> job.id
         AND (other.status IN ('claimed', 'accepted') OR (other.status = 'waiting' AND other.called_at IS NOT NULL))
         AND other.status <> 'closed'
       ORDER BY (other.status = 'waiting')
       LIMIT 1) AS behind ON true
 WHERE job.id {which} AND job.workspace_id = %(workspace_id)s
""".replace("{interval}", _INTERVAL.replace("{workspace_id}", "job.workspace_id").replace("{carrier}", "job.carrier"))

# Those of one job.
_SELECT_PROGRESS = _OF_JOBS.replace("{which}", "= %(job_id)s")

# Those of the jobs that have not ended.
_SELECT_PROGRESS_OF_OPEN = _OF_JOBS.replace("{which}", f"= ANY(ARRAY({OPEN_JOB_IDS}))")
