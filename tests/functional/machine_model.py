"""The rules of robot jobs once more, in plain Python, to hold the program against."""

import re
from dataclasses import dataclass, field
from uuid import UUID

OPEN = ("pending", "processing")
ENDED = ("completed", "failed")
WITH_ROBOT = ("claimed", "accepted")
OUT = (*WITH_ROBOT, "unknown")
SILENCE = ("deadline", "person", "restart")
#: Errors that prove that nothing was made.
SURE = ("validation", "portal")
#: For so many hours a robot may refuse, for one reason and in all.
PATIENCE_H = {"busy": 24, "unreachable": 1}
PATIENCE_IN_ALL_H = 24


@dataclass
class Report:
    """What the robot said of an item; `dispatch` None answers the item's current one."""

    item_id: UUID
    status: str
    number: str | None = None
    error_type: str = "portal"
    words: str | None = None
    dispatch: int | None = None


@dataclass
class Item:
    """One order of a job; in no wave (`dispatch` None) it is in line."""

    id: UUID
    order_id: UUID
    dispatch: int | None = None
    status: str = "pending"
    number: str | None = None
    error_type: str | None = None
    retry_count: int = 0
    #: Which of the job's retries was the item's last.
    retried_in: int = 0
    shipment: str = "none"
    holds: bool = True
    closed_by: str | None = None
    outcomes: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it waits for a report."""
        return self.status in OPEN

    @property
    def is_unsent(self) -> bool:
        """Whether it waits, and no robot has it."""
        return self.is_open and self.shipment == "none"

    @property
    def is_unsettled(self) -> bool:
        """Whether nobody knows if it was shipped."""
        return self.status == "error" and self.shipment == "possible"

    def fail(self, error_type: str, closed_by: str, *, shipment: str | None = None) -> None:
        """End it as an error; of its shipment the same is known as before, or what is given."""
        self.status, self.error_type, self.closed_by = "error", error_type, closed_by
        self.shipment = shipment or self.shipment
        self.holds = self.holds and self.shipment == "possible"

    def prove_none(self) -> None:
        """Learn that nothing was made of what silence had closed."""
        if self.is_unsettled and self.closed_by in SILENCE:
            self.shipment, self.holds = "none", False

    def judge(self, report: Report) -> str:
        """Return what becomes of a report."""
        is_current = report.dispatch is None or report.dispatch == self.dispatch
        if report.status == "error":
            if self.status == "success" or not is_current:
                return "stale"
            is_proof = self.is_unsettled and self.closed_by in SILENCE and report.error_type in SURE
            return "duplicate" if self.status == "error" and not is_proof else "recorded"
        if self.status != "success":
            return "recorded"
        if report.number in {None, self.number}:
            return "duplicate"
        return "recorded" if self.number is None else "conflict"


@dataclass
class Wave:
    """What of a job goes to the robot at once."""

    number: int
    #: Items that it was made for, or that were sent.
    size: int
    status: str = "waiting"
    attempts: int = 0
    #: While it waits: whether its turn has come, and was told.
    is_called: bool = False
    #: It was refused, and its next try lies ahead.
    is_scheduled: bool = False
    #: Why the robot does not take it, and the hours of that in which it was its turn, for this reason and in all.
    refused_as: str | None = None
    refused_h: float = 0
    refused_in_all_h: float = 0

    def refuse(self, reason: str) -> bool:
        """Go back to waiting; whether the robot's refusals have lasted too long by now."""
        self.refused_h = self.refused_h if self.refused_as == reason else 0
        self.refused_as = reason
        return self.refused_h >= PATIENCE_H[reason] or self.refused_in_all_h >= PATIENCE_IN_ALL_H


