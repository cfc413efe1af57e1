"""What the robot was asked and what it reported, with each answer; kept while it runs, for checks."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from local.robot.hand_over import Task
    from local.robot.ledger import Shipment
    from shared.words import JobKind

#: accepted; remembered (a jobId that it has worked on before); refused for now.
Taken = Literal["accepted", "remembered", "refused"]
_ACKNOWLEDGED = 202


@dataclass(frozen=True)
class AskedFor:
    """One POST of a hand-over: what became of it, the fault that it met, and when (seconds since 1970)."""

    job_id: str
    workspace_id: str
    taken: Taken
    fault: str | None
    at: float
    kind: JobKind


@dataclass(frozen=True)
class Reported:
    """One report: the HTTP status that answered it (None: no answer), the fault it was part of, and when."""

    job_id: str
    item_id: str
    tracking_number: str | None
    answer: int | None
    #: What happened to the report on its way.
    fault: str | None
    #: What the order had met.
    order_fault: str | None
    at: float


class Journal:
    """Hand-overs and reports in their order; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._asked: list[AskedFor] = []
        self._reported: list[Reported] = []
        self._crashes: list[tuple[str, float]] = []
        self._restarts: list[float] = []
        self._unknown_to_robot: list[str] = []

    def note_asked(self, asked: AskedFor) -> None:
        """Write a hand-over down."""
        with self._lock:
            self._asked.append(asked)

    def note_task(self, task: Task) -> None:
        """Keep a hand-over that is worked on, as the robot's operator would."""
        with self._lock:
            self._tasks[task.job_id] = task

    def note_reported(self, reported: Reported) -> None:
        """Write a report down."""
        with self._lock:
            self._reported.append(reported)

    def note_restart(self, died: list[Task], at: float) -> None:
        """Write down that the robot restarted while it worked on these."""
        with self._lock:
            self._restarts.append(at)
            self._crashes += [(task.job_id, at) for task in died]

    def note_unknown_to_robot(self, number: str) -> None:
        """Write down that the robot made this shipment and does not know its number."""
        with self._lock:
            self._unknown_to_robot.append(number)

    def task(self, job_id: str) -> Task | None:
        """The hand-over of this jobId."""
        with self._lock:
            return self._tasks.get(job_id)

    def tasks_but(self, job_id: str) -> list[Task]:
        """All hand-overs but that of this jobId."""
        with self._lock:
            return [task for task in self._tasks.values() if task.job_id != job_id]

    def unacknowledged(self, shipments: list[Shipment]) -> list[Shipment]:
        """The shipments whose number the robot knows and nobody has confirmed to have received."""
        with self._lock:
            settled = {made.tracking_number for made in self._reported if made.answer == _ACKNOWLEDGED}
            settled.update(self._unknown_to_robot)
        return [made for made in shipments if made.tracking_number not in settled]

    def as_json(self) -> dict[str, object]:
        """All of it, as `GET /journal` answers it."""
        with self._lock:
            return {
                "asked": [asdict(asked) for asked in self._asked],
                "reported": [asdict(reported) for reported in self._reported],
                "crashes": [{"job_id": job_id, "at": at} for job_id, at in self._crashes],
                "restarts": list(self._restarts),
                "unknown_to_robot": list(self._unknown_to_robot),
            }
