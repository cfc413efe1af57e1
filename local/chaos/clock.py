"""Hours in seconds: deadlines and delays come near, and the schedules run every few seconds."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from local.chaos.database import Database
    from local.chaos.workers import Workers

_TICK_S = 1.0
#: In earnest every minute.
_SCHEDULE_TICKS = 3


class Clock:
    """Makes time pass in a thread of its own until it is stopped."""

    def __init__(self, database: Database, workers: Workers) -> None:
        self._database = database
        self._workers = workers
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    def start(self) -> None:
        """Let time pass."""
        self._thread.start()

    def stop(self) -> None:
        """Let it pass as it does."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        ticks = 0
        while not self._stopped.wait(_TICK_S):
            ticks += 1
            self._database.let_time_pass()
            if ticks % _SCHEDULE_TICKS == 0:
                for function in ("expire_items", "relay_events"):
                    # A run that is killed or fails is made up for by the next.
                    with contextlib.suppress(BotoCoreError, ClientError):
                        self._workers.invoke(function)
