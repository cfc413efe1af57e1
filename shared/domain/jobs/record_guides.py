"""Record what a robot said of guides."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from shared.domain.context import DomainContext
from shared.domain.jobs.guides_sql import RECORD_GUIDES
from shared.domain.jobs.reported import RecordedHere, Report, columns_of, record_in_turns
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
    conn: Connection, ctx: DomainContext, reports: Sequence[Report], source: ReportSource
) -> RecordedHere:
    """Record reports about locked items of lookups, and give the orders their guides."""
    return record_in_turns(reports, partial(_record_turn, conn, ctx, source), is_lookup=True)


def _record_turn(
    conn: Connection, ctx: DomainContext, source: ReportSource, reports: Sequence[Report]
) -> tuple[list[_Row], set[UUID]]:
    row = columns_of(reports) | {
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
    return rows, set()
