"""The robot's books: which order each shipment was made for, in memory and in a file that outlives the process."""

from __future__ import annotations

import threading
from datetime import datetime  # noqa: TC003 - pydantic reads the annotations
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from local.robot.kept_lines import KeptLines

if TYPE_CHECKING:
    from pathlib import Path


class Shipment(BaseModel):
    """One shipment, as the carrier would charge it."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    workspace_id: str
    #: As the hand-over had it: the job's id, with `.n` from its second dispatch on.
    job_id: str
    item_id: str
    order_id: str
    tracking_number: str
    created_at: datetime


class Ledger:
    """Shipments in the order in which they were made; safe to use from several threads."""

    def __init__(self, file: Path | None = None) -> None:
        """Continue the ledger in the file, or keep it in memory alone.

        Raises:
            UnreadableFileError: naming the line that is no shipment.
        """
        self._lines = KeptLines(file, Shipment, "shipment")
        self._lock = threading.Lock()
        self._shipments = self._lines.read()

    def enter(self, shipment: Shipment) -> None:
        """Write a shipment down."""
        with self._lock:
            self._lines.write(shipment)
            self._shipments.append(shipment)

    def shipments(self, workspace_id: str | None = None) -> list[Shipment]:
        """The shipments of a workspace, or of all, oldest first."""
        with self._lock:
            return [made for made in self._shipments if workspace_id in (None, made.workspace_id)]
