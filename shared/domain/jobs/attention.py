"""What of a workspace's jobs needs a person."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from shared.domain.context import DomainContext
from shared.domain.ids import first_id_of
from shared.domain.jobs.failed_sql import FAILED_DAYS, IS_FAILED, IS_LEFT
from shared.domain.jobs.kind_sql import IS_SECOND, IS_UNSETTLED

#: Items that are counted of each kind: who has more settles, or corrects, these first.
MAX_COUNTED = 1_000


@dataclass(frozen=True)
class JobAttention:
    """A job with orders that need a person: to look for at the carrier, to void there, or to correct and retry."""

    job_id: UUID
    #: May have been shipped.
    unsettled: int
    #: Shipped twice.
    second: int
    #: Failed, were not shipped, and are in no later job.
    failed: int


def ask_attention(conn: Connection, ctx: DomainContext) -> Cursor[JobAttention]:
    """Ask for the jobs with orders that need a person, the oldest first; of 1,000 items of each kind at most.

    It is not waited for. Unsettled ones and second shipments are the oldest; failed ones are the newest of jobs of the
    last 14 days.
    """
    row = {
        "workspace_id": ctx.workspace_id,
        "at_most": MAX_COUNTED,
        "failed_from": first_id_of(datetime.now(UTC) - timedelta(days=FAILED_DAYS)),
    }
    return conn.cursor(row_factory=class_row(JobAttention)).execute(_SELECT, row)


# Each kind has an index of its own.
_SELECT = f"""
SELECT job_id,
       count(*) FILTER (WHERE needs = 'unsettled') AS unsettled,
       count(*) FILTER (WHERE needs = 'second') AS second,
       count(*) FILTER (WHERE needs = 'failed') AS failed
  FROM ((SELECT job_id, 'unsettled' AS needs
           FROM robot_job_items AS item
          WHERE workspace_id = %(workspace_id)s AND {IS_UNSETTLED}
          ORDER BY job_id
          LIMIT %(at_most)s)
         UNION ALL
        (SELECT job_id, 'second'
           FROM robot_job_items AS item
          WHERE workspace_id = %(workspace_id)s AND {IS_SECOND}
          ORDER BY job_id
          LIMIT %(at_most)s)
         UNION ALL
        (SELECT item.job_id, 'failed'
           FROM (SELECT item.id, item.job_id, item.order_id
                   FROM robot_job_items AS item
                  WHERE item.workspace_id = %(workspace_id)s AND item.job_id >= %(failed_from)s AND {IS_FAILED}
                  ORDER BY item.job_id DESC
                  LIMIT %(at_most)s) AS item
           JOIN orders ON orders.id = item.order_id
          WHERE {IS_LEFT})) AS found
 GROUP BY job_id
 ORDER BY job_id
"""
