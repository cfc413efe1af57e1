"""A workspace at a glance: what runs, and what needs a person."""

from collections.abc import Generator
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain.carriers.accounts import CarrierConfig, ask_carrier_config
from shared.domain.carriers.registry import require_carrier
from shared.domain.context import DomainContext
from shared.domain.cursor import require_limit
from shared.domain.function import domain_question
from shared.domain.jobs.attention import JobAttention, ask_attention
from shared.domain.jobs.detail import ask_details_of_open
from shared.domain.jobs.models import RobotJob, RobotJobInDetail, RobotJobItem
from shared.domain.jobs.open_jobs_sql import OPEN_JOB_IDS, OPEN_JOBS
from shared.domain.jobs.read import ITEM_COLUMNS, JOB_COLUMNS
from shared.domain.orders.search import ask_free_orders
from shared.words import OPEN_STATUSES

#: Jobs that are shown beside those that run.
NEWEST = 5


@dataclass(frozen=True)
class OpenJob:
    """A job that has not ended, and the order that is in work."""

    job: RobotJobInDetail
    in_work: RobotJobItem | None


@dataclass(frozen=True)
class Overview:
    """A workspace's open jobs, its jobs that need a person, and how it reaches a carrier (None: not at all yet)."""

    open_jobs: list[OpenJob]
    attention: list[JobAttention]
    #: The newest jobs, whether they have ended or not.
    newest_jobs: list[RobotJob]
    carrier_config: CarrierConfig | None
    #: Orders that wait to be shipped; one more than were to be counted is any number.
    to_ship: int


@domain_question
def get_overview(
    conn: Connection, ctx: DomainContext, carrier: str, at_most: int, count_to: int
) -> Generator[None, None, Overview]:
    """Return what runs, 1 to 500 jobs of it, what needs a person, and how many orders wait, counted so far.

    Refused: no such carrier (`NOT_FOUND`), a bad limit (`INVALID`).
    """
    row = {"workspace_id": ctx.workspace_id, "open": list(OPEN_STATUSES), "limit": require_limit(at_most)}
    jobs = conn.cursor(row_factory=class_row(RobotJob)).execute(_SELECT_OPEN_JOBS, row)
    details = ask_details_of_open(conn, row)
    in_work = conn.cursor(row_factory=class_row(RobotJobItem)).execute(_SELECT_IN_WORK, row, binary=True)
    attention = ask_attention(conn, ctx)
    newest = conn.cursor(row_factory=class_row(RobotJob)).execute(_SELECT_NEWEST_JOBS, row)
    config = ask_carrier_config(conn, ctx, require_carrier(carrier))
    to_ship = ask_free_orders(conn, ctx, count_to)
    yield
    worked_on = {item.job_id: item for item in in_work}
    return Overview(
        [OpenJob(job, worked_on.get(job.id)) for job in details.of(jobs.fetchall())],
        attention.fetchall(),
        newest.fetchall(),
        config.fetchone(),
        to_ship.fetchall()[0][0],
    )


# The first of a workspace's jobs that have not ended.
_SELECT_OPEN_JOBS = f"SELECT {JOB_COLUMNS} {OPEN_JOBS}"

# The first item of each that is with the robot.
_SELECT_IN_WORK = f"""
SELECT found.*
  FROM robot_jobs AS job
 CROSS JOIN LATERAL (
     SELECT {ITEM_COLUMNS}
       FROM robot_job_items AS item
       JOIN orders ON orders.id = item.order_id
      WHERE item.job_id = job.id AND item.workspace_id = %(workspace_id)s AND item.status = 'processing'
      ORDER BY item.id
      LIMIT 1) AS found
 WHERE job.id = ANY(ARRAY({OPEN_JOB_IDS})) AND job.workspace_id = %(workspace_id)s
"""

_SELECT_NEWEST_JOBS = f"""
SELECT {JOB_COLUMNS} FROM robot_jobs WHERE workspace_id = %(workspace_id)s ORDER BY id DESC LIMIT {NEWEST}
"""
