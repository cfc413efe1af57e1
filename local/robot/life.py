"""What the robot has in memory alone, from one start to the next restart: locks, jobIds, uptime."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.robot.answer import Answer
    from local.robot.hand_over import Task
    from local.robot.journal import Taken
    from shared.words import JobKind


class Life:
    """One life of the robot; when it is over, nothing that was begun in it makes a shipment or a report."""

    def __init__(self, *, away_s: float = 0, uptime_speed: float = 1) -> None:
        self._lock = threading.Lock()
        self._is_over = False
        self._answers: dict[tuple[JobKind, str], Answer] = {}
        self._at_work: dict[str, Task] = {}
        self._orders: set[str] = set()
        self._back_at = time.monotonic() + away_s
        self._uptime_then, self._then = 0.0, self._back_at
        self.uptime_speed = uptime_speed

    @property
    def is_over(self) -> bool:
        """Whether the robot has restarted since."""
        return self._is_over

    @property
    def is_away(self) -> bool:
        """Whether the robot does not answer yet."""
        return time.monotonic() < self._back_at

    @property
    def uptime_s(self) -> float:
        """Seconds since the start, or whatever else the robot was told to say."""
        with self._lock:
            return self._uptime_then + (time.monotonic() - self._then) * self.uptime_speed

    def set_uptime(self, seconds: float | None, speed: float | None) -> None:
        """Go on from another uptime, or at another speed: so many seconds of it in one."""
        now = self.uptime_s
        with self._lock:
            self._uptime_then, self._then = now if seconds is None else seconds, time.monotonic()
            self.uptime_speed = self.uptime_speed if speed is None else speed

    @property
    def is_idle(self) -> bool:
        """Whether nothing is worked on."""
        with self._lock:
            return not self._at_work

    def begin(self, task: Task, answer: Answer) -> tuple[Taken, Answer | None]:
        """Remember what is answered to this jobId and take the workspace's lock; else what was answered before."""
        key = (task.kind, task.job_id)
        with self._lock:
            if key in self._answers:
                return "remembered", self._answers[key]
            if task.workspace_id in self._at_work:
                return "refused", None
            self._answers[key] = answer
            self._at_work[task.workspace_id] = task
        return "accepted", answer

    def leave(self, task: Task) -> None:
        """Give the workspace's lock back."""
        with self._lock:
            self._at_work.pop(task.workspace_id, None)

    def take_order(self, order_id: str) -> bool:
        """Take the order's lock; False where another batch, of whatever workspace, has it in work."""
        with self._lock:
            if order_id in self._orders:
                return False
            self._orders.add(order_id)
        return True

    def put_order_back(self, order_id: str) -> None:
        """Give the order's lock back."""
        with self._lock:
            self._orders.discard(order_id)

    @contextmanager
    def unbroken(self) -> Iterator[bool]:
        """A step in the middle of which the life can't end; the value says whether it had not ended before."""
        with self._lock:
            yield not self._is_over

    def end(self) -> list[Task] | None:
        """End this life, and say what dies with it; None where it was over."""
        with self._lock:
            if self._is_over:
                return None
            self._is_over = True
            return list(self._at_work.values())
