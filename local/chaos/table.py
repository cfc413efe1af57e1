"""A run's outcome as a table."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING, get_args

from rich import box
from rich.table import Table

from local.chaos.findings import Harm

if TYPE_CHECKING:
    from rich.console import Console

    from local.chaos.run import Outcome

_FINDINGS_SHOWN = 20


def show(outcome: Outcome, console: Console) -> None:
    """Print what was done, what failed and how fast it recovered, and what was lost, doubled or stuck."""
    done = _table(f"Seed {outcome.seed}", "What was done", "Count")
    works = outcome.works
    for name, count in {
        "Workspaces": len(works),
        "Submissions acknowledged": sum(len(work.jobs) for work in works),
        "Orders in them": sum(len(orders) for work in works for orders in work.jobs.values()),
        "Items retried by operators": sum(len(work.retried_items) for work in works),
        "Jobs cancelled by operators": sum(work.cancelled_jobs for work in works),
        "Requests repeated after no answer": sum(work.repeated_requests for work in works),
        "Shipments at the robot": outcome.shipments,
        "Reports of the robot": outcome.reports,
        "Reports repeated by hand, never confirmed": outcome.resent,
        "Dead letters redriven": outcome.redriven,
        "Runs of schedules in the dead-letter queue": outcome.failed_runs,
        "Seconds from the last fault to quiet": round(outcome.quiet_after_s),
    }.items():
        done.add_row(name, str(count))
    faults = _table("Faults", "Fault", "Times", "Recovery: median s", "worst s")
    for kind in sorted(outcome.faults.keys() | outcome.recovery.keys()):
        times = outcome.recovery.get(kind, [])
        shown = (f"{median(times):.1f}", f"{max(times):.1f}") if times else ("-", "-")
        faults.add_row(kind, str(outcome.faults[kind]), *shown)
    situations = _table("What the verdict is about", "Situation", "Times")
    for situation, count in outcome.situations.items():
        situations.add_row(situation, str(count))
    harms = Counter(finding.harm for finding in outcome.findings)
    verdict = _table("Verdict", "Harm", "Findings")
    for harm in get_args(Harm):
        verdict.add_row("otherwise wrong" if harm == "wrong" else harm, str(harms[harm]))
    for table in (done, faults, situations, verdict):
        console.print(table)
    for finding in outcome.findings[:_FINDINGS_SHOWN]:
        console.print(f"{finding.harm}: {finding.sentence}", style="red", soft_wrap=True)
    if len(outcome.findings) > _FINDINGS_SHOWN:
        console.print(f"… and {len(outcome.findings) - _FINDINGS_SHOWN} more.", style="red")


def _table(title: str, first: str, *figures: str) -> Table:
    """Return a table whose figures stay whole where it is narrow; its first column is folded then."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(first, overflow="fold")
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    return table
