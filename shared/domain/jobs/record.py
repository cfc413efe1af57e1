"""Record what the robot reported: delivered at least once, in any order, late, concurrently.

What a report means goes by the kind of its job and by its carrier, never by what the report looks like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.errors_in_a_row import Followed, Reported, follow_errors
from shared.domain.jobs.lock import lock_items, lock_line
from shared.domain.jobs.models import MAX_CITY, MAX_ERROR_MESSAGE, MAX_ITEMS, MAX_TRACKING_NUMBER, MAX_VALUE_BYTES
from shared.domain.jobs.record_guides import record_guides
from shared.domain.jobs.record_shipments import record_shipments
from shared.domain.jobs.reported import Recorded, Report
from shared.domain.jobs.turn import call_next, move_on
from shared.domain.validation import (
    json_text,
    optional_text,
    require_choice,
    require_dispatch,
    require_flag,
    require_uuid,
)
from shared.words import ERROR_TYPES, REPORT_STATUSES, ErrorType, Outcome, ReportSource, ReportStatus


@dataclass(frozen=True)
class UpdateJobItemResultParams:
    """A robot's report about one item.

    `dispatch` is the hand-over that it answers (None: the item's current one); `job_id` is the job that the robot
    may report about (None: whichever the item is of): an item of another job is as unknown as none.
    """

    item_id: UUID
    status: ReportStatus
    tracking_number: str | None = None
    validated_city: str | None = None
    value_sent: dict[str, Any] | None = None
    error_type: ErrorType | None = None
    error_message: str | None = None
    dispatch: int | None = None
    job_id: UUID | None = None
    #: Of a lookup: False says that the guide is not there yet; None: found where a number came.
    guide_found: bool | None = None


class ItemResult(NamedTuple):
    """What became of a report: `recorded`, `duplicate`, `stale`, `conflict` or, in a list, `not_found`."""

    item_id: UUID
    order_id: UUID | None
    outcome: Outcome


class LookupResult(ItemResult):
    """What became of a report about a lookup."""


@domain_function
def update_job_item_result(conn: Connection, ctx: DomainContext, params: UpdateJobItemResultParams) -> ItemResult:
    """Record one report.

    Refused: an item that the workspace does not have (`NOT_FOUND`), values that can't be right (`INVALID`).
    """
    [result] = _record(conn, ctx, [params])
    if result.outcome == "not_found":
        raise page.item_not_found(item_id=result.item_id)
    return result


@domain_function
def update_job_item_results(
    conn: Connection, ctx: DomainContext, params: Sequence[UpdateJobItemResultParams]
) -> list[ItemResult]:
    """Record up to 10,000 reports in their order, in a number of statements that does not grow with theirs.

    An unknown item's outcome is `not_found` and the others are recorded; values that can't be right
    refuse the whole list.
    """
    if not isinstance(params, list | tuple):
        raise page.unexpected_value("The reports", "a list")
    if len(params) > MAX_ITEMS:
        raise page.too_many_reports(len(params), MAX_ITEMS)
    return _record(conn, ctx, params) if params else []


def _record(conn: Connection, ctx: DomainContext, reports: Sequence[UpdateJobItemResultParams]) -> list[ItemResult]:
    # Before the locks are taken: others wait for these no longer than the database works.
    checked = check_reports(reports)
    lock_line(conn, ctx.workspace_id)
    lock_items(conn, ctx, [report.item_id for report in checked])
    return record_locked(conn, ctx, checked, source="robot")


def check_reports(reports: Sequence[UpdateJobItemResultParams]) -> list[Report]:
    """Return the reports as they are recorded.

    Raises:
        RefusedError: values that can't be right.
    """
    return [_checked(place, _report(report)) for place, report in enumerate(reports)]


def record_locked(
    conn: Connection, ctx: DomainContext, checked: Sequence[Report], *, source: ReportSource
) -> list[ItemResult]:
    """Record reports about items that are locked, in a line that is held, and return what became of each.

    A wave of which nothing is open any more is over, and the next in turn is called.
    """
    here = record_shipments(conn, ctx, checked, source)
    found, over, may_break = here.found, here.over, here.may_break_row
    # What is of no shipment's item is of a lookup's, or of none.
    if rest := [report for report in checked if report.place not in found]:
        here = record_guides(conn, ctx, rest, source)
        found, over, may_break = found | here.found, over | here.over, may_break or here.may_break_row
    followed = _follow_errors(conn, ctx, checked, found, may_break=may_break) if source == "robot" else Followed()
    if over := over | followed.ended:
        move_on(conn, ctx.workspace_id, sorted(over))
    elif followed.is_paused:
        call_next(conn, ctx.workspace_id)
    return [_result(report, found.get(report.place)) for report in checked]


def _result(report: Report, recorded: Recorded | None) -> ItemResult:
    if recorded is None:
        return ItemResult(report.item_id, None, "not_found")
    result = LookupResult if recorded.is_lookup else ItemResult
    return result(report.item_id, recorded.order_id, recorded.outcome)


def _follow_errors(
    conn: Connection, ctx: DomainContext, checked: Sequence[Report], found: Mapping[int, Recorded], *, may_break: bool
) -> Followed:
    """Count the errors in a row, in the order recorded."""
    recorded = [
        Reported(each.job_id, checked[place].error_type, checked[place].error_message)
        for place, each in sorted(found.items())
        if each.outcome == "recorded"
    ]
    may_matter = may_break or any(each.error_type not in {None, "validation"} for each in recorded)
    return follow_errors(conn, ctx, recorded) if may_matter else Followed()


def _report(report: object) -> UpdateJobItemResultParams:
    if not isinstance(report, UpdateJobItemResultParams):
        raise page.unexpected_value("A report", "UpdateJobItemResultParams")
    return report


def _checked(place: int, report: UpdateJobItemResultParams) -> Report:
    status = require_choice(report.status, REPORT_STATUSES, "status")
    error_type = None if report.error_type is None else require_choice(report.error_type, ERROR_TYPES, "error_type")
    number = optional_text(report.tracking_number, "tracking_number", at_least=1, at_most=MAX_TRACKING_NUMBER)
    message = optional_text(report.error_message, "error_message", at_most=MAX_ERROR_MESSAGE)
    value = report.value_sent
    failed = status == "error"
    # An error without a type is of an unknown one. A number on it stands in its words, for who looks at the carrier.
    return Report(
        place,
        require_uuid(report.item_id, "item_id"),
        None if report.job_id is None else require_uuid(report.job_id, "job_id"),
        None if report.dispatch is None else require_dispatch(report.dispatch),
        status,
        None if failed else number,
        optional_text(report.validated_city, "validated_city", at_most=MAX_CITY),
        None if value is None else json_text(value, "value_sent", at_most_bytes=MAX_VALUE_BYTES),
        (error_type or "unknown") if failed else None,
        _words(message, number) if failed else None,
        number is not None,
        None if report.guide_found is None else require_flag(report.guide_found, "guide_found"),
    )


def _words(message: str | None, number: str | None) -> str | None:
    if number is None:
        return message
    return ": ".join(filter(None, (f"reported with tracking number {number}", message)))[:MAX_ERROR_MESSAGE]
