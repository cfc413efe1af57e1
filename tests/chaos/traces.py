"""What robot and journal write down, as the verdict reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.domain import CreatedJob


def shipment(job: CreatedJob, number: str) -> dict[str, str]:
    [item] = job.items
    return {
        "itemId": str(item.item_id),
        "orderId": str(item.order_id),
        "jobId": str(job.job_id),
        "trackingNumber": number,
        "createdAt": datetime.now(UTC).isoformat(),
    }


def reported(job: CreatedJob, number: str) -> dict[str, Any]:
    item_id = str(job.items[0].item_id)
    return {"item_id": item_id, "tracking_number": number, "answer": 202, "fault": None, "order_fault": None}


def asked(job: CreatedJob, taken: str = "accepted") -> dict[str, Any]:
    return {"job_id": str(job.job_id), "taken": taken, "fault": None, "at": 0.0}
