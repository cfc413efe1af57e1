"""The robot itself: one batch a workspace at a time, order by order, one report each."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeVar

from local.robot.faults import REFUSALS
from local.robot.journal import AskedFor, Journal
from local.robot.portal import find_problem
from local.robot.reporting import Reporter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.robot.faults import Faults
    from local.robot.hand_over import HandedOrder, HandOver
    from local.robot.journal import Taken
    from local.robot.ledger import Ledger, Shipment
    from local.robot.settings import Settings, SettingsChange

T = TypeVar("T")

logger = logging.getLogger("robot")


@dataclass(frozen=True)
class Answer:
    """An HTTP status and the JSON object that goes with it."""

    status: int
    body: dict[str, object]


class Robot:
    """Ships what it is handed; remembers, as long as it runs, every jobId that it has accepted."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self.ledger = ledger
        self.journal = Journal()
        self._reporter = Reporter(self.journal)
        self._lock = threading.Lock()
        self._settings = settings
        self._settings_of: dict[str, Settings] = {}
        self._chance_of: dict[str, Random] = {}
        self._fault_chance = Random(settings.seed)  # noqa: S311 - simulated luck
        self._seen_jobs: set[str] = set()
        self._busy_workspaces: set[str] = set()
        #: A crash ends a life; what was begun in it is not gone on with.
        self._life = 0
        self._batches: dict[str, HandOver] = {}

    def accept(self, batch: HandOver) -> Answer:
        """Start on a batch: 200, also for a jobId seen before; 409 while another of its workspace runs."""
        faults = self._settings_for(batch.workspace_id)[0].faults
        if self._meets(faults.refuse_rate):
            status = self._one_of(REFUSALS)
            self._note(batch, "refused", "refuse")
            return Answer(status, {"success": False, "message": "not now"})
        with self._lock:
            if batch.job_id in self._seen_jobs:
                self._note(batch, "remembered", None)
                return _accepted(batch, "this job was received before")
            if batch.workspace_id in self._busy_workspaces:
                self._note(batch, "refused", None)
                return Answer(409, {"success": False, "message": "busy with another batch of this workspace"})
            self._seen_jobs.add(batch.job_id)
            self._busy_workspaces.add(batch.workspace_id)
            self._batches[batch.job_id] = batch
            life = self._life
        logger.info("job %s: %d orders", batch.job_id, len(batch.orders))
        threading.Thread(target=self._work, args=(batch, life), daemon=True).start()
        return self._answer_accepted(batch, faults)

    @property
    def is_idle(self) -> bool:
        """Whether no batch is worked on and no report waits to be sent."""
        with self._lock:
            return not self._busy_workspaces and self._reporter.on_their_way == 0

    def resend(self) -> int:
        """Report again each shipment whose report nobody has confirmed, as its operator would by hand; how many."""
        # Batches of an earlier process are not known any more.
        known = [made for made in self.ledger.shipments() if made.job_id in self._batches]
        forgotten = self.journal.unacknowledged(known)
        for made in forgotten:
            self._reporter.send(self._batches[made.job_id], _success(made), "resend")
        return len(forgotten)

    def change_settings(self, change: SettingsChange) -> Settings:
        """Change how the robot behaves from its next order on; a seed starts its sequence anew."""
        with self._lock:
            workspace_id = change.workspace_id
            if workspace_id is None:
                self._settings = changed = change.applied_to(self._settings)
                self._settings_of.clear()
            else:
                changed = change.applied_to(self._settings_of.get(workspace_id, self._settings))
                self._settings_of[workspace_id] = changed
            if "seed" in change.model_fields_set:
                if workspace_id is None:
                    self._chance_of.clear()
                    self._fault_chance.seed(changed.seed)
                else:
                    self._chance_of.pop(workspace_id, None)
        return changed

    def _work(self, batch: HandOver, life: int) -> None:
        held: list[dict[str, str]] = []
        try:
            for order in batch.orders:
                settings = self._settings_for(batch.workspace_id)[0]
                time.sleep(settings.seconds_per_order)
                if life != self._life:
                    return
                report = self._ship(batch, order)
                if self._meets(settings.faults.crash_rate):
                    self._crash(batch)
                    return
                self._report(batch, report, held, life)
            for report in held:
                self._reporter.send(batch, report, "reorder")
        finally:
            with self._lock:
                if life == self._life:
                    self._busy_workspaces.discard(batch.workspace_id)
            logger.info("job %s: done", batch.job_id)

    def _crash(self, batch: HandOver) -> None:
        """Forget everything but the ledger and the journal, which others keep; go on as if started anew."""
        with self._lock:
            self._life += 1
            self._seen_jobs.clear()
            self._busy_workspaces.clear()
        self.journal.note_crash(batch.job_id, time.time())

    def _ship(self, batch: HandOver, order: HandedOrder) -> dict[str, str]:
        settings, chance = self._settings_for(batch.workspace_id)
        problem = find_problem(order.pedido_input, settings, chance)
        if problem is not None:
            return {
                "itemId": order.item_id,
                "status": "error",
                "errorType": problem.error_type,
                "errorMessage": problem.message,
            }
        shipment = self.ledger.ship(
            workspace_id=batch.workspace_id,
            job_id=batch.job_id,
            item_id=order.item_id,
            order_id=order.order_id,
        )
        return _success(shipment)

    def _report(self, batch: HandOver, report: dict[str, str], held: list[dict[str, str]], life: int) -> None:
        faults = self._settings_for(batch.workspace_id)[0].faults
        if self._meets(faults.foreign_rate):
            stranger = self._item_of_another_job(batch)
            if stranger is not None:
                made_up = {"itemId": stranger, "status": "success", "trackingNumber": f"foreign {batch.job_id}"}
                self._reporter.send(batch, made_up, "foreign")
        if self._meets(faults.reorder_rate):
            held.insert(0, report)
        elif self._meets(faults.late_rate):
            self._reporter.send_later(
                batch, report, delay_s=faults.late_seconds, fault="late", is_wanted=lambda: life == self._life
            )
        else:
            self._reporter.send(batch, report)
            if self._meets(faults.repeat_rate):
                self._reporter.send(batch, report, "repeat")

    def _item_of_another_job(self, batch: HandOver) -> str | None:
        with self._lock:
            others = [other for other in self._batches.values() if other.job_id != batch.job_id]
        if not others:
            return None
        return self._one_of([order.item_id for order in self._one_of(others).orders])

    def _answer_accepted(self, batch: HandOver, faults: Faults) -> Answer:
        if self._meets(faults.fail_after_accept_rate):
            self._note(batch, "accepted", "fail_after_accept")
            return Answer(500, {"success": False, "message": "Internal Server Error"})
        hangs = self._meets(faults.hang_rate)
        self._note(batch, "accepted", "hang" if hangs else None)
        if hangs:
            time.sleep(faults.hang_seconds)
        return _accepted(batch, f"{len(batch.orders)} orders received")

    def _note(self, batch: HandOver, taken: Taken, fault: str | None) -> None:
        self.journal.note_asked(AskedFor(batch.job_id, batch.workspace_id, taken, fault, time.time()))

    def _meets(self, rate: float) -> bool:
        # Nothing is drawn where nothing can happen.
        return rate > 0 and self._fault_chance.random() < rate

    def _one_of(self, choices: Sequence[T]) -> T:
        return self._fault_chance.choice(choices)

    def _settings_for(self, workspace_id: str) -> tuple[Settings, Random]:
        with self._lock:
            settings = self._settings_of.get(workspace_id, self._settings)
            # Simulated luck, repeatable by its seed; no secret depends on it.
            chance = self._chance_of.setdefault(workspace_id, Random(settings.seed))  # noqa: S311
        return settings, chance


def _accepted(batch: HandOver, message: str) -> Answer:
    return Answer(200, {"success": True, "jobId": batch.job_id, "message": message})


def _success(made: Shipment) -> dict[str, str]:
    return {"itemId": made.item_id, "status": "success", "trackingNumber": made.tracking_number}
