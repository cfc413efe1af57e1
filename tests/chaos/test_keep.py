"""What is kept of a run for who looks into a finding."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from local.chaos.keep import keep_evidence
from local.chaos.work import Work, Written

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from local.chaos.findings import Evidence
    from shared.domain import CreatedJob


def test_the_file_has_what_was_written_by_hand_and_every_row(
    evidence: Evidence, job: CreatedJob, workspace: UUID, tmp_path: Path
) -> None:
    order_id = job.items[0].order_id
    work = Work(workspace, numbers=[Written(order_id, "HAND", 1.0, 2.0)])
    work.settled_numbers[job.items[0].item_id].add("T-1")
    path = tmp_path / "evidence.json"
    keep_evidence(replace(evidence, works=[work]), path)
    kept = json.loads(path.read_text())
    [told] = kept["works"]
    assert [(each["order_id"], each["value"]) for each in told["numbers"]] == [(str(order_id), "HAND")]
    assert told["settledNumbers"] == {str(job.items[0].item_id): ["T-1"]}
    assert [row["id"] for row in kept["tables"]["robot_job_items"]] == [str(job.items[0].item_id)]
    assert {len(rows) for table, rows in kept["tables"].items() if table.startswith("robot_job_item_")} == {1}
    assert kept["shipments"][0]["trackingNumber"] == "T-1"
