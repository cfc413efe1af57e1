"""The robot itself: it takes hand-overs, one a workspace at a time, and works on them in the background."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from local.robot.answer import Answer, refused
from local.robot.behaviour import Behaviour
from local.robot.desk import Desk
from local.robot.faults import REFUSALS
from local.robot.guides import LookupWork
from local.robot.hand_over import GuideLookup, HandOver
from local.robot.journal import AskedFor, Journal
from local.robot.life import Life
from local.robot.portal import Portal
from local.robot.reporting import Reporter
from local.robot.reports import shipped
from local.robot.sayings import BUSY
from local.robot.shipping import BatchWork

if TYPE_CHECKING:
    from local.robot.faults import Faults
    from local.robot.hand_over import Task
    from local.robot.journal import Taken
    from local.robot.ledger import Ledger
    from local.robot.portal import Pedido
    from local.robot.settings import Settings

logger = logging.getLogger("robot")


class Robot:
    """Ships what it is handed; remembers, as long as it runs, every jobId that it has accepted."""

    def __init__(self, ledger: Ledger, settings: Settings, portal: Portal | None = None) -> None:
        self.ledger = ledger
        self.portal = portal or Portal()
        self.journal = Journal()
        self.behaviour = Behaviour(settings)
        self._reporter = Reporter(self.journal)
        self._desk = Desk(self.portal, ledger, self.journal, self._reporter, self.behaviour)
        self._lock = threading.Lock()
        self._life = Life()

    @property
    def life(self) -> Life:
        """The life that the robot is in."""
        with self._lock:
            return self._life

    def accept(self, task: HandOver | GuideLookup) -> Answer:
        """Start on a hand-over: 200, also for a jobId seen before; 409 while another of its workspace runs."""
        faults = self.behaviour.of(task.workspace_id).faults
        if self.behaviour.meets(faults.refuse_rate):
            self._note(task, "refused", "refuse")
            return refused(self.behaviour.one_of(REFUSALS), "not now")
        received = f"{len(task.entries)} orders received"
        answer = Answer(200, {"success": True, "jobId": task.job_id, "message": received})
        life = self.life
        taken, known = life.begin(task, answer)
        if taken != "accepted":
            self._note(task, taken, None)
            return known or refused(409, BUSY[task.kind])
        self.journal.note_task(task)
        logger.info("job %s: %d orders", task.job_id, len(task.entries))
        self._start(task, life)
        return self._answer(task, faults, answer)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is worked on and no report waits to be sent."""
        return self.life.is_idle and self._reporter.on_their_way == 0

    def resend(self, workspace_id: str | None = None) -> int:
        """Report again each shipment whose report nobody has confirmed, as its operator would by hand; how many.

        Those of one workspace, or all. Of a shipment whose number the robot does not know, only the portal can tell.
        """
        forgotten = [
            (task, made)
            for made in self.journal.unacknowledged(self.ledger.shipments(workspace_id))
            # Hand-overs of an earlier process are not known any more.
            if (task := self.journal.task(made.job_id)) is not None
        ]
        for task, made in forgotten:
            self._reporter.send(task, shipped(made.item_id, made.tracking_number), "resend")
        return len(forgotten)

    def restart(self, away_s: float = 0, *, of: Life | None = None) -> list[str]:
        """Forget everything but what others keep, as if started anew; the jobIds of what was worked on.

        It does not answer for `away_s` seconds. Of a given life: only if that one is not over.
        """
        with self._lock:
            ended = of or self._life
            died = ended.end()
            if died is None:
                return []
            self._life = Life(away_s=away_s, uptime_speed=ended.uptime_speed)
        self.journal.note_restart(died, time.time())
        return [task.job_id for task in died]

    def shown_in_portal(self, *, workspace_id: str | None, referencia: str | None) -> list[dict[str, object]]:
        """What a person who looks into the portal reads, newest first."""
        return [self._shown(pedido) for pedido in self.portal.pedidos(workspace_id, referencia)]

    def void(self, numero: str) -> dict[str, object] | None:
        """Void a shipment at the carrier, as a person does in the portal; None where there is no such."""
        pedido = self.portal.void(numero)
        return None if pedido is None else self._shown(pedido)

    def _shown(self, pedido: Pedido) -> dict[str, object]:
        return pedido.shown(self.behaviour.of(pedido.workspace_id).guide_after_seconds)

    def _start(self, task: HandOver | GuideLookup, life: Life) -> None:
        def crash() -> None:
            self.restart(self.behaviour.of(task.workspace_id).faults.away_seconds, of=life)

        work: BatchWork | LookupWork
        if isinstance(task, HandOver):
            work = BatchWork(task, life, self._desk, crash)
        else:
            work = LookupWork(task, life, self._desk, crash)
        threading.Thread(target=work.run, daemon=True).start()

    def _answer(self, task: Task, faults: Faults, answer: Answer) -> Answer:
        if self.behaviour.meets(faults.fail_after_accept_rate):
            self._note(task, "accepted", "fail_after_accept")
            return refused(500, "Internal Server Error")
        hangs = self.behaviour.meets(faults.hang_rate)
        self._note(task, "accepted", "hang" if hangs else None)
        if hangs:
            time.sleep(faults.hang_seconds)
        return answer

    def _note(self, task: Task, taken: Taken, fault: str | None) -> None:
        self.journal.note_asked(AskedFor(task.job_id, task.workspace_id, taken, fault, time.time(), task.kind))
