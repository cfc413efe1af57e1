"""Read jobs and their items."""

from collections.abc import Generator
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.cursor import AFTER_ALL, BEFORE_ALL, DEFAULT_PAGE, decode_cursor, encode_cursor, require_limit
from shared.domain.function import domain_query, domain_question
from shared.domain.jobs.detail import HAS_NO_GUIDE, IS_SURE_FAILURE, ask_detail
from shared.domain.jobs.kind_sql import IS_SECOND, IS_UNSETTLED
from shared.domain.jobs.models import JobWithItems, RobotJob, RobotJobInDetail, RobotJobItem
from shared.domain.validation import optional_text, require_choice, require_uuid
from shared.words import ITEM_FILTERS, JOB_KINDS, JOB_STATUSES, ItemFilter, JobKind, JobStatus


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
class _ItemsWanted:
    job_id: UUID
    status: ItemFilter | None = None
    after: UUID = BEFORE_ALL
    limit: int | None = None


@domain_question
def get_job_with_items(conn: Connection, ctx: DomainContext, job_id: UUID) -> Generator[None, None, JobWithItems]:
    """Return a job and all its items. Refused: an unknown job (`NOT_FOUND`)."""
    asked = _ask(conn, ctx, _ItemsWanted(require_uuid(job_id, "job_id")))
    yield
    return JobWithItems(*_read(asked))


@domain_question
def get_job_page(conn: Connection, ctx: DomainContext, params: GetJobPageParams) -> Generator[None, None, JobItemsPage]:
    """Return a job and a page of its items. Refused: an unknown job (`NOT_FOUND`), a bad page (`INVALID`)."""
    job_id = require_uuid(params.job_id, "job_id")
    status = None if params.status is None else require_choice(params.status, ITEM_FILTERS, "status")
    limit = require_limit(params.limit)
    scope = f"items/{job_id}/{status}"
    after = BEFORE_ALL if params.cursor is None else decode_cursor(scope, params.cursor)
    asked = _ask(conn, ctx, _ItemsWanted(job_id, status, after, limit + 1))
    details = ask_detail(conn, {"job_id": job_id, "workspace_id": ctx.workspace_id})
    yield
    job, items = _read(asked)
    [in_detail] = details.of([job])
    shown = items[:limit]
    return JobItemsPage(in_detail, shown, encode_cursor(scope, shown[-1].id) if len(items) > limit else None)


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


@dataclass(frozen=True)
class _Asked:
    """A job and items of it that were asked for, and not waited for."""

    job_id: UUID
    jobs: Cursor[RobotJob]
    items: Cursor[RobotJobItem]


def _ask(conn: Connection, ctx: DomainContext, wanted: _ItemsWanted) -> _Asked:
    row = vars(wanted) | {"workspace_id": ctx.workspace_id}
    return _Asked(
        wanted.job_id,
        conn.cursor(row_factory=class_row(RobotJob)).execute(_SELECT_JOB, row),
        conn.cursor(row_factory=class_row(RobotJobItem)).execute(_SELECT_ITEMS, row, binary=True),
    )


def _read(asked: _Asked) -> tuple[RobotJob, list[RobotJobItem]]:
    job = asked.jobs.fetchone()
    if job is None:
        raise page.job_not_found(job_id=asked.job_id)
    return job, asked.items.fetchall()


#: What is read of a job.
JOB_COLUMNS = """
       id, workspace_id, kind, carrier, status, total_items, success_count, error_count, idempotency_key, started_at,
       completed_at, created_at, updated_at, priority, wave_size, paused_at, paused_reason
"""

# One job.
_SELECT_JOB = f"""
SELECT {JOB_COLUMNS}
  FROM robot_jobs
 WHERE id = %(job_id)s AND workspace_id = %(workspace_id)s
"""

#: What is read of an item.
ITEM_COLUMNS = """
       item.id, item.job_id, item.order_id, item.status, item.tracking_number, item.validated_city, item.value_sent,
       item.error_type, item.error_message, item.retry_count, item.last_retry_at, item.started_at, item.completed_at,
       item.created_at, item.updated_at, orders.name AS order_name, item.shipment, item.pedido_number,
       item.other_numbers, item.voided_at, orders.tracking_number AS order_number,
       orders.carrier_guide_number AS guide_number,
       (SELECT count(*) FROM robot_job_item_attempts AS attempt WHERE attempt.item_id = item.id) AS attempt_count
"""

# A job's items after a place in creation order; a null limit is none.
_SELECT_ITEMS = f"""
SELECT {ITEM_COLUMNS}
  FROM robot_job_items AS item
  JOIN orders ON orders.id = item.order_id
 WHERE item.job_id = %(job_id)s AND item.workspace_id = %(workspace_id)s
   AND (CASE %(status)s::text
            WHEN 'failed' THEN {IS_SURE_FAILURE}
            WHEN 'unsettled' THEN {IS_UNSETTLED}
            WHEN 'second' THEN {IS_SECOND}
            WHEN 'no_guide' THEN {HAS_NO_GUIDE}
            ELSE item.status = coalesce(%(status)s::text, item.status)
        END)
   AND item.id > %(after)s
 ORDER BY item.id
 LIMIT %(limit)s
"""

# A workspace's jobs before a place, newest first.
_LIST_JOBS = f"""
SELECT {JOB_COLUMNS}
  FROM robot_jobs
 WHERE workspace_id = %(workspace_id)s
   AND (%(carrier)s::text IS NULL OR carrier = %(carrier)s)
   AND id < %(before)s
 ORDER BY id DESC
 LIMIT %(limit)s
"""

# The same of one kind, which has an index of its own.
_LIST_JOBS_OF_KIND = f"""
SELECT {JOB_COLUMNS}
  FROM robot_jobs
 WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s
   AND (%(carrier)s::text IS NULL OR carrier = %(carrier)s)
   AND id < %(before)s
 ORDER BY id DESC
 LIMIT %(limit)s
"""

# The same for one status, which has an index of its own.
_LIST_JOBS_OF_STATUS = f"""
SELECT {JOB_COLUMNS}
  FROM robot_jobs
 WHERE workspace_id = %(workspace_id)s AND status = %(status)s
   AND (%(carrier)s::text IS NULL OR carrier = %(carrier)s)
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND id < %(before)s
 ORDER BY id DESC
 LIMIT %(limit)s
"""
