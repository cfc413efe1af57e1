"""How the robot behaves just now, and its luck: settings, seeds and forced faults, whatever life it is in."""

from __future__ import annotations

import threading
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from local.robot.faults import Forced, OrderFault
    from local.robot.settings import Settings, SettingsChange

T = TypeVar("T")


class Behaviour:
    """Settings and luck, of everyone or of one workspace; safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._lock = threading.Lock()
        self._settings = settings
        self._settings_of: dict[str, Settings] = {}
        # Simulated luck, repeatable by its seed; no secret depends on it.
        self._chance_of: dict[str, Random] = {}
        self._fault_chance = Random(settings.seed)  # noqa: S311 - simulated luck
        self._forced: list[Forced] = []

    def of(self, workspace_id: str) -> Settings:
        """The settings that hold for a workspace."""
        with self._lock:
            return self._settings_of.get(workspace_id, self._settings)

    def chance_of(self, workspace_id: str) -> Random:
        """The luck of a workspace's orders, by its own seed."""
        seed = self.of(workspace_id).seed
        with self._lock:
            return self._chance_of.setdefault(workspace_id, Random(seed))  # noqa: S311 - simulated luck

    def change(self, change: SettingsChange) -> Settings:
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

    def force(self, forced: Forced) -> None:
        """Let an order meet a fault, each of the next times that it is worked on."""
        with self._lock:
            self._forced += [forced] * forced.times

    def fault_of(
        self, workspace_id: str, names: Collection[str], among: Sequence[OrderFault]
    ) -> tuple[OrderFault | None, bool]:
        """The one fault that an order of these names meets, if any, and whether it was forced."""
        with self._lock:
            for number, forced in enumerate(self._forced):
                is_meant = forced.order in names and forced.workspace_id in (None, workspace_id)
                if is_meant and forced.fault in among:
                    return self._forced.pop(number).fault, True
        faults = self.of(workspace_id).faults
        return next((fault for fault in among if self.meets(faults.order_rate(fault))), None), False

    def meets(self, rate: float) -> bool:
        """Whether something happens that happens in this share of the cases."""
        # Nothing is drawn where nothing can happen.
        return rate > 0 and self._fault_chance.random() < rate

    def one_of(self, choices: Sequence[T]) -> T:
        """Any of them."""
        return self._fault_chance.choice(choices)
