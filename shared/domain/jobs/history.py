"""The history of an item: every hand-over that it was in, what was sent, and every report."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.jobs.models import RobotJobItem
from shared.domain.jobs.read import ITEM_COLUMNS
from shared.domain.validation import require_uuid
from shared.words import AttemptOutcome, ErrorType, RecordedAs, ReportSource, ReportStatus


@dataclass(frozen=True)
class GetJobItemParams:
    """An item of a job."""

    job_id: UUID
    item_id: UUID


@dataclass(frozen=True)
class ItemReport:
    """What was said of an item, or what closed it, and what became of that."""

    received_at: datetime
    source: ReportSource
    status: ReportStatus
    tracking_number: str | None
    error_type: ErrorType | None
    error_message: str | None
    outcome: RecordedAs


@dataclass(frozen=True)
class ItemAttempt:
    """A hand-over that the item was in, or may have been in, and what was said of it."""

    #: None: of no hand-over.
    dispatch: int | None
    #: None: nothing is known of a hand-over; there are reports alone.
    handed_over_at: datetime | None
    outcome: AttemptOutcome
    value_sent: dict[str, Any] | None
    reports: list[ItemReport]


@dataclass(frozen=True)
class JobItemHistory:
    """An item, and its attempts, oldest first."""

    item: RobotJobItem
    attempts: list[ItemAttempt]


@dataclass(frozen=True)
class _Attempt:
    dispatch: int
    claimed_at: datetime
    outcome: AttemptOutcome
    value_sent: dict[str, Any] | None


@dataclass(frozen=True)
class _Report(ItemReport):
    dispatch: int | None
    is_accepted: bool

    @property
    def shown(self) -> ItemReport:
        """Return it as it stands in its attempt."""
        return ItemReport(**{name: getattr(self, name) for name in ItemReport.__dataclass_fields__})


@domain_query
def get_job_item(conn: Connection, ctx: DomainContext, params: GetJobItemParams) -> JobItemHistory:
    """Return an item of a job with its attempts and their reports. Refused: no such item of the job (`NOT_FOUND`)."""
    row = {
        "workspace_id": ctx.workspace_id,
        "job_id": require_uuid(params.job_id, "job_id"),
        "item_id": require_uuid(params.item_id, "item_id"),
    }
    items = conn.cursor(row_factory=class_row(RobotJobItem)).execute(_SELECT_ITEM, row)
    attempts = conn.cursor(row_factory=class_row(_Attempt)).execute(_SELECT_ATTEMPTS, row)
    reports = conn.cursor(row_factory=class_row(_Report)).execute(_SELECT_REPORTS, row)
    item = items.fetchone()
    if item is None:
        raise page.item_not_found(item_id=params.item_id)
    return JobItemHistory(item, _told(attempts.fetchall(), reports.fetchall()))


def _told(attempts: Iterable[_Attempt], reports: Iterable[_Report]) -> list[ItemAttempt]:
    by_dispatch: dict[int | None, list[_Report]] = defaultdict(list)
    for report in reports:
        by_dispatch[report.dispatch].append(report)
    told: list[tuple[datetime, ItemAttempt]] = []
    for each in attempts:
        said = [report.shown for report in by_dispatch.pop(each.dispatch, [])]
        told.append((each.claimed_at, ItemAttempt(each.dispatch, each.claimed_at, each.outcome, each.value_sent, said)))
    # What was said of a hand-over that left no attempt is not lost.
    for dispatch, alone in by_dispatch.items():
        outcome: AttemptOutcome = "accepted" if alone[0].is_accepted else "unknown"
        said = [report.shown for report in alone]
        told.append((alone[0].received_at, ItemAttempt(dispatch, None, outcome, None, said)))
    return [attempt for _, attempt in sorted(told, key=lambda each: each[0])]


# One item of a job.
_SELECT_ITEM = f"""
SELECT {ITEM_COLUMNS}
  FROM robot_job_items AS item
  JOIN orders ON orders.id = item.order_id
 WHERE item.id = %(item_id)s AND item.job_id = %(job_id)s AND (item.workspace_id = %(workspace_id)s) IS TRUE
"""

# An item's attempts in the order of their hand-overs. A claim that was given back has left none. What a robot refused
# for good is closed without a report; all else that it has not accepted is unknown once the call is over.
_SELECT_ATTEMPTS = """
SELECT attempt.dispatch, attempt.claimed_at, attempt.value_sent,
       CASE
           WHEN dispatch.accepted_at IS NOT NULL THEN 'accepted'
           WHEN dispatch.status = 'claimed' THEN 'calling'
           WHEN dispatch.restored_to IS NOT NULL THEN 'unknown'
           WHEN dispatch.status = 'closed'
                AND NOT EXISTS (SELECT FROM robot_job_item_reports AS report
                                 WHERE report.item_id = attempt.item_id AND report.dispatch = attempt.dispatch)
               THEN 'refused'
           ELSE 'unknown'
       END AS outcome
  FROM robot_job_item_attempts AS attempt
  LEFT JOIN robot_job_dispatches AS dispatch
         ON dispatch.job_id = attempt.job_id AND dispatch.dispatch = attempt.dispatch
 WHERE attempt.item_id = %(item_id)s AND (attempt.job_id = %(job_id)s) IS TRUE
   AND (attempt.workspace_id = %(workspace_id)s) IS TRUE
 ORDER BY attempt.dispatch
"""

# What was said of an item, in the order in which it was recorded.
_SELECT_REPORTS = """
SELECT report.dispatch, report.received_at, report.source, report.status, report.tracking_number, report.error_type,
       report.error_message, report.outcome, dispatch.accepted_at IS NOT NULL AS is_accepted
  FROM robot_job_item_reports AS report
  LEFT JOIN robot_job_dispatches AS dispatch
         ON dispatch.job_id = %(job_id)s AND dispatch.dispatch = report.dispatch
 WHERE report.item_id = %(item_id)s AND (report.workspace_id = %(workspace_id)s) IS TRUE
 ORDER BY report.id
"""
