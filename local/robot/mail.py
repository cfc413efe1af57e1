"""The reports of one hand-over on their way: as they should go, or twice, late, out of order, beside made-up ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from local.robot.reports import shipped

if TYPE_CHECKING:
    from local.robot.desk import Desk
    from local.robot.faults import OrderFault
    from local.robot.hand_over import Task
    from local.robot.life import Life
    from local.robot.reports import Report


class Mail:
    """Sends a hand-over's reports; none after the robot's life has ended."""

    def __init__(self, task: Task, life: Life, desk: Desk) -> None:
        self._task = task
        self._life = life
        self._desk = desk
        self._held: list[tuple[Report, OrderFault | None]] = []

    def send(self, report: Report, order_fault: OrderFault | None = None) -> None:
        """Send one report, whatever may happen to it."""
        behaviour, send = self._desk.behaviour, self._desk.reporter.send
        if self._life.is_over:
            return
        faults = behaviour.of(self._task.workspace_id).faults
        if behaviour.meets(faults.foreign_rate):
            self._make_one_up()
        if order_fault != "late" and behaviour.meets(faults.reorder_rate):
            self._held.insert(0, (report, order_fault))
        elif order_fault == "late" or behaviour.meets(faults.late_rate):
            self._desk.reporter.send_later(
                partial(send, self._task, report, "late", order_fault=order_fault),
                delay_s=faults.late_seconds,
                is_wanted=lambda: not self._life.is_over,
            )
        else:
            send(self._task, report, order_fault=order_fault)
            if behaviour.meets(faults.repeat_rate):
                send(self._task, report, "repeat", order_fault=order_fault)

    def send_held(self) -> None:
        """Send what was held back, the latest first."""
        for report, order_fault in self._held:
            if not self._life.is_over:
                self._desk.reporter.send(self._task, report, "reorder", order_fault=order_fault)

    def _make_one_up(self) -> None:
        others = self._desk.journal.tasks_but(self._task.job_id)
        if others:
            stranger = self._desk.behaviour.one_of(self._desk.behaviour.one_of(others).entries)
            made_up = shipped(stranger.item_id, f"foreign {self._task.job_id}")
            self._desk.reporter.send(self._task, made_up, "foreign")
