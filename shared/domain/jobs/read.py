"""Read jobs and their items."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.cursor import AFTER_ALL, BEFORE_ALL, DEFAULT_PAGE, decode_cursor, encode_cursor, require_limit
from shared.domain.function import domain_query
from shared.domain.jobs.models import (
    LOOKUP_DAYS,
    JobCounts,
    JobWithItems,
    RobotJob,
    RobotJobInDetail,
    RobotJobItem,
)
from shared.domain.jobs.progress import Progress, Standing, ask_progress, read_progress
from shared.domain.validation import optional_text, require_choice, require_uuid
from shared.words import ITEM_FILTERS, JOB_KINDS, JOB_STATUSES, OPEN_STATUSES, ItemFilter, JobKind, JobStatus


@dataclass(frozen=True)
class ListJobsParams:
    """Which jobs, and which page of them (1 to 500 a page)."""

    status: JobStatus | None = None
    carrier: str | None = None
    limit: int = DEFAULT_PAGE
    cursor: str | None = None
    kind: JobKind | None = None


@dataclass(frozen=True)
class JobPage:
    """Jobs, newest first, and the cursor of the next page (None: this was the last)."""

    jobs: list[RobotJob]
    next_cursor: str | None


@dataclass(frozen=True)
class GetJobPageParams:
    """A job, which of its items, and which page of them (1 to 500 a page)."""

    job_id: UUID
    status: ItemFilter | None = None
    limit: int = DEFAULT_PAGE
    cursor: str | None = None


@dataclass(frozen=True)
class JobItemsPage:
    """A job, some of its items in creation order, and the cursor of the next page (None: this was the last)."""

    job: RobotJobInDetail
    items: list[RobotJobItem]
    next_cursor: str | None


@dataclass(frozen=True)
class OpenJob:
    """A job that has not ended, and the order that is in work."""

    job: RobotJobInDetail
    in_work: RobotJobItem | None


@dataclass(frozen=True)
class _ItemsWanted:
    job_id: UUID
    status: ItemFilter | None = None
    after: UUID = BEFORE_ALL
    limit: int | None = None


@domain_query
def get_job_with_items(conn: Connection, ctx: DomainContext, job_id: UUID) -> JobWithItems:
    """Return a job and all its items. Refused: an unknown job (`NOT_FOUND`)."""
    job, items = _read(conn, ctx, _ItemsWanted(require_uuid(job_id, "job_id")))
    return JobWithItems(job, items)


@domain_query
def get_job_page(conn: Connection, ctx: DomainContext, params: GetJobPageParams) -> JobItemsPage:
    """Return a job and a page of its items. Refused: an unknown job (`NOT_FOUND`), a bad page (`INVALID`)."""
    job_id = require_uuid(params.job_id, "job_id")
    status = None if params.status is None else require_choice(params.status, ITEM_FILTERS, "status")
    limit = require_limit(params.limit)
    scope = f"items/{job_id}/{status}"
    after = BEFORE_ALL if params.cursor is None else decode_cursor(scope, params.cursor)
    asked = _ask_detail(conn, ctx, job_id)
    job, items = _read(conn, ctx, _ItemsWanted(job_id, status, after, limit + 1))
    shown = items[:limit]
    return JobItemsPage(asked.of(job), shown, encode_cursor(scope, shown[-1].id) if len(items) > limit else None)


@domain_query
def list_open_jobs(conn: Connection, ctx: DomainContext, limit: int) -> list[OpenJob]:
    """Return 1 to 500 jobs that have not ended: shipments before lookups, first those paused, then those begun.

    Refused: a bad limit (`INVALID`).
    """
    row = {"workspace_id": ctx.workspace_id, "open": list(OPEN_STATUSES), "limit": require_limit(limit)}
    jobs = conn.cursor(row_factory=class_row(RobotJob)).execute(_LIST_OPEN_JOBS, row).fetchall()
    # All of them are asked for before the first answer is waited for.
    asked = [
        (job, _ask_detail(conn, ctx, job.id), _ask_items(conn, ctx, _ItemsWanted(job.id, "processing", limit=1)))
        for job in jobs
    ]
    return [OpenJob(detail.of(job), items.fetchone()) for job, detail, items in asked]


@domain_query
def list_jobs(conn: Connection, ctx: DomainContext, params: ListJobsParams) -> JobPage:
    """Return a page of the workspace's jobs, newest first. Refused: a bad filter, limit or cursor (`INVALID`)."""
    status = None if params.status is None else require_choice(params.status, JOB_STATUSES, "status")
    carrier = optional_text(params.carrier, "carrier", at_least=1, at_most=100)
    kind = None if params.kind is None else require_choice(params.kind, JOB_KINDS, "kind")
    limit = require_limit(params.limit)
    scope = f"jobs/{ctx.workspace_id}/{status}/{carrier}" + (f"/{kind}" if kind else "")
    before = AFTER_ALL if params.cursor is None else decode_cursor(scope, params.cursor)
    row = {
        "workspace_id": ctx.workspace_id,
        "status": status,
        "carrier": carrier,
        "kind": kind,
        "before": before,
        "limit": limit + 1,
    }
    query = _LIST_JOBS_OF_STATUS if status else _LIST_JOBS_OF_KIND if kind else _LIST_JOBS
    with conn.cursor(row_factory=class_row(RobotJob)) as cursor:
        jobs = cursor.execute(query, row).fetchall()
    shown = jobs[:limit]
    return JobPage(shown, encode_cursor(scope, shown[-1].id) if len(jobs) > limit else None)


