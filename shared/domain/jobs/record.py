"""Record what the robot reported: delivered at least once, in any order, late, concurrently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.carriers.registry import COORDINADORA
from shared.domain.carriers.unsure import proves_none
from shared.domain.context import MAX_CASCADE_DEPTH, DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.errors_in_a_row import Reported, pause_after_errors
from shared.domain.jobs.lock import lock_items, lock_line
from shared.domain.jobs.models import MAX_CITY, MAX_ERROR_MESSAGE, MAX_ITEMS, MAX_TRACKING_NUMBER, MAX_VALUE_BYTES
from shared.domain.jobs.record_sql import RECORD, RETURN_HOLDS, YIELD
from shared.domain.jobs.turn import call_next, move_on
from shared.domain.validation import json_text, optional_text, require_choice, require_dispatch, require_uuid
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


class ItemResult(NamedTuple):
    """What became of a report: `recorded`, `duplicate`, `stale`, `conflict` or, in a list, `not_found`."""

    item_id: UUID
    order_id: UUID | None
    outcome: Outcome


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
    lock_line(conn, ctx.workspace_id)
    lock_items(conn, ctx, [require_uuid(_report(report).item_id, "item_id") for report in reports])
    return record_locked(conn, ctx, reports, source="robot")


def record_locked(
    conn: Connection, ctx: DomainContext, reports: Sequence[UpdateJobItemResultParams], *, source: ReportSource
) -> list[ItemResult]:
    """Record reports about items that are locked, in a line that is held, and return what became of each.

    Of an order, reports about one item are recorded at a time: the next ones go by what these have left. A wave of
    which nothing is open any more is over, and the next in turn is called.

    Raises:
        RefusedError: values that can't be right.
    """
    checked = [_checked(report) for report in reports]
    # By item, so that neighbours in the indexes come one after the other; reports of one item stay in their order.
    waiting = sorted(range(len(reports)), key=lambda place: reports[place].item_id.int)
    found: dict[int, _Row] = {}
    over: set[UUID] = set()
    while waiting:
        rows, ended_elsewhere = _record_turn(conn, ctx, [(*checked[place], place) for place in waiting], source)
        found |= {waiting[row.position - 1]: row for row in rows if row.outcome is not None}
        over |= {job_id for row in rows for job_id in row.jobs_with_wave_over or ()} | ended_elsewhere
        waiting = [waiting[row.position - 1] for row in sorted(rows) if row.outcome is None]
    is_paused = source == "robot" and _follow_errors(conn, ctx, checked, found)
    if over:
        move_on(conn, ctx.workspace_id, sorted(over))
    elif is_paused:
        call_next(conn, ctx.workspace_id)
    return [_result(report.item_id, found.get(place)) for place, report in enumerate(reports)]


class _Row(NamedTuple):
    """What became of one report; the outcome is None where it has to wait for others of its order."""

    position: int
    order_id: UUID
    job_id: UUID
    outcome: Outcome | None
    frees_reshipments: bool | None
    #: A job of this turn has errors in a row, which a report may have ended.
    may_break_row: bool | None
    jobs_with_wave_over: list[UUID] | None


def _result(item_id: UUID, row: _Row | None) -> ItemResult:
    return ItemResult(item_id, row and row.order_id, (row and row.outcome) or "not_found")


def _record_turn(
    conn: Connection, ctx: DomainContext, checked: list[tuple[object, ...]], source: ReportSource
) -> tuple[list[_Row], set[UUID]]:
    """Record one item's reports of each order; return their rows, and the jobs of items that this ended elsewhere."""
    # A column of nulls alone goes as an empty array, which unnest() fills up.
    columns = {
        name: list(values) if any(value is not None for value in values) else []
        for name, values in zip(_COLUMNS, zip(*checked, strict=True), strict=True)
    }
    row = columns | {
        "workspace_id": ctx.workspace_id,
        "cascade_depth": ctx.cascade_depth,
        "has_repeats": len(set(columns["item_ids"])) < len(checked),
        "emits_changes": ctx.cascade_depth < MAX_CASCADE_DEPTH,
        "source": source,
        "is_report": True,
        "ended_status": None,
    }
    yielded = conn.execute(YIELD, row)
    rows = [_Row(*each) for each in conn.execute(RECORD, row, binary=True)]
    ended = yielded.fetchall()
    freed = [order_id for _, order_id, frees_reshipment in ended if frees_reshipment]
    if any(each.frees_reshipments for each in rows):
        freed += [each.order_id for each in rows]
    if freed:
        conn.execute(RETURN_HOLDS, {"order_ids": freed, "workspace_ids": [ctx.workspace_id]})
    return rows, {job_id for job_id, _, _ in ended}


def _follow_errors(
    conn: Connection, ctx: DomainContext, checked: list[tuple[object, ...]], found: Mapping[int, _Row]
) -> bool:
    """Count the errors in a row, in the order recorded, and return whether they paused a job."""
    error_type, error_message = _COLUMNS.index("error_types"), _COLUMNS.index("error_messages")
    recorded = [
        Reported(row.job_id, checked[place][error_type], checked[place][error_message])
        for place, row in sorted(found.items())
        if row.outcome == "recorded"
    ]
    may_break = any(row.may_break_row for row in found.values())
    may_matter = may_break or any(each.error_type not in {None, "validation"} for each in recorded)
    return may_matter and pause_after_errors(conn, ctx, recorded)


_COLUMNS = (
    "item_ids",
    "job_ids",
    "dispatches",
    "statuses",
    "tracking_numbers",
    "validated_cities",
    "values_sent",
    "error_types",
    "error_messages",
    "prove_none",
    "places",
)


def _report(report: object) -> UpdateJobItemResultParams:
    if not isinstance(report, UpdateJobItemResultParams):
        raise page.unexpected_value("A report", "UpdateJobItemResultParams")
    return report


def _checked(report: UpdateJobItemResultParams) -> tuple[object, ...]:
    status = require_choice(report.status, REPORT_STATUSES, "status")
    error_type = None if report.error_type is None else require_choice(report.error_type, ERROR_TYPES, "error_type")
    number = optional_text(report.tracking_number, "tracking_number", at_least=1, at_most=MAX_TRACKING_NUMBER)
    message = optional_text(report.error_message, "error_message", at_most=MAX_ERROR_MESSAGE)
    value = report.value_sent
    failed = status == "error"
    # An error without a type is of an unknown one. A number on it stands in its words, for who looks at the carrier.
    return (
        require_uuid(report.item_id, "item_id"),
        None if report.job_id is None else require_uuid(report.job_id, "job_id"),
        None if report.dispatch is None else require_dispatch(report.dispatch),
        status,
        None if failed else number,
        optional_text(report.validated_city, "validated_city", at_most=MAX_CITY),
        None if value is None else json_text(value, "value_sent", at_most_bytes=MAX_VALUE_BYTES),
        (error_type or "unknown") if failed else None,
        _words(message, number) if failed else None,
        # One with a number may be of a shipment that exists.
        number is None and proves_none(COORDINADORA, error_type or "unknown", message) if failed else None,
    )


def _words(message: str | None, number: str | None) -> str | None:
    if number is None:
        return message
    return ": ".join(filter(None, (f"reported with tracking number {number}", message)))[:MAX_ERROR_MESSAGE]
