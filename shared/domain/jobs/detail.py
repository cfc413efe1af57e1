"""A job as it is read alone: its items counted, and how it goes on."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor

from shared.domain.jobs.kind_sql import IS_SECOND, IS_UNSETTLED
from shared.domain.jobs.models import LOOKUP_DAYS, JobCounts, RobotJob, RobotJobInDetail
from shared.domain.jobs.open_jobs_sql import OPEN_JOB_IDS
from shared.domain.jobs.progress import Progress, Standing, ask_progress, ask_progress_of_open, read_progress


@dataclass(frozen=True)
class AskedDetails:
    """What was asked about jobs, and not waited for."""

    counted: Cursor[Any]
    progress: Cursor[Progress]

    def of(self, jobs: Sequence[RobotJob]) -> list[RobotJobInDetail]:
        """Wait for the answers, and return the jobs with them."""
        groups = defaultdict(list)
        for each in self.counted:
            groups[each[0]].append(_Group(*each))
        progress = {each.job_id: each for each in self.progress}
        return [_in_detail(job, groups[job.id], progress.get(job.id)) for job in jobs]


def ask_detail(conn: Connection, row: Mapping[str, object]) -> AskedDetails:
    """Ask what a job (job_id, workspace_id) has in detail, without waiting for the answers."""
    return AskedDetails(conn.execute(_COUNT_ITEMS, row), ask_progress(conn, row))


def ask_details_of_open(conn: Connection, row: Mapping[str, object]) -> AskedDetails:
    """Ask it of the first of a workspace's jobs that have not ended (workspace_id, open, limit)."""
    return AskedDetails(conn.execute(_COUNT_ITEMS_OF_OPEN, row), ask_progress_of_open(conn, row))


class _Group(NamedTuple):
    """Items of a job of one status and type of error."""

    job_id: UUID
    status: str
    error_type: str | None
    items: int
    unsettled: int
    second: int
    no_guide: int
    last_report_at: datetime | None


def _in_detail(job: RobotJob, groups: Sequence[_Group], progress: Progress | None) -> RobotJobInDetail:
    counts = _counts(groups)
    last_report_at = max((each.last_report_at for each in groups if each.last_report_at), default=None)
    standing = Standing(counts.pending + counts.processing, last_report_at)
    waiting, wave, end_at = read_progress(job, progress, standing)
    return RobotJobInDetail(**vars(job), counts=counts, waiting=waiting, wave=wave, estimated_end_at=end_at)


def _counts(groups: Sequence[_Group]) -> JobCounts:
    by_status: Counter[str] = Counter()
    by_error_type: Counter[str] = Counter()
    for group in groups:
        by_status[group.status] += group.items
        if group.error_type is not None:
            by_error_type[group.error_type] += group.items
    return JobCounts(
        by_status["pending"],
        by_status["processing"],
        by_status["success"],
        by_status["error"],
        unsettled=sum(group.unsettled for group in groups),
        second=sum(group.second for group in groups),
        no_guide=sum(group.no_guide for group in groups),
        by_error_type=dict(sorted(by_error_type.items())),
    )


# What ended without a shipment, and can be corrected and retried.
IS_SURE_FAILURE = "item.status = 'error' AND item.shipment IS DISTINCT FROM 'possible'"

# Of a lookup: not there yet. Of shipments: none came in the days for which it is asked for.
HAS_NO_GUIDE = f"""
CASE WHEN item.is_lookup THEN item.status = 'success' AND item.tracking_number IS NULL
     ELSE item.shipment = 'made' AND item.completed_at < now() - interval '{LOOKUP_DAYS} days'
          AND EXISTS (SELECT FROM orders AS shipped
                       WHERE shipped.id = item.order_id AND (shipped.tracking_number IS NOT NULL) IS TRUE
                         AND (shipped.carrier_guide_number IS NULL) IS TRUE)
 END
"""

# Items of jobs by status and type of error, and when the robot last reported one of each.
_COUNT = f"""
SELECT item.job_id, item.status, item.error_type, count(*), count(*) FILTER (WHERE {IS_UNSETTLED}),
       count(*) FILTER (WHERE {IS_SECOND}), count(*) FILTER (WHERE {HAS_NO_GUIDE}),
       max(item.completed_at) FILTER (WHERE item.closed_by = 'robot')
  FROM robot_job_items AS item
 WHERE item.job_id {{which}} AND item.workspace_id = %(workspace_id)s
 GROUP BY item.job_id, item.status, item.error_type
"""

# Those of one job.
_COUNT_ITEMS = _COUNT.replace("{which}", "= %(job_id)s")

# Those of the jobs that have not ended.
_COUNT_ITEMS_OF_OPEN = _COUNT.replace("{which}", f"= ANY(ARRAY({OPEN_JOB_IDS}))")
