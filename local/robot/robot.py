"""The robot itself: one batch a workspace at a time, order by order, one report each."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import httpx

from local.robot.portal import find_problem

if TYPE_CHECKING:
    from local.robot.hand_over import HandedOrder, HandOver
    from local.robot.ledger import Ledger
    from local.robot.settings import Settings, SettingsChange

CALLBACK_TIMEOUT_S = 10

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
        self._lock = threading.Lock()
        self._settings = settings
        self._settings_of: dict[str, Settings] = {}
        self._chance_of: dict[str, Random] = {}
        self._seen_jobs: set[str] = set()
        self._busy_workspaces: set[str] = set()
        # A new connection for every report: a report on one that was closed meanwhile would be lost. The
        # environment's proxies are not for a stack that runs beside the robot.
        self._http = httpx.Client(
            timeout=CALLBACK_TIMEOUT_S,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=False,
        )

    def accept(self, batch: HandOver) -> Answer:
        """Start on a batch: 200, also for a jobId seen before; 409 while another of its workspace runs."""
        with self._lock:
            if batch.job_id in self._seen_jobs:
                return _accepted(batch, "this job was received before")
            if batch.workspace_id in self._busy_workspaces:
                return Answer(409, {"success": False, "message": "busy with another batch of this workspace"})
            self._seen_jobs.add(batch.job_id)
            self._busy_workspaces.add(batch.workspace_id)
        logger.info("job %s: %d orders", batch.job_id, len(batch.orders))
        threading.Thread(target=self._work, args=(batch,), daemon=True).start()
        return _accepted(batch, f"{len(batch.orders)} orders received")

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
                else:
                    self._chance_of.pop(workspace_id, None)
        return changed

    def _work(self, batch: HandOver) -> None:
        try:
            for order in batch.orders:
                time.sleep(self._settings_for(batch.workspace_id)[0].seconds_per_order)
                self._report(batch, self._ship(batch, order))
        finally:
            with self._lock:
                self._busy_workspaces.discard(batch.workspace_id)
            logger.info("job %s: done", batch.job_id)

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
        return {"itemId": order.item_id, "status": "success", "trackingNumber": shipment.tracking_number}

    def _report(self, batch: HandOver, report: dict[str, str]) -> None:
        """Report one order, once; the robot does not care what is answered, or whether anything is."""
        headers = {"X-Callback-Secret": batch.callback_secret}
        try:
            self._http.post(str(batch.callback_url), json=report, headers=headers)
        except httpx.HTTPError as error:
            logger.warning("item %s: report not delivered: %s", report["itemId"], type(error).__name__)

    def _settings_for(self, workspace_id: str) -> tuple[Settings, Random]:
        with self._lock:
            settings = self._settings_of.get(workspace_id, self._settings)
            # Simulated luck, repeatable by its seed; no secret depends on it.
            chance = self._chance_of.setdefault(workspace_id, Random(settings.seed))  # noqa: S311
        return settings, chance


def _accepted(batch: HandOver, message: str) -> Answer:
    return Answer(200, {"success": True, "jobId": batch.job_id, "message": message})
