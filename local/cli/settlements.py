"""What a person found at the carrier of one item, as it is typed or stands in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from local.cli.errors import CommandError
from shared.logistics import Unreadable, read_tracking_number

if TYPE_CHECKING:
    from uuid import UUID

Outcome = Literal["shipped", "not shipped", "voided"]
OUTCOMES: Final[dict[str, Outcome]] = {
    "shipped": "shipped",
    "not shipped": "not shipped",
    "not-shipped": "not shipped",
    "not_shipped": "not shipped",
    "voided": "voided",
}


@dataclass(frozen=True)
class Settlement:
    """One item and what became of it; a shipment's number may be unknown."""

    item_id: UUID
    outcome: Outcome
    number: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """As `POST /robot-jobs/{jobId}/settle` takes it."""
        said: dict[str, Any] = {"itemId": str(self.item_id)}
        if self.outcome == "voided":
            return said | {"voided": True}
        said |= {"shipped": self.outcome == "shipped"}
        return said | {"trackingNumber": self.number} if self.number else said


def read_number(text: str) -> str | None:
    """A tracking number without what a table tool made of it; None where there is none.

    Raises:
        CommandError: it can't be read without doubt.
    """
    number = read_tracking_number(text)
    if isinstance(number, Unreadable):
        raise CommandError(f"the number {number.why}")
    return number