@dataclass
class Job:
    """A batch, handed over wave by wave."""

    id: UUID
    items: list[Item]
    wave_size: int
    carrier: str = "coordinadora"
    priority: str = "normal"
    status: str = "pending"
    #: The number of its latest wave.
    dispatch: int = 0
    waves: list[Wave] = field(default_factory=list)
    #: Who paused it, and with which words.
    paused: tuple[str, str | None] | None = None
    #: How many errors came one after the other, and what they all say.
    row: tuple[int, str | None] = (0, None)
    retries: int = 0
    #: What robot/job.completed said at each end: status, dispatch, successes, errors.
    ends: list[tuple[str, int, int, int]] = field(default_factory=list)
    #: What robot/job.paused said: reason, message, dispatch.
    pauses: list[tuple[str, str | None, int]] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        """Whether it is completed or failed."""
        return self.status in ENDED

    @property
    def open_wave(self) -> Wave | None:
        """The one that waits or is out."""
        still_open = [wave for wave in self.waves if wave.status != "closed"]
        assert len(still_open) <= 1
        return still_open[0] if still_open else None

    def count(self, *statuses: str) -> int:
        """How many items have one of these statuses."""
        return sum(item.status in statuses for item in self.items)

    def open_items(self, dispatch: int | None = None) -> list[Item]:
        """The items that wait, of a wave or of all."""
        return [item for item in self.items if item.is_open and dispatch in {None, item.dispatch}]

    def settle(self, *, had_open_items: bool, status: str | None = None) -> None:
        """End when nothing is open any more."""
        if self.count(*OPEN) or not had_open_items:
            return
        self.status = status or ("completed" if self.count("success") else "failed")
        self.paused = None
        assert all(dispatch != self.dispatch for _, dispatch, _, _ in self.ends), "two ends that can't be told apart"
        self.ends.append((self.status, self.dispatch, self.count("success"), self.count("error")))

    def count_reports(self, *, had_open_items: bool, successes: int) -> None:
        """Take what was recorded of its items into account: a late success turns failed into completed."""
        self.settle(had_open_items=had_open_items)
        if self.status == "failed" and not had_open_items and self.count("success") > successes:
            self.status = "completed"

    def close_items(
        self,
        items: list[Item],
        error_type: str,
        closed_by: str = "system",
        shipment: str | None = None,
        status: str | None = None,
    ) -> None:
        """Close open items as errors."""
        for item in items:
            item.fail(error_type, closed_by, shipment=shipment)
        self.settle(had_open_items=bool(items), status=status)

    def begin(self, wave: Wave, status: str) -> None:
        """The robot has the wave, or may have it."""
        wave.status = status
        for item in self.open_items(wave.number):
            item.status = "processing"
        if self.status == "pending":
            self.status = "processing"

    def retry(self, items: list[Item]) -> None:
        """Put failed items back, in line; another end has another number than the one before."""
        self.retries += 1
        for item in items:
            item.status, item.error_type, item.closed_by, item.dispatch = "pending", None, None, None
            item.shipment, item.holds = "none", True
            item.retry_count += 1
            item.retried_in = self.retries
        if self.has_ended:
            self.status = "pending"
            self.dispatch += self.open_wave is not None

    def close_wave(self) -> None:
        """Close the wave of which nothing is open any more, but for one whose call is under way."""
        wave = self.open_wave
        if wave is not None and wave.status != "claimed" and not self.open_items(wave.number):
            wave.status = "closed"

    def make_wave(self) -> Wave | None:
        """Make the next wave, where there is none and items are in line: never sent ones first, then by retry."""
        in_line = [item for item in self.items if item.is_open and item.dispatch is None]
        if self.open_wave is not None or not in_line:
            return None
        chosen = sorted(in_line, key=lambda item: (item.retried_in, item.id))[: self.wave_size]
        self.dispatch += 1
        for item in chosen:
            item.dispatch = self.dispatch
        wave = Wave(self.dispatch, len(chosen))
        self.waves.append(wave)
        return wave

    def pause(self, reason: str, words: str | None = None) -> None:
        """Start no further wave."""
        self.paused = reason, words
        self.pauses.append((reason, words, self.dispatch))

    def follow(self, reports: list[Report], stop_after: int) -> None:
        """Count the errors in a row of what was recorded: so many with the same words pause the job."""
        words: str | None = None
        for report in reports:
            if report.status == "success":
                self.row = 0, None
            elif report.error_type != "validation":
                said = re.sub(r"\d+", "", report.words or "").strip()
                length, before = self.row
                self.row = (length + 1 if said == before else 1), said
                if stop_after and self.row[0] >= stop_after and any(item.is_unsent for item in self.items):
                    words = report.words or ""
        if words is not None and self.paused is None:
            self.pause("errors", words or None)
