"""A run's outcome as a table."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

    from local.chaos.run import Outcome

_FINDINGS_SHOWN = 20


def show(outcome: Outcome, console: Console) -> None:
    """Print what was done, what failed and how fast it recovered, and what was lost, doubled or stuck."""
    done = Table(title=f"Seed {outcome.seed}", title_justify="left", show_header=False)
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
    faults = Table("Fault", "Times", "Recovery: median s", "worst s", title="Faults", title_justify="left")
    for kind in sorted(outcome.faults.keys() | outcome.recovery.keys()):
        times = outcome.recovery.get(kind, [])
        shown = (f"{median(times):.1f}", f"{max(times):.1f}") if times else ("-", "-")
        faults.add_row(kind, str(outcome.faults[kind]), *shown)
    harms = Counter(finding.harm for finding in outcome.findings)
    verdict = Table("Lost", "Doubled", "Stuck", "Otherwise wrong", title="Verdict", title_justify="left")
    verdict.add_row(*(str(harms[harm]) for harm in ("lost", "doubled", "stuck", "wrong")))
    for table in (done, faults, verdict):
        console.print(table)
    for finding in outcome.findings[:_FINDINGS_SHOWN]:
        console.print(f"{finding.harm}: {finding.sentence}", style="red", soft_wrap=True)
    if len(outcome.findings) > _FINDINGS_SHOWN:
        console.print(f"… and {len(outcome.findings) - _FINDINGS_SHOWN} more.", style="red")
