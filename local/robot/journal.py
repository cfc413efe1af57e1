"""What the robot was asked and what it reported, with each answer; kept while it runs, for checks."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from local.robot.ledger import Shipment

#: accepted; remembered (a jobId that it has worked on before); refused for now.
Taken = Literal["accepted", "remembered", "refused"]
_ACKNOWLEDGED = 202


@dataclass(frozen=True)
class AskedFor:
    """One POST of a batch: what became of it, the fault that it met, and when (seconds since 1970)."""

    job_id: str
    workspace_id: str
    taken: Taken
    fault: str | None
    at: float


@dataclass(frozen=True)
class Reported:
    """One report: the HTTP status that answered it (None: no answer), the fault it was part of, and when."""

    job_id: str
    item_id: str
    tracking_number: str | None
    answer: int | None
    fault: str | None
    at: float


class Journal:
    """Hand-overs and reports in their order; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[AskedFor] = []
        self._reported: list[Reported] = []
        self._crashes: list[tuple[str, float]] = []

    def note_asked(self, asked: AskedFor) -> None:
        """Write a hand-over down."""
        with self._lock:
            self._asked.append(asked)

    def note_reported(self, reported: Reported) -> None:
        """Write a report down."""
        with self._lock:
            self._reported.append(reported)

    def note_crash(self, job_id: str, at: float) -> None:
        """Write down that the robot crashed while it worked on this batch."""
        with self._lock:
            self._crashes.append((job_id, at))

    def unacknowledged(self, shipments: list[Shipment]) -> list[Shipment]:
        """The shipments whose number nobody has confirmed to have received."""
        with self._lock:
            known = {made.tracking_number for made in self._reported if made.answer == _ACKNOWLEDGED}
        return [made for made in shipments if made.tracking_number not in known]

    def as_json(self) -> dict[str, object]:
        """All of it, as `GET /journal` answers it."""
        with self._lock:
            return {
                "asked": [asdict(asked) for asked in self._asked],
                "reported": [asdict(reported) for reported in self._reported],
                "crashes": [{"job_id": job_id, "at": at} for job_id, at in self._crashes],
            }
