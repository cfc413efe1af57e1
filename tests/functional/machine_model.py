"""The rules of robot jobs once more, in plain Python, to hold the program against."""

from dataclasses import dataclass, field
from uuid import UUID

OPEN = ("pending", "processing")
ENDED = ("completed", "failed")
RUNNING = ("claimed", "accepted", "unknown")
SILENCE = ("deadline", "person")


@dataclass
class Report:
    """What the robot said of an item; `dispatch` None answers the item's current one."""

    item_id: UUID
    status: str
    number: str | None = None
    error_type: str = "portal"
    dispatch: int | None = None


@dataclass
class Item:
    """One order of a job."""

    id: UUID
    order_id: UUID
    status: str = "pending"
    dispatch: int = 1
    number: str | None = None
    error_type: str | None = None
    retry_count: int = 0
    shipment: str = "none"
    holds: bool = True
    closed_by: str | None = None
    outcomes: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it waits for a report."""
        return self.status in OPEN

    @property
    def is_unsettled(self) -> bool:
        """Whether nobody knows if it was shipped."""
        return self.status == "error" and self.shipment == "possible"

    def fail(self, error_type: str, closed_by: str, *, is_none_made: bool) -> None:
        """End it as an error."""
        self.status, self.error_type, self.closed_by = "error", error_type, closed_by
        if is_none_made:
            self.shipment = "none"
        self.holds = self.holds and self.shipment == "possible"

    def prove_none(self) -> None:
        """Learn that nothing was made of what silence had closed."""
        if self.is_unsettled and self.closed_by in SILENCE:
            self.shipment, self.holds = "none", False

    def judge(self, report: Report) -> str:
        """Return what becomes of a report."""
        is_current = report.dispatch in {None, self.dispatch}
        if report.status == "error":
            if self.status == "success" or not is_current:
                return "stale"
            is_proof = self.is_unsettled and self.closed_by in SILENCE
            return "duplicate" if self.status == "error" and not is_proof else "recorded"
        if self.status != "success":
            return "recorded"
        if report.number in {None, self.number}:
            return "duplicate"
        return "recorded" if self.number is None else "conflict"


@dataclass
class Dispatch:
    """One hand-over; `refused_as` is why the robot did not take it for now."""

    number: int
    status: str = "waiting"
    attempts: int = 0
    refused_as: str | None = None


@dataclass
class Job:
    """A batch."""

    id: UUID
    items: list[Item]
    status: str = "pending"
    dispatches: list[Dispatch] = field(default_factory=lambda: [Dispatch(1)])
    #: What robot/job.completed said at each end: status, dispatch, successes, errors.
    ends: list[tuple[str, int, int, int]] = field(default_factory=list)

    @property
    def dispatch(self) -> int:
        """The number of the latest hand-over."""
        return len(self.dispatches)

    @property
    def has_ended(self) -> bool:
        """Whether it is completed or failed."""
        return self.status in ENDED

    def count(self, *statuses: str) -> int:
        """How many items have one of these statuses."""
        return sum(item.status in statuses for item in self.items)

    def open_items(self, dispatch: int | None = None) -> list[Item]:
        """The items that wait, of a dispatch or of all."""
        return [item for item in self.items if item.is_open and dispatch in {None, item.dispatch}]

    def settle(self, *, had_open_items: bool, status: str | None = None) -> None:
        """End when nothing is open any more; a late success turns failed into completed."""
        if self.count(*OPEN):
            return
        by_result = "completed" if self.count("success") else "failed"
        if had_open_items:
            self.status = status or by_result
            self.ends.append((self.status, self.dispatch, self.count("success"), self.count("error")))

    def count_reports(self, *, had_open_items: bool, successes: int) -> None:
        """Take what was recorded of its items into account."""
        self.settle(had_open_items=had_open_items)
        if self.status == "failed" and not had_open_items and self.count("success") > successes:
            self.status = "completed"

    def close_items(
        self, error_type: str, dispatch: int | None = None, status: str | None = None, closed_by: str = "system"
    ) -> int:
        """Close open items as errors and return how many there were; the system closes what nothing was made of."""
        closing = self.open_items(dispatch)
        for item in closing:
            item.fail(error_type, closed_by, is_none_made=closed_by == "system")
        self.settle(had_open_items=bool(closing), status=status)
        return len(closing)

    def begin(self, dispatch: int, status: str) -> None:
        """The robot has the hand-over, or may have it."""
        self.dispatches[dispatch - 1].status = status
        for item in self.open_items(dispatch):
            item.status = "processing"
        if self.status == "pending":
            self.status = "processing"

    def retry(self, items: list[Item]) -> None:
        """Put failed items back, under the next dispatch."""
        self.dispatches.append(Dispatch(self.dispatch + 1))
        for item in items:
            item.status, item.error_type, item.closed_by = "pending", None, None
            item.shipment, item.holds = "none", True
            item.dispatch = self.dispatch
            item.retry_count += 1
        if self.has_ended:
            self.status = "pending"
