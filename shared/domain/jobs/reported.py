"""A report as it is recorded: checked, with what its item's job asks for, and what became of it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from shared.db.arrays import uuid_array
from shared.words import ErrorType, Outcome, ReportStatus


class Report(NamedTuple):
    """A report whose values can be right; `place` is where it stands among those that came together."""

    place: int
    item_id: UUID
    #: The job that may be reported about; None: any.
    job_id: UUID | None
    #: The wave that is answered; None: the item's current one.
    dispatch: int | None
    status: ReportStatus
    #: Of a success.
    tracking_number: str | None
    validated_city: str | None
    value_sent: str | None
    #: Of an error.
    error_type: ErrorType | None
    error_message: str | None
    #: An error that came with a number: it proves nothing.
    has_number: bool
    guide_found: bool | None


class Recorded(NamedTuple):
    """What became of a report."""

    order_id: UUID
    job_id: UUID
    outcome: Outcome
    is_lookup: bool


class RecordedHere(NamedTuple):
    """What became of reports by their place, jobs of which a wave may be over, and whether a row of errors may end."""

    found: dict[int, Recorded]
    over: set[UUID]
    may_break_row: bool


class Judged(Protocol):
    """What a statement says of one report; the outcome is None where it has to wait for others of its order."""

    @property
    def position(self) -> int:
        """Where it stands among those that were asked about, from 1."""

    @property
    def order_id(self) -> UUID:
        """Whose order it is about."""

    @property
    def job_id(self) -> UUID:
        """The job of its item."""

    @property
    def outcome(self) -> Outcome | None:
        """What became of it."""

    @property
    def may_break_row(self) -> bool | None:
        """Whether a job of this turn has errors in a row, which a report may have ended."""

    @property
    def jobs_with_wave_over(self) -> list[UUID] | None:
        """Jobs of which a wave may be over."""


#: Records the reports whose turn it is; gives their rows, and jobs of which a wave is over elsewhere.
Turn = Callable[[Sequence[Report]], tuple[Sequence[Judged], set[UUID]]]


def record_in_turns(reports: Sequence[Report], record_turn: Turn, *, is_lookup: bool) -> RecordedHere:
    """Record reports, of an order those about one item at a time, so that each sees what others left."""
    # By item, so that neighbours in the indexes come one after the other; reports of one item stay in their order.
    waiting = sorted(reports, key=lambda report: report.item_id.int)
    found: dict[int, Recorded] = {}
    over: set[UUID] = set()
    may_break = False
    while waiting:
        rows, over_elsewhere = record_turn(waiting)
        found |= {
            waiting[row.position - 1].place: Recorded(row.order_id, row.job_id, row.outcome, is_lookup)
            for row in rows
            if row.outcome is not None
        }
        over |= {job_id for row in rows for job_id in row.jobs_with_wave_over or ()} | over_elsewhere
        may_break = may_break or any(row.may_break_row for row in rows)
        waiting = [waiting[place - 1] for place in sorted(row.position for row in rows if row.outcome is None)]
    return RecordedHere(found, over, may_break)


def columns_of(reports: Sequence[Report]) -> dict[str, object]:
    """Return reports as one list a column; a column of nulls alone is an empty one, which unnest() fills up."""
    columns = {name: [getattr(report, member) for report in reports] for name, member in _COLUMNS.items()}
    ids = {"item_ids": uuid_array(report.item_id for report in reports)}
    return ids | {
        name: values if any(value is not None for value in values) else [] for name, values in columns.items()
    }


_COLUMNS = {
    "job_ids": "job_id",
    "dispatches": "dispatch",
    "statuses": "status",
    "tracking_numbers": "tracking_number",
    "validated_cities": "validated_city",
    "values_sent": "value_sent",
    "error_types": "error_type",
    "error_messages": "error_message",
    "found": "guide_found",
    "places": "place",
}
