"""Ship a batch, order by order: fill in the portal's form, save it, read the popup, report."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from local.robot.faults import NOTHING_MADE
from local.robot.form import FormProblem, fill_in
from local.robot.hand_over import HandOver
from local.robot.ledger import Shipment
from local.robot.reports import failed, shipped
from local.robot.sayings import EXCEPTIONS, IN_WORK, NO_ANSWER, POPUPS, REFUSALS
from local.robot.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from local.robot.desk import Desk
    from local.robot.faults import OrderFault
    from local.robot.form import Form
    from local.robot.hand_over import HandedOrder
    from local.robot.life import Life
    from local.robot.reports import ErrorType, Report

#: What the robot believes to have gone wrong, whether or not the form was saved.
_WORDS: Final[dict[OrderFault | None, Sequence[str]]] = {
    "refusal": REFUSALS,
    "no_answer": (NO_ANSWER,),
    "answer_lost": (NO_ANSWER,),
    "number_slip": (NO_ANSWER,),
    "popup": POPUPS,
    "exception_before": EXCEPTIONS,
    "exception_after": EXCEPTIONS,
}


class BatchWork(Work[HandOver]):
    """A batch at work."""

    def __init__(self, task: HandOver, life: Life, desk: Desk, crash: Callable[[], None]) -> None:
        super().__init__(task, life, desk, crash)
        #: The robot counts the portal's numbers itself. What it lost sight of it did not count, so the next one that it
        #: ships has this number for it, where the popup does not tell another.
        self._slipped: str | None = None

    def _work_through(self) -> None:
        for order in self._task.orders:
            fault, is_forced = self._fault_of(order)
            if fault == "in_work" or not self._life.take_order(order.order_id):
                self._mail.send(failed(order.item_id, "validation", IN_WORK), "in_work")
                continue
            try:
                time.sleep(self._settings.seconds_per_order)
                with self._life.unbroken() as goes_on:
                    if not goes_on:
                        return
                    report = self._ship(order, fault, is_forced=is_forced)
                if not self._report(report, fault):
                    return
            finally:
                self._life.put_order_back(order.order_id)

    def _ship(self, order: HandedOrder, fault: OrderFault | None, *, is_forced: bool) -> Report:
        behaviour, workspace_id = self._desk.behaviour, self._task.workspace_id
        form = fill_in(order.pedido_input, self._settings, behaviour.chance_of(workspace_id))
        if fault in NOTHING_MADE:
            return self._failure(order, fault, is_forced=is_forced)
        if isinstance(form, FormProblem):
            return failed(order.item_id, form.error_type, form.message)
        number = self._save(order, form)
        if fault in _WORDS:
            self._desk.journal.note_unknown_to_robot(number)
            slips = not is_forced and behaviour.meets(self._settings.faults.number_slip_rate)
            if fault == "number_slip" or (fault == "answer_lost" and slips):
                self._slipped = number
            return self._failure(order, fault, is_forced=is_forced)
        if fault == "fatal":
            self._desk.journal.note_unknown_to_robot(number)
        if self._slipped is not None:
            self._desk.journal.note_unknown_to_robot(number)
            number, self._slipped = self._slipped, None
        return shipped(order.item_id, number)

    def _save(self, order: HandedOrder, form: Form) -> str:
        pedido = self._desk.portal.save(self._task.workspace_id, form)
        self._desk.ledger.enter(
            Shipment(
                workspace_id=self._task.workspace_id,
                job_id=self._task.job_id,
                item_id=order.item_id,
                order_id=order.order_id,
                tracking_number=pedido.numero,
                created_at=pedido.created_at,
            )
        )
        return pedido.numero

    def _failure(self, order: HandedOrder, fault: OrderFault | None, *, is_forced: bool) -> Report:
        behaviour, words = self._desk.behaviour, _WORDS[fault]
        error_type: ErrorType = "portal"
        if fault in {"exception_before", "exception_after"}:
            error_type = "portal" if behaviour.meets(self._settings.faults.exception_caught_rate) else "unknown"
        return failed(order.item_id, error_type, words[0] if is_forced else behaviour.one_of(words))
