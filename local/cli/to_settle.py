"""What of a job needs a person: orders that may have been shipped, and shipments beside another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.cli.items import JobItems
from local.cli.tables import second_table, unsettled_table

if TYPE_CHECKING:
    from uuid import UUID

    from rich.console import Console

    from local.cli.api import RobotJobsApi
    from local.cli.models import Job


def show_to_settle(api: RobotJobsApi, job: Job, console: Console, items: JobItems | None = None) -> None:
    """Show which orders of the job, or of the items given, need a person, and what to do about them."""
    if items is None:
        unsettled = api.get_items(job.id, "unsettled") if job.counts.unsettled else []
        second = api.get_items(job.id, "second") if job.counts.second else []
        items = JobItems({item.id: item for item in [*unsettled, *second]}.values())
    _show_unsettled(job, items, console)
    _show_second(api, job.id, items, console)


def _show_unsettled(job: Job, items: JobItems, console: Console) -> None:
    unsettled = [item for item in items if item.is_unsettled]
    if unsettled:
        console.print(
            f"\nMay have been shipped: {len(unsettled)}. None of them is sent again until you say what became of it.\n"
            "Look for each in the carrier's portal by its reference:\n"
        )
        console.print(unsettled_table(unsettled, items.label))
        console.print(
            "\nThen say what you found; while the robot may still come to an order, it is too early to say that it is\n"
            "not there, and the command tells from when on it can be said:\n"
        )
        example = items.label(unsettled[0].id) if len(unsettled) == 1 else "ITEM"
        _commands(job.id, console, f"{example} --shipped NUMBER", f"{example} --not-shipped")
    if (others := job.counts.unsettled - len(unsettled)) > 0:
        console.print(f"\nMay have been shipped, and not listed here: {others}; see")
        console.print(f"  robot-jobs show {job.id} --status unsettled", soft_wrap=True)


def _show_second(api: RobotJobsApi, job_id: UUID, items: JobItems, console: Console) -> None:
    second = [item for item in items if item.is_second]
    if second:
        console.print(f"\nShipped twice: {len(second)}. Void the one that is not wanted at the carrier:\n")
        orders = {item.order_id: api.get_order(item.order_id) for item in second}
        console.print(second_table(second, orders, items.label))
        console.print("\nThen say so, of the item whose number it was:\n")
        _commands(job_id, console, "ITEM --voided")


def _commands(job_id: UUID, console: Console, *ends: str) -> None:
    for end in ends:
        # Whole, so that it can be copied.
        console.print(f"  robot-jobs settle {job_id} {end}", soft_wrap=True)