def _read(conn: Connection, ctx: DomainContext, wanted: _ItemsWanted) -> tuple[RobotJob, list[RobotJobItem]]:
    row = {"job_id": wanted.job_id, "workspace_id": ctx.workspace_id}
    jobs = conn.cursor(row_factory=class_row(RobotJob)).execute(_SELECT_JOB, row)
    items = _ask_items(conn, ctx, wanted)
    job = jobs.fetchone()
    if job is None:
        raise page.job_not_found(job_id=wanted.job_id)
    return job, items.fetchall()


def _ask_items(conn: Connection, ctx: DomainContext, wanted: _ItemsWanted) -> Cursor[RobotJobItem]:
    row = vars(wanted) | {"workspace_id": ctx.workspace_id}
    return conn.cursor(row_factory=class_row(RobotJobItem)).execute(_SELECT_ITEMS, row, binary=True)


@dataclass(frozen=True)
class _AskedDetail:
    """What was asked about a job, and not waited for."""

    counted: Cursor[Any]
    progress: Cursor[Progress]

    def of(self, job: RobotJob) -> RobotJobInDetail:
        groups = [_Group(*each) for each in self.counted]
        counts = _counts(groups)
        last_report_at = max((each.last_report_at for each in groups if each.last_report_at), default=None)
        standing = Standing(counts.pending + counts.processing, last_report_at)
        waiting, wave, end_at = read_progress(job, self.progress.fetchone(), standing)
        return RobotJobInDetail(**vars(job), counts=counts, waiting=waiting, wave=wave, estimated_end_at=end_at)


def _ask_detail(conn: Connection, ctx: DomainContext, job_id: UUID) -> _AskedDetail:
    row = {"job_id": job_id, "workspace_id": ctx.workspace_id}
    return _AskedDetail(conn.execute(_COUNT_ITEMS, row), ask_progress(conn, row))


class _Group(NamedTuple):
    """Items of a job of one status and type of error."""

    status: str
    error_type: str | None
    items: int
    unsettled: int
    second: int
    no_guide: int
    last_report_at: datetime | None


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


# One job.
_SELECT_JOB = """
SELECT id, workspace_id, kind, carrier, status, total_items, success_count, error_count, idempotency_key, started_at,
       completed_at, created_at, updated_at, priority, wave_size, paused_at, paused_reason
  FROM robot_jobs
 WHERE id = %(job_id)s AND workspace_id = %(workspace_id)s
"""

# What a person has to settle: a shipment that may have been made, and one beside another.
_IS_UNSETTLED = "item.status = 'error' AND item.shipment = 'possible'"
_IS_SECOND = (
    "((item.shipment = 'second' AND item.voided_at IS NULL) OR item.other_numbers <> '{}') AND NOT item.is_lookup"
)

# Of a lookup: not there yet. Of shipments: none came in the days for which it is asked for.
_HAS_NO_GUIDE = f"""
CASE WHEN item.is_lookup THEN item.status = 'success' AND item.tracking_number IS NULL
     ELSE item.shipment = 'made' AND item.completed_at < now() - interval '{LOOKUP_DAYS} days'
          AND EXISTS (SELECT FROM orders AS shipped
                       WHERE shipped.id = item.order_id AND shipped.tracking_number IS NOT NULL
                         AND shipped.carrier_guide_number IS NULL)
 END
"""

