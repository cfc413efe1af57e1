"""Jobs, items and orders that were left out as tables: readable at 80 columns and in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from local.cli.models import Item, Job, Order, RejectedOrder
    from shared.db.audit import Finding

_STYLES = {
    "success": "green",
    "completed": "green",
    "error": "red",
    "failed": "red",
    "processing": "yellow",
    "unsettled": "bold yellow",
    "second": "bold yellow",
}
#: What is copied into the next command stands on one line: an id, in brackets at most.
_WIDEST: Final = 38


def jobs_table(jobs: Sequence[Job]) -> Table:
    """One line a job."""
    table = make_table("Job", "Status", "Shipped", "Failed", "Created", Job=[str(job.id) for job in jobs])
    for job in jobs:
        created = job.created_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        shipped = f"{job.success_count} of {job.total_items}"
        table.add_row(str(job.id), _status(job.status), shipped, str(job.error_count), created)
    return table


def items_table(items: Sequence[Item], label: Callable[[UUID], str]) -> Table:
    """One line an item: order, city, status, tracking number or error."""
    named = [label(item.id) for item in items]
    table = make_table("Order", "City", "Status", "Tracking number or error", "Retries", Order=named)
    for item in items:
        outcome = item.outcome + "".join(f" and {number}" for number in item.other_numbers)
        cells = (Text(label(item.id)), Text(item.city), _status(_state(item)), Text(outcome))
        table.add_row(*cells, str(item.retry_count or ""))
    return table


def unsettled_table(items: Sequence[Item], label: Callable[[UUID], str]) -> Table:
    """One line an item that may have been shipped, with what the carrier's portal shows of it."""
    table = make_table("Item", "Reference", "Recipient", "City", Item=[label(item.id) for item in items])
    for item in items:
        table.add_row(*map(Text, (label(item.id), item.reference, item.recipient, item.city)))
    return table


def second_table(items: Sequence[Item], orders: Mapping[UUID, Order], label: Callable[[UUID], str]) -> Table:
    """One line an item whose order has two shipments, with the numbers of both."""
    table = make_table("Item", "Its number", "Beside", Item=[label(item.id) for item in items])
    for item in items:
        own, stands = item.tracking_number or "unknown", orders[item.order_id].tracking_number
        beside = item.other_numbers or ([stands] if stands and stands != own else ["unknown"])
        table.add_row(Text(label(item.id)), Text(own), Text(", ".join(beside)))
    return table


def rejected_table(rejected: Sequence[RejectedOrder], label: Callable[[RejectedOrder], str]) -> Table:
    """One line an order that a submission or a retry left out, with the reason."""
    table = make_table("Order", "Code", "Reason")
    for order in rejected:
        table.add_row(Text(label(order)), order.code, Text(order.reason))
    return table


def findings_table(findings: Sequence[Finding]) -> Table:
    """One line for each thing that an audit found wrong."""
    table = make_table("Rule", "Workspace", "Of", "What is wrong")
    for finding in findings:
        table.add_row(finding.kind, str(finding.workspace_id), Text(finding.subject_id), Text(finding.sentence))
    return table


def dead_letters_table(counts: Sequence[tuple[str, int, int]]) -> Table:
    """One line a queue: its messages, and those that somebody has taken for a moment."""
    table = make_table("Dead letters of", "Waiting", "Taken")
    for name, waiting, taken in counts:
        table.add_row(name, Text(str(waiting), style="red" if waiting else ""), str(taken))
    return table


def make_table(*columns: str, **whole: Iterable[str]) -> Table:
    """A table; columns have their room before others where words of theirs are to stay `whole`, up to an id's width."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        words = [len(word) for text in whole.get(column, ()) for word in text.split()]
        table.add_column(column, overflow="fold", min_width=min(_WIDEST, max(words, default=0)))
    return table


def _state(item: Item) -> str:
    if item.is_unsettled:
        return "unsettled"
    return "second" if item.is_second else item.status


def _status(status: str) -> Text:
    return Text(status, style=_STYLES.get(status, ""))
