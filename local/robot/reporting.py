"""How the robot reports: each order once, whatever the answer."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

import httpx

from local.robot.journal import Reported

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.robot.faults import OrderFault
    from local.robot.hand_over import Task
    from local.robot.journal import Journal
    from local.robot.reports import Report

CALLBACK_TIMEOUT_S = 10

logger = logging.getLogger("robot")


class Reporter:
    """Sends reports and writes down what was answered."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._on_their_way = 0
        # A new connection for every report: a report on one that was closed meanwhile would be lost. The
        # environment's proxies are not for a stack that runs beside the robot.
        self._http = httpx.Client(
            timeout=CALLBACK_TIMEOUT_S,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=False,
        )

    @property
    def on_their_way(self) -> int:
        """How many late reports are still to be sent."""
        with self._lock:
            return self._on_their_way

    def send(
        self, task: Task, report: Report, fault: str | None = None, *, order_fault: OrderFault | None = None
    ) -> None:
        """Report one order now; the robot does not care what is answered, or whether anything is."""
        headers = {"X-Callback-Secret": task.callback_secret}
        item_id, number = str(report["itemId"]), report.get("trackingNumber")
        status = None
        try:
            status = self._http.post(str(task.callback_url), json=report, headers=headers).status_code
        except httpx.HTTPError as error:
            logger.warning("item %s: report not delivered: %s", item_id, type(error).__name__)
        self._journal.note_reported(
            Reported(
                job_id=task.job_id,
                item_id=item_id,
                tracking_number=None if number is None else str(number),
                answer=status,
                fault=fault,
                order_fault=order_fault,
                at=time.time(),
            )
        )

    def send_later(self, send: Callable[[], None], *, delay_s: float, is_wanted: Callable[[], bool]) -> None:
        """Send after a while, without holding up the next; not if nobody wants it then."""
        with self._lock:
            self._on_their_way += 1
        timer = threading.Timer(delay_s, self._send_late, args=(send, is_wanted))
        timer.daemon = True
        timer.start()

    def _send_late(self, send: Callable[[], None], is_wanted: Callable[[], bool]) -> None:
        try:
            if is_wanted():
                send()
        finally:
            with self._lock:
                self._on_their_way -= 1
