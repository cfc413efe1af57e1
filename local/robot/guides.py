"""Look guides up: read the portal's list once, then report each shipment that was asked for."""

from __future__ import annotations

import time

from local.robot.hand_over import GuideLookup
from local.robot.reports import looked_up
from local.robot.work import Work


class LookupWork(Work[GuideLookup]):
    """A lookup at work."""

    def _work_through(self) -> None:
        settings = self._settings
        time.sleep(settings.seconds_per_lookup)
        listed = self._desk.portal.pedidos(self._task.workspace_id)
        guides = {pedido.numero: pedido.guide(settings.guide_after_seconds) for pedido in listed}
        for asked in self._task.pedido_numbers:
            if self._life.is_over:
                return
            fault, _ = self._fault_of(asked)
            if not self._report(looked_up(asked.item_id, guides.get(asked.pedido_number.strip())), fault):
                return
