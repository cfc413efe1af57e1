"""What of a workspace's jobs needs a person."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain.context import DomainContext
from shared.domain.function import domain_query

#: Items that are counted, the oldest first: who has more settles these first.
MAX_COUNTED = 1_000


@dataclass(frozen=True)
class JobAttention:
    """A job with shipments that somebody has to look for at the carrier, or to void there."""

    job_id: UUID
    unsettled: int
    second: int


@domain_query
def list_attention(conn: Connection, ctx: DomainContext) -> list[JobAttention]:
    """Return the jobs with unsettled items or second shipments, the oldest first; of 1,000 such items each."""
    row = {"workspace_id": ctx.workspace_id, "at_most": MAX_COUNTED}
    return conn.cursor(row_factory=class_row(JobAttention)).execute(_SELECT, row).fetchall()


# Both kinds have an index of their own.
_SELECT = """
SELECT job_id, count(*) FILTER (WHERE is_unsettled) AS unsettled, count(*) FILTER (WHERE NOT is_unsettled) AS second
  FROM ((SELECT job_id, true AS is_unsettled
           FROM robot_job_items
          WHERE workspace_id = %(workspace_id)s AND status = 'error' AND shipment = 'possible'
          ORDER BY job_id
          LIMIT %(at_most)s)
         UNION ALL
        (SELECT job_id, false
           FROM robot_job_items
          WHERE workspace_id = %(workspace_id)s
            AND ((shipment = 'second' AND voided_at IS NULL) OR other_numbers <> '{}') AND NOT is_lookup
          ORDER BY job_id
          LIMIT %(at_most)s)) AS found
 GROUP BY job_id
 ORDER BY job_id
"""
