"""Record reports about shipments."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from shared.carriers.registry import CARRIERS
from shared.domain.carriers.unsure import PROVING, proves_none
from shared.domain.context import MAX_CASCADE_DEPTH, DomainContext
from shared.domain.jobs.record_sql import RECORD, RETURN_HOLDS, YIELD
from shared.domain.jobs.reported import RecordedHere, Report, columns_of, record_in_turns
from shared.words import Outcome, ReportSource


def record_shipments(
    conn: Connection, ctx: DomainContext, reports: Sequence[Report], source: ReportSource
) -> RecordedHere:
    """Record reports about locked items."""
    return record_in_turns(reports, partial(_record_turn, conn, ctx, source), is_lookup=False)


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


def _record_turn(
    conn: Connection, ctx: DomainContext, source: ReportSource, reports: Sequence[Report]
) -> tuple[list[_Row], set[UUID]]:
    """Record one item's reports of each order; return their rows, and the jobs of items that this ended elsewhere."""
    unsure_for = [_unsure_for(report) for report in reports]
    columns = columns_of(reports) | {"unsure_for": unsure_for if any(unsure_for) else []}
    told = {name: each.completed_event for name, each in CARRIERS.items() if each.completed_event}
    row = columns | {
        "workspace_id": ctx.workspace_id,
        "cascade_depth": ctx.cascade_depth,
        "has_repeats": len({report.item_id for report in reports}) < len(reports),
        "emits_changes": ctx.cascade_depth < MAX_CASCADE_DEPTH,
        "source": source,
        "told_carriers": list(told),
        "told_events": list(told.values()),
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


def _unsure_for(report: Report) -> str | None:
    """Return of an error the carriers for which it proves nothing, each between commas; `*` stands for all."""
    if report.error_type is None:
        return None
    # One with a number may be of a shipment that exists.
    if report.has_number or report.error_type not in PROVING:
        return "*"
    unsure = [name for name in CARRIERS if not proves_none(name, report.error_type, report.error_message)]
    return f",{','.join(unsure)},"
