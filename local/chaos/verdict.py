"""What must hold after a run: by the database's audit, by the robot's ledger and journal, by what the bus took."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from local.chaos.bus import key_of
from local.chaos.findings import Finding
from local.chaos.parcels import judge_parcels
from shared.db.audit import audit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from local.chaos.database import Database
    from local.chaos.findings import Evidence, Harm

_AUDIT_HARMS: dict[str, Harm] = {
    "completed_missing": "lost",
    "submitted_missing": "lost",
    "number_lost": "lost",
    "number_not_on_order": "lost",
    "success_lost": "lost",
    "guide_not_on_order": "lost",
    "completed_repeated": "doubled",
    "order_open_twice": "doubled",
    "automation": "doubled",
    "guide_told": "doubled",
    "unpublished": "stuck",
    "set_aside": "stuck",
    "overdue": "stuck",
    "claim_lost": "stuck",
}


def judge(evidence: Evidence) -> list[Finding]:
    """Everything that is lost, doubled, stuck or wrong."""
    return [
        *_audited(evidence.database),
        *_acknowledged_jobs(evidence),
        *judge_parcels(evidence),
        *_started_while_held(evidence),
        *_hand_overs(evidence),
        *_ends(evidence.database),
        *_events(evidence),
    ]


def _audited(database: Database) -> Iterator[Finding]:
    with database.connected() as connection:
        for found in audit(connection, minutes=0):
            harm = _AUDIT_HARMS.get(found.kind, "wrong")
            if found.kind == "automation" and found.sentence.endswith(" told 0 times."):
                harm = "lost"
            yield Finding(harm, f"{found.kind} {found.subject_id}: {found.sentence}")


def _acknowledged_jobs(evidence: Evidence) -> Iterator[Finding]:
    known: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for job_id, order_id in evidence.database.rows("SELECT job_id, order_id FROM robot_job_items"):
        known[job_id].add(order_id)
    for work in evidence.works:
        for job, orders in work.jobs.items():
            if not orders <= known[job]:
                yield Finding("lost", f"Job {job} was acknowledged with {len(orders)} orders; {len(known[job])} exist.")


def _hand_overs(evidence: Evidence) -> Iterator[Finding]:
    taken = Counter(asked["job_id"] for asked in evidence.journal["asked"] if asked["taken"] != "refused")
    for job_id, times in taken.items():
        if times > 1:
            yield Finding("doubled", f"The hand-over {job_id} was made {times} times.")


def _started_while_held(evidence: Evidence) -> Iterator[Finding]:
    """Waves that were claimed while their job was paused, or all was stopped; who held them has had the answer."""
    holds = {work.workspace: work.holds for work in evidence.works}
    for workspace_id, job_id, dispatch, claimed_at in evidence.database.rows(_CLAIMED):
        at = float(claimed_at)
        if any(
            hold.job_id in {None, job_id} and hold.answered_at < at < hold.lifted_at
            for hold in holds.get(workspace_id, ())
        ):
            yield Finding("wrong", f"Wave {dispatch} of job {job_id} was started while it was held back.")


def _ends(database: Database) -> Iterator[Finding]:
    for job_id, status, still_open in database.rows(_UNENDED):
        yield Finding("stuck", f"Job {job_id} is {status} with {still_open} open items.")


def _events(evidence: Evidence) -> Iterator[Finding]:
    for event_id, detail_type, detail in evidence.database.rows("SELECT id, detail_type, detail::text FROM outbox"):
        if not evidence.arrived[key_of(detail_type, detail)]:
            yield Finding("lost", f"Event {event_id} ({detail_type}) is true and never arrived at the bus.")


_CLAIMED = """
SELECT DISTINCT workspace_id, job_id, dispatch, extract(epoch FROM claimed_at) FROM robot_job_item_attempts
"""

_UNENDED = """
SELECT job.id, job.status, count(item.id) FILTER (WHERE item.status IN ('pending', 'processing'))
  FROM robot_jobs AS job
  JOIN robot_job_items AS item ON item.job_id = job.id
 WHERE job.status NOT IN ('completed', 'failed')
 GROUP BY job.id, job.status
"""
