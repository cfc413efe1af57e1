"""Jobs and their items for programs: as JSON and as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from local.cli.listings import print_csv, print_json
from local.cli.models import Item, Job  # noqa: TC001 - pydantic reads the annotations

if TYPE_CHECKING:
    from collections.abc import Sequence

_JOB = ("id", "status", "total", "shipped", "failed", "created")
_ITEM = ("item", "order", "name", "city", "status", "shipment", "number", "error_type", "error", "retries")


class ShownJob(BaseModel):
    """A job and its items."""

    model_config = ConfigDict(frozen=True)

    job: Job
    items: list[Item]


def print_jobs(jobs: Sequence[Job]) -> None:
    """Print jobs as CSV, one line each."""
    print_csv(
        _JOB,
        (
            (each.id, each.status, each.total_items, each.success_count, each.error_count, each.created_at.isoformat())
            for each in jobs
        ),
    )


def print_job(job: Job, items: list[Item], *, as_json: bool) -> None:
    """Print a job and its items as JSON, or its items as CSV, one line each."""
    if as_json:
        print_json(ShownJob(job=job, items=items))
        return
    print_csv(
        _ITEM,
        (
            (
                *(each.id, each.order_id, each.order_name, each.city, each.status, each.shipment),
                *(each.tracking_number, each.error_type, each.error_message, each.retry_count),
            )
            for each in items
        ),
    )
