"""The rules of robot jobs once more, in plain Python, to hold the program against."""

from dataclasses import dataclass, field
from uuid import UUID

OPEN = ("pending", "processing")
ENDED = ("completed", "failed")
RUNNING = ("claimed", "accepted", "unknown")


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
    outcomes: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it waits for a report."""
        return self.status in OPEN

    def close(self, status: str, error_type: str | None = None) -> None:
        """End it."""
        self.status, self.error_type = status, error_type

    def report(self, report: Report) -> str:
        """Take a report and return its outcome."""
        outcome = self._judge(report)
        if outcome == "recorded":
            self.close(report.status, None if report.status == "success" else report.error_type)
            if report.status == "success" and report.number is not None:
                self.number = report.number
        self.outcomes.append(outcome)
        return outcome

    def _judge(self, report: Report) -> str:
        is_current = report.dispatch in {None, self.dispatch}
        if report.status == "error":
            if self.status == "success" or not is_current:
                return "stale"
            return "duplicate" if self.status == "error" else "recorded"
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

    def report(self, reports: list[Report]) -> list[str]:
        """Take a batch of reports about items of this job and return their outcomes."""
        had_open_items, successes = self.count(*OPEN) > 0, self.count("success")
        by_id = {item.id: item for item in self.items}
        outcomes = [by_id[report.item_id].report(report) for report in reports]
        self.settle(had_open_items=had_open_items)
        if self.status == "failed" and not had_open_items and self.count("success") > successes:
            self.status = "completed"
        return outcomes

    def close_items(self, error_type: str, dispatch: int | None = None, status: str | None = None) -> int:
        """Close open items as errors and return how many there were."""
        closing = self.open_items(dispatch)
        for item in closing:
            item.close("error", error_type)
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
            item.close("pending")
            item.dispatch = self.dispatch
            item.retry_count += 1
        if self.has_ended:
            self.status = "pending"
