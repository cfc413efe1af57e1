"""Record what a robot said of guides."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from shared.domain.context import DomainContext
from shared.domain.jobs.guides_sql import RECORD_GUIDES
from shared.domain.jobs.reported import Recorded, RecordedHere, Report, columns_of
from shared.domain.orders.guides import write_guides
from shared.words import Outcome, ReportSource


class _Row(NamedTuple):
    """What became of one report; the outcome is None where it has to wait for others of its order."""

    position: int
    order_id: UUID
    job_id: UUID
    outcome: Outcome | None
    may_break_row: bool | None
    jobs_with_wave_over: list[UUID] | None
    #: The guide that the order has by this report.
    guide_of_order: str | None
    carrier: str | None


def record_guides(
    conn: Connection,
    ctx: DomainContext,
    reports: Sequence[Report],
    source: ReportSource,
) -> RecordedHere:
    """Record reports about locked items of lookups, one of an order at a time, and give the orders their guides."""
    waiting = sorted(reports, key=lambda report: report.item_id.int)
    found: dict[int, Recorded] = {}
    over: set[UUID] = set()
    may_break = False
    while waiting:
        row = columns_of(waiting) | {
            "workspace_id": ctx.workspace_id,
            "source": source,
            "is_report": True,
            "ended_status": None,
        }
        rows = [_Row(*each) for each in conn.execute(RECORD_GUIDES, row, binary=True)]
        guides = {
            each.order_id: (each.guide_of_order, each.carrier or "") for each in rows if each.guide_of_order is not None
        }
        if guides:
            write_guides(conn, ctx, guides)
        found |= {
            waiting[each.position - 1].place: Recorded(each.order_id, each.job_id, each.outcome, is_lookup=True)
            for each in rows
            if each.outcome is not None
        }
        over |= {job_id for each in rows for job_id in each.jobs_with_wave_over or ()}
        may_break = may_break or any(each.may_break_row for each in rows)
        waiting = [waiting[each.position - 1] for each in sorted(rows) if each.outcome is None]
    return RecordedHere(found, over, may_break)
