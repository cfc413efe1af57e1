"""How a hand-over is worked through: log in, then one entry after the other; what shipping and looking up share."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from local.robot.faults import LOOKUP_FAULTS, ORDER_FAULTS
from local.robot.hand_over import Task
from local.robot.mail import Mail
from local.robot.reports import failed
from local.robot.sayings import FATAL, LOGIN_FAILED

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.robot.desk import Desk
    from local.robot.faults import OrderFault
    from local.robot.hand_over import Entry
    from local.robot.life import Life
    from local.robot.reports import Report
    from local.robot.settings import Settings

K = TypeVar("K", bound=Task)

logger = logging.getLogger("robot")


class Work(ABC, Generic[K]):
    """One hand-over at work, in a thread of its own."""

    def __init__(self, task: K, life: Life, desk: Desk, crash: Callable[[], None]) -> None:
        self._task = task
        self._life = life
        self._desk = desk
        self._crash = crash
        self._mail = Mail(task, life, desk)

    def run(self) -> None:
        """Work through all of it, unless the robot restarts meanwhile."""
        try:
            if self._log_in():
                self._work_through()
            self._mail.send_held()
        finally:
            self._life.leave(self._task)
            logger.info("job %s: done", self._task.job_id)

    @property
    def _settings(self) -> Settings:
        return self._desk.behaviour.of(self._task.workspace_id)

    def _log_in(self) -> bool:
        settings = self._settings
        time.sleep(settings.seconds_per_login)
        is_wrong = settings.portal_password not in (None, self._task.credentials.password)
        if not is_wrong and not self._desk.behaviour.meets(settings.faults.login_failed_rate):
            return True
        for entry in self._task.entries:
            self._mail.send(failed(entry.item_id, "portal", LOGIN_FAILED))
        return False

    @abstractmethod
    def _work_through(self) -> None: ...

    def _fault_of(self, entry: Entry) -> tuple[OrderFault | None, bool]:
        among = ORDER_FAULTS if self._task.kind == "shipment" else LOOKUP_FAULTS
        return self._desk.behaviour.fault_of(self._task.workspace_id, entry.names, among)

    def _report(self, report: Report, fault: OrderFault | None) -> bool:
        """Report one entry; False where it was the last to be worked on, whatever comes after it."""
        if fault == "crash":
            self._crash()
            return False
        if fault == "fatal":
            for entry in self._task.entries:
                self._mail.send(failed(entry.item_id, "unknown", FATAL[self._task.kind]), fault)
            return False
        if fault != "unreported":
            self._mail.send(report, fault)
        return True
