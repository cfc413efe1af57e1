"""One run: load, faults by plan, quiet, verdict."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from local.chaos.bus import Bus, BusFaults
from local.chaos.clock import Clock
from local.chaos.database import Database
from local.chaos.findings import Evidence, Finding
from local.chaos.keep import keep_evidence
from local.chaos.load import Operator
from local.chaos.parcels import judge_what_is_shown
from local.chaos.plan import BUS_FAULTS, ROBOT_FAULTS, make_plan
from local.chaos.queues import Queues
from local.chaos.recovery import recovery_times
from local.chaos.robot import GUIDE_AFTER_S, SECONDS_PER_ORDER, ask_robot, resend_reports, restart_robot, set_robot
from local.chaos.situations import count_situations
from local.chaos.soundness import made_after_over
from local.chaos.stories import STORIES, share_of
from local.chaos.verdict import judge
from local.chaos.workers import Workers
from local.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from local.chaos.plan import Fault
    from local.chaos.work import Work
    from local.stack.state import Stack

_QUIET_POLL_S = 0.5
#: Looks that must find nothing to do, one after the other: an event may be between two places.
_QUIET_LOOKS = 3
_JOIN_S = 60
_SETTLE_POLL_S = 3
_STORIES_S = 300


@dataclass
class Outcome:
    """What came of a run."""

    seed: int
    works: Sequence[Work]
    faults: Counter[str] = field(default_factory=Counter)
    recovery: dict[str, list[float]] = field(default_factory=dict)
    shipments: int = 0
    reports: int = 0
    #: Shipments whose report nobody had confirmed, and that the robot's operator reported again by hand.
    resent: int = 0
    redriven: int = 0
    failed_runs: int = 0
    quiet_after_s: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    #: How often each situation that the verdict is about came about.
    situations: dict[str, int] = field(default_factory=dict)
    #: Shipments that the robot was too slow to make in time.
    too_late: list[str] = field(default_factory=list)
    #: Where all that the findings rest on was kept.
    kept_at: Path | None = None


class Run:
    """A run on a stack that is up and that nobody else uses."""

    def __init__(  # noqa: PLR0913 - what a run is: where, and by which options
        self,
        stack: Stack,
        state: Path,
        *,
        seed: int,
        workspaces: int,
        without: str | None = None,
        stories: Sequence[str] = tuple(STORIES),
    ) -> None:
        self._stack = stack
        self._without = without
        self._seed = seed
        self._chance = Random(seed)  # noqa: S311 - repeatable on purpose
        self._folder = state / "chaos"
        self._database = Database(stack.database_url, state / "postgres")
        self._workers = Workers(stack, self._folder)
        self._queues = Queues(stack)
        self._bus = Bus(stack, Random(seed))  # noqa: S311 - the same
        self._clock = Clock(self._database, self._workers)
        self._stopped = threading.Event()
        self._is_restless = False
        self._operators = [
            Operator(
                stack,
                Random(f"{seed} {number}"),  # noqa: S311 - the same
                self._stopped,
                *share_of(stories, number, workspaces),
            )
            for number in range(workspaces)
        ]
        self._outcome = Outcome(seed, [operator.work for operator in self._operators])
        self._database_faults: list[tuple[str, float]] = []

    def run(self, seconds: float, quiet_timeout_s: float) -> Outcome:
        """Work and fail for so many seconds, wait for quiet, and say what was found.

        Raises:
            CommandError: the API refused an operator what it should not.
        """
        self._prepare()
        threading.Thread(target=self._bus.serve_forever, daemon=True).start()
        try:
            self._clock.start()
            for operator in self._operators:
                operator.start()
            try:
                self._wait_for_stories()
                self._carry_out(make_plan(self._seed, seconds), seconds)
            finally:
                self._calm_down()
            self._come_to_rest(quiet_timeout_s)
            self._clock.stop()
            self._judge()
        finally:
            self._bus.shutdown()
            self._bus.server_close()
        return self._outcome

    def _prepare(self) -> None:
        self._database.admit()
        self._database.empty()
        self._queues.prepare()
        self._workers.prepare(self._bus.url, self._without)
        set_robot(
            self._stack,
            {
                "secondsPerOrder": SECONDS_PER_ORDER,
                "guideAfterSeconds": GUIDE_AFTER_S,
                "portalErrorRate": 0.15,
                "seed": self._seed,
                "faults": {},
            },
        )

    def _wait_for_stories(self) -> None:
        """Begin with the faults when every story was told once: a run comes to each of them, and every function ran."""
        until = time.monotonic() + _STORIES_S
        while not all(operator.has_told for operator in self._operators) and time.monotonic() < until:
            time.sleep(0.2)

    def _carry_out(self, plan: Sequence[Fault], seconds: float) -> None:
        """Begin each fault when it is due, and end it."""
        start = time.monotonic()
        running: list[tuple[float, Fault]] = []
        waiting = list(plan)
        while (now := time.monotonic() - start) < seconds:
            ended = [fault for end, fault in running if end <= now]
            running = [(end, fault) for end, fault in running if end > now]
            while waiting and waiting[0].at <= now:
                fault = waiting.pop(0)
                if fault.seconds:
                    running.append((now + fault.seconds, fault))
                self._begin(fault)
            if ended or running:
                self._set_weather([fault.kind for _, fault in running])
            for fault in ended:
                if fault.kind == "database.refuse":
                    self._database.admit()
            time.sleep(0.05)

    def _begin(self, fault: Fault) -> None:
        if fault.kind == "worker.point":
            self._workers.arm(fault.function, fault.point)
        elif fault.kind == "worker.random":
            self._outcome.faults[fault.kind] += self._workers.kill_one(self._chance, time.time())
        elif fault.kind == "robot.restart":
            restart_robot(self._stack)
        elif fault.kind.startswith("database."):
            self._outcome.faults[fault.kind] += 1
            self._database_faults.append((fault.kind, time.time()))
            if fault.kind == "database.restart":
                self._database.restart()
            elif fault.kind == "database.drop":
                self._database.drop_connections()
            else:
                self._database.refuse()

    def _set_weather(self, kinds: Sequence[str]) -> None:
        """Let bus and robot have the faults that last just now, and no others."""
        bus = [BUS_FAULTS[kind] for kind in kinds if kind in BUS_FAULTS]
        self._bus.faults = bus[-1] if bus else BusFaults()
        robot: dict[str, float] = {}
        for kind in kinds:
            robot |= ROBOT_FAULTS.get(kind, {})
        set_robot(self._stack, {"faults": robot})

    def _calm_down(self) -> None:
        """End the faults, and let the operators come to an end."""
        self._workers.disarm()
        self._set_weather([])
        self._database.admit()
        self._stopped.set()
        for operator in self._operators:
            # One who can't go on is harm, and does not hide what else there is.
            try:
                operator.join(_JOIN_S)
            except CommandError as error:
                self._outcome.findings.append(Finding("stuck", str(error)))

    def _fail_once_more(self) -> None:
        """Let each operator submit once while the bus is away and all else is quiet: only the relay is left then."""
        self._bus.faults = BusFaults(refused_calls=1)
        for operator in self._operators:
            operator.ship_last()
        self._bus.faults = BusFaults()

    def _come_to_rest(self, timeout_s: float) -> None:
        """Wait for quiet; then do what people would: redrive dead letters, report again what was not confirmed.

        In between comes a last outage of the bus.
        """
        calm = time.monotonic()
        self._let_go_on()
        self._wait_for_quiet(timeout_s)
        self._outcome.quiet_after_s = time.monotonic() - calm
        self._outcome.findings += judge_what_is_shown(
            self._database, self._ledger(), self._voided(), self._outcome.works
        )
        self._settle(timeout_s)
        self._fail_once_more()
        self._wait_for_quiet(timeout_s)
        dead = self._queues.redrive_dead_letters()
        self._outcome.redriven, self._outcome.failed_runs = dead.redriven, dead.failed_runs
        self._bus.forget_refusals()
        self._outcome.resent = resend_reports(self._stack)
        self._wait_for_quiet(timeout_s)
        self._settle(timeout_s)
        again = self._queues.redrive_dead_letters()
        self._outcome.failed_runs += again.failed_runs
        letters = dead.unexplained + again.unexplained
        if again.redriven:
            letters.append(f"{again.redriven} messages that failed again after they were redriven.")
        self._outcome.findings += [Finding("stuck", f"Dead letter: {letter}") for letter in letters]

    def _let_go_on(self) -> None:
        for operator in self._operators:
            operator.let_go_on()

    def _settle(self, timeout_s: float) -> None:
        """Let the operators settle all that they can't know, as soon as each hand-over is over."""
        until = time.monotonic() + timeout_s
        while True:
            for operator in self._operators:
                operator.settle_all()
            if not self._database.rows(_ANY_UNSETTLED) or time.monotonic() > until:
                break
            time.sleep(_SETTLE_POLL_S)
        self._wait_for_quiet(timeout_s)

    def _ledger(self) -> list[dict[str, Any]]:
        workspaces = {str(operator.work.workspace) for operator in self._operators}
        made = ask_robot(self._stack, "/ledger")["shipments"]
        return [each for each in made if each["workspaceId"] in workspaces]

    def _voided(self) -> frozenset[str]:
        listed = ask_robot(self._stack, "/portal/pedidos")["pedidos"]
        return frozenset(each["numero"] for each in listed if each["estado"] == "anulado")

    def _wait_for_quiet(self, timeout_s: float) -> None:
        if self._is_restless:
            return  # once it was waited for in vain
        until = time.monotonic() + timeout_s
        looks = 0
        while looks < _QUIET_LOOKS:
            busy = self._busy()
            if busy and self._database.rows(_ANY_PAUSED):
                self._let_go_on()
            looks = 0 if busy else looks + 1
            if time.monotonic() > until:
                self._is_restless = True
                self._outcome.findings.append(Finding("stuck", f"No quiet after {timeout_s:.0f} s: {busy}."))
                return
            time.sleep(_QUIET_POLL_S)

    def _busy(self) -> str:
        """What still goes on, or nothing."""
        [(items, events, dispatches)] = self._database.rows(_OPEN)
        parts = {
            "open items": items,
            "unpublished events": events,
            "open hand-overs": dispatches,
            "messages in queues": self._queues.depth(),
            "late events": self._bus.on_their_way,
            "robot at work": 0 if ask_robot(self._stack, "/journal")["idle"] else 1,
        }
        return ", ".join(f"{count} {name}" for name, count in parts.items() if count)

    def _judge(self) -> None:
        outcome = self._outcome
        journal = ask_robot(self._stack, "/journal")
        workspaces = {str(work.workspace) for work in outcome.works}
        shipments = self._ledger()
        journal["asked"] = [asked for asked in journal["asked"] if asked["workspace_id"] in workspaces]
        ours = {asked["job_id"] for asked in journal["asked"]}
        journal["reported"] = [each for each in journal["reported"] if each["job_id"] in ours]
        journal["crashes"] = [crash for crash in journal["crashes"] if crash["job_id"] in ours]
        evidence = Evidence(self._database, outcome.works, shipments, self._voided(), journal, self._bus.arrived)
        outcome.findings += judge(evidence)
        if outcome.findings:
            outcome.kept_at = self._folder / "evidence.json"
            keep_evidence(evidence, outcome.kept_at)
        outcome.situations = count_situations(evidence)
        outcome.too_late = made_after_over(evidence)
        outcome.shipments, outcome.reports = len(shipments), len(journal["reported"])
        happenings = self._workers.happenings()
        for happened in happenings:
            if happened.what == "killed":
                outcome.faults[f"worker.point {happened.function}"] += 1
        outcome.faults.update(self._bus.met)
        robot = Counter(each["fault"] for part in ("asked", "reported") for each in journal[part])
        robot += Counter(each["order_fault"] for each in journal["reported"])
        for fault, times in robot.items():
            if fault not in {None, "resend"}:
                outcome.faults[_ROBOT_NAMES.get(fault, f"robot.{fault}")] += times
        outcome.faults["robot.crash"] += len(journal["crashes"])
        outcome.faults["robot.restart"] += len(journal["restarts"])
        outcome.recovery = recovery_times(
            happenings, self._workers.random_kills, self._database_faults, journal, self._database
        )
        for kind, recovered_s in self._bus.recovered:
            outcome.recovery.setdefault(kind, []).append(recovered_s)


_ROBOT_NAMES = {"fail_after_accept": "robot.500"}

_ANY_UNSETTLED = "SELECT FROM robot_job_items WHERE status = 'error' AND shipment = 'possible' LIMIT 1"

_ANY_PAUSED = "SELECT FROM robot_jobs WHERE paused_at IS NOT NULL LIMIT 1"

_OPEN = """
SELECT (SELECT count(*) FROM robot_job_items WHERE status IN ('pending', 'processing')),
       (SELECT count(*) FROM outbox WHERE published_at IS NULL),
       (SELECT count(*) FROM robot_job_dispatches WHERE status <> 'closed')
"""
