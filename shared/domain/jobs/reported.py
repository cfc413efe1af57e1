"""A report as it is recorded: checked, with what its item's job asks for, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from shared.words import ErrorType, Outcome, ReportStatus


@dataclass(frozen=True)
class Report:
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
    is_lookup: bool = False


class RecordedHere(NamedTuple):
    """What became of reports by their place, jobs of which a wave may be over, and whether a row of errors may end."""

    found: dict[int, Recorded]
    over: set[UUID]
    may_break_row: bool


def columns_of(reports: Sequence[Report]) -> dict[str, list[object]]:
    """Return reports as one list a column; a column of nulls alone is an empty one, which unnest() fills up."""
    columns = {name: [getattr(report, member) for report in reports] for name, member in _COLUMNS.items()}
    return {name: values if any(value is not None for value in values) else [] for name, values in columns.items()}


_COLUMNS = {
    "item_ids": "item_id",
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
