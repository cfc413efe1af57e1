"""Every shipment that the robot has made, in memory and in a file that outlives the process."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

if TYPE_CHECKING:
    from pathlib import Path

#: Numbers look like the carrier's: eleven digits.
FIRST_TRACKING_NUMBER = 70_000_000_001


class UnreadableLedgerError(ValueError):
    """A line of the ledger's file is no shipment."""


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
        """Continue the ledger in the file, one JSON object a line, or keep it in memory alone.

        Raises:
            UnreadableLedgerError: naming the line that is no shipment.
        """
        self._file = file
        self._lock = threading.Lock()
        self._shipments = _read(file) if file is not None and file.exists() else []

    def ship(self, *, workspace_id: str, job_id: str, item_id: str, order_id: str) -> Shipment:
        """Make one shipment, with a tracking number that no other has, and write it down."""
        with self._lock:
            shipment = Shipment(
                workspace_id=workspace_id,
                job_id=job_id,
                item_id=item_id,
                order_id=order_id,
                tracking_number=str(FIRST_TRACKING_NUMBER + len(self._shipments)),
                created_at=datetime.now(UTC),
            )
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as out:
                    out.write(shipment.model_dump_json(by_alias=True) + "\n")
            self._shipments.append(shipment)
        return shipment

    def shipments(self, workspace_id: str | None = None) -> list[Shipment]:
        """The shipments of a workspace, or of all, oldest first."""
        with self._lock:
            return [made for made in self._shipments if workspace_id in (None, made.workspace_id)]


def _read(file: Path) -> list[Shipment]:
    shipments = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            shipments.append(Shipment.model_validate_json(line))
        except ValidationError as error:
            raise UnreadableLedgerError(f"{file} line {number} is no shipment") from error
    return shipments
