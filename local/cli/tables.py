"""Jobs, items and rejected orders as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from local.cli.models import Item, Job, RejectedOrder
    from shared.db.audit import Finding

_STYLES = {"success": "green", "completed": "green", "error": "red", "failed": "red", "processing": "yellow"}


def jobs_table(jobs: Sequence[Job]) -> Table:
    """One line a job."""
    table = _table("Job", "Carrier", "Status", "Orders", "Shipped", "Failed", "Created")
    for job in jobs:
        created = job.created_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        counts = (str(job.total_items), str(job.success_count), str(job.error_count))
        table.add_row(str(job.id), job.carrier, _status(job.status), *counts, created)
    return table


def items_table(items: Sequence[Item], order_name: Callable[[UUID], str] = str) -> Table:
    """One line an item: order, city, status, tracking number or error."""
    table = _table("Order", "City", "Status", "Tracking number or error", "Retries")
    for item in items:
        cells = (order_name(item.order_id), item.city, _status(item.status), item.outcome)
        table.add_row(*cells, str(item.retry_count or ""))
    return table


def rejected_table(rejected: Sequence[RejectedOrder], order_name: Callable[[UUID], str] = str) -> Table:
    """One line an order that a submission left out, with the reason."""
    table = _table("Order", "Code", "Reason")
    for order in rejected:
        table.add_row(order_name(order.order_id), order.code, order.reason)
    return table


def findings_table(findings: Sequence[Finding]) -> Table:
    """One line for each thing that an audit found wrong."""
    table = _table("Rule", "Workspace", "Of", "What is wrong")
    for finding in findings:
        table.add_row(finding.kind, str(finding.workspace_id), Text(finding.subject_id), Text(finding.sentence))
    return table


def dead_letters_table(counts: Sequence[tuple[str, int, int]]) -> Table:
    """One line a queue: its messages, and those that somebody has taken for a moment."""
    table = _table("Dead letters of", "Waiting", "Taken")
    for name, waiting, taken in counts:
        table.add_row(name, Text(str(waiting), style="red" if waiting else ""), str(taken))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _status(status: str) -> Text:
    return Text(status, style=_STYLES.get(status, ""))
