"""What a person is told of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared import domain
    from shared.words import JobKind


def words_of_items(kind: JobKind) -> str:
    """Return which words tell of a job's items: a lookup ships nothing."""
    return "item" if kind == "shipment" else "looked_up"


def shown_status(item: domain.RobotJobItem) -> str:
    """Return what a person has to know of an item: its status, or what has to be settled about it."""
    if item.status == "error" and item.shipment == "possible":
        return "unsettled"
    return "second" if item.shipment == "second" and item.voided_at is None else item.status


def recipient_of(item: domain.RobotJobItem) -> str:
    """Return whom an item was sent to, as the carrier was told; nothing where it was not sent yet."""
    sent = item.value_sent or {}
    return f"{sent.get('nombres') or ''} {sent.get('apellidos') or ''}".strip()
