"""Waves of which nothing was heard for a while: their robot may have restarted."""

from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from shared.db.transaction import system_transaction
from shared.domain.jobs.wave_sql import DEADLINE_SPAN

#: Without a report for so long a robot is asked.
SILENT_AFTER_S = 300
#: Waves in one run. Which they are is by chance, so that none is passed over for ever.
BATCH = 500


@dataclass(frozen=True)
class SilentWave:
    """A wave that the robot took, and how long ago."""

    workspace_id: UUID
    job_id: UUID
    dispatch: int
    robot_url: str
    seconds_since_accepted: float


def find_silent_waves() -> list[SilentWave]:
    """Return the waves whose robot is to be asked since when it runs, over every workspace.

    Those that the robot has, once it has been silent; and those that are closed with unsettled items, until their
    hand-over is over: that it has restarted is what lets a person say that nothing was made.

    Raises:
        psycopg.Error: the database did not answer.
    """
    row = {"silent_after_s": SILENT_AFTER_S, "batch": BATCH}
    with system_transaction() as conn:
        return conn.cursor(row_factory=class_row(SilentWave)).execute(_SELECT_SILENT, row).fetchall()


# The last report of a wave is looked for among those of its own items. What is unsettled begins at the items, which are
# few: the waves that a robot once took are all that there ever were.
_SELECT_SILENT = f"""
WITH accepted AS (
    SELECT * FROM robot_job_dispatches
     WHERE status = 'accepted' AND accepted_at <= now() - %(silent_after_s)s * interval '1 second'
), lost AS MATERIALIZED (
    SELECT DISTINCT job_id, dispatch FROM robot_job_items WHERE status = 'error' AND shipment = 'possible'
), unsettled AS (
    SELECT dispatch.*
      FROM lost
     CROSS JOIN LATERAL (
         SELECT * FROM robot_job_dispatches AS dispatch
          WHERE dispatch.job_id = lost.job_id AND dispatch.dispatch = lost.dispatch
         OFFSET 0) AS dispatch
     WHERE dispatch.status = 'closed' AND dispatch.restarted_at IS NULL AND dispatch.accepted_at IS NOT NULL
       AND dispatch.accepted_at + 2 * {DEADLINE_SPAN} > now()
)
SELECT workspace_id, job_id, dispatch, robot_url,
       extract(epoch FROM now() - accepted_at)::float8 AS seconds_since_accepted
  FROM (SELECT * FROM accepted
         WHERE NOT EXISTS (SELECT FROM robot_job_item_attempts AS attempt
                             JOIN robot_job_item_reports AS report
                               ON report.item_id = attempt.item_id AND report.dispatch = attempt.dispatch
                            WHERE attempt.job_id = accepted.job_id AND attempt.dispatch = accepted.dispatch
                              AND report.source = 'robot'
                              AND report.received_at > now() - %(silent_after_s)s * interval '1 second')
        UNION ALL
        SELECT * FROM unsettled) AS silent
 WHERE robot_url IS NOT NULL
 ORDER BY random()
 LIMIT %(batch)s
"""
