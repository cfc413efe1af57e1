"""Keep what a verdict rests on, so that a finding can be looked into after the next run has begun."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from local.chaos.findings import Evidence
    from local.chaos.work import Work

_TABLES: Final = (
    "orders",
    "robot_jobs",
    "robot_job_items",
    "robot_job_dispatches",
    "robot_job_item_attempts",
    "robot_job_item_reports",
    "outbox",
    "activity",
)


def keep_evidence(evidence: Evidence, path: Path) -> None:
    """Write what operators, robot and database say of a run into a file of JSON."""
    kept = {
        "works": [_told(work) for work in evidence.works],
        "shipments": list(evidence.shipments),
        "voided": sorted(evidence.voided),
        "journal": dict(evidence.journal),
        "tables": {table: [row for (row,) in evidence.database.rows(_ROWS.format(table))] for table in _TABLES},
    }
    path.write_text(json.dumps(kept, indent=1, default=str))


def _told(work: Work) -> dict[str, Any]:
    return {
        "workspace": work.workspace,
        "jobs": {str(job): sorted(orders) for job, orders in work.jobs.items()},
        "numbers": [vars(each) for each in work.numbers],
        "addresses": [vars(each) for each in work.addresses],
        "settledNumbers": {str(item): sorted(numbers) for item, numbers in work.settled_numbers.items()},
        "overlooked": sorted(work.overlooked),
        "holds": [vars(each) for each in work.holds],
    }


_ROWS = "SELECT to_jsonb(it) FROM {} AS it"