# A job's items by status and type of error, and when the robot last reported one of each.
_COUNT_ITEMS = f"""
SELECT item.status, item.error_type, count(*), count(*) FILTER (WHERE {_IS_UNSETTLED}),
       count(*) FILTER (WHERE {_IS_SECOND}), count(*) FILTER (WHERE {_HAS_NO_GUIDE}),
       max(item.completed_at) FILTER (WHERE item.closed_by = 'robot')
  FROM robot_job_items AS item
 WHERE item.job_id = %(job_id)s AND item.workspace_id = %(workspace_id)s
 GROUP BY item.status, item.error_type
"""

#: What is read of an item.
ITEM_COLUMNS = """
       item.id, item.job_id, item.order_id, item.status, item.tracking_number, item.validated_city, item.value_sent,
       item.error_type, item.error_message, item.retry_count, item.last_retry_at, item.started_at, item.completed_at,
       item.created_at, item.updated_at, orders.name AS order_name, item.shipment, item.pedido_number,
       item.other_numbers, item.voided_at,
       (SELECT count(*) FROM robot_job_item_attempts AS attempt WHERE attempt.item_id = item.id) AS attempt_count
"""

# A job's items after a place in creation order; a null limit is none.
_SELECT_ITEMS = f"""
SELECT {ITEM_COLUMNS}
  FROM robot_job_items AS item
  JOIN orders ON orders.id = item.order_id
 WHERE item.job_id = %(job_id)s AND item.workspace_id = %(workspace_id)s
   AND (CASE %(status)s::text
            WHEN 'unsettled' THEN {_IS_UNSETTLED}
            WHEN 'second' THEN {_IS_SECOND}
            WHEN 'no_guide' THEN {_HAS_NO_GUIDE}
            ELSE item.status = coalesce(%(status)s::text, item.status)
        END)
   AND item.id > %(after)s
 ORDER BY item.id
 LIMIT %(limit)s
"""

# A workspace's jobs that have not ended, in the order in which a person looks at them.
_LIST_OPEN_JOBS = """
SELECT id, workspace_id, kind, carrier, status, total_items, success_count, error_count, idempotency_key, started_at,
       completed_at, created_at, updated_at, priority, wave_size, paused_at, paused_reason
  FROM robot_jobs
 WHERE workspace_id = %(workspace_id)s AND status = ANY(%(open)b::text[])
 ORDER BY kind = 'guide_lookup', paused_at IS NULL, status = 'pending', id
 LIMIT %(limit)s
"""

# A workspace's jobs before a place, newest first.
_LIST_JOBS = """
SELECT id, workspace_id, kind, carrier, status, total_items, success_count, error_count, idempotency_key, started_at,
       completed_at, created_at, updated_at, priority, wave_size, paused_at, paused_reason
  FROM robot_jobs
 WHERE workspace_id = %(workspace_id)s
   AND (%(carrier)s::text IS NULL OR carrier = %(carrier)s)
   AND id < %(before)s
 ORDER BY id DESC
 LIMIT %(limit)s
"""

# The same of one kind, which has an index of its own.
_LIST_JOBS_OF_KIND = """
SELECT id, workspace_id, kind, carrier, status, total_items, success_count, error_count, idempotency_key, started_at,
       completed_at, created_at, updated_at, priority, wave_size, paused_at, paused_reason
  FROM robot_jobs
 WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s
   AND (%(carrier)s::text IS NULL OR carrier = %(carrier)s)
   AND id < %(before)s
 ORDER BY id DESC
 LIMIT %(limit)s
"""

# The same for one status, which has an index of its own.
_LIST_JOBS_OF_STATUS = """
SELECT id, workspace_id, kind, carrier, status, total_items, success_count, error_count, idempotency_key, started_at,
       completed_at, created_at, updated_at, priority, wave_size, paused_at, paused_reason
  FROM robot_jobs
 WHERE workspace_id = %(workspace_id)s AND status = %(status)s
   AND (%(carrier)s::text IS NULL OR carrier = %(carrier)s)
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND id < %(before)s
 ORDER BY id DESC
 LIMIT %(limit)s
"""
