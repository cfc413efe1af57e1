"""What must hold after a run: by the database's audit, by the robot's ledger and journal, by what the bus took."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from local.chaos.bus import key_of
from shared.db.audit import audit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from local.chaos.database import Database
    from local.chaos.load import Work

#: lost: a number, a job or an event; doubled: a hand-over, a shipment or an event; stuck: what does not end.
Harm = Literal["lost", "doubled", "stuck", "wrong"]

_AUDIT_HARMS: dict[str, Harm] = {
    "completed_missing": "lost",
    "submitted_missing": "lost",
    "number_lost": "lost",
    "number_not_on_order": "lost",
    "success_lost": "lost",
    "completed_repeated": "doubled",
    "order_open_twice": "doubled",
    "automation": "doubled",
    "unpublished": "stuck",
    "set_aside": "stuck",
    "overdue": "stuck",
    "claim_lost": "stuck",
}


@dataclass(frozen=True)
class Finding:
    """Something that must never be so."""

    harm: Harm
    sentence: str


@dataclass(frozen=True)
class Evidence:
    """Everything that the verdict looks at."""

    database: Database
    works: Sequence[Work]
    shipments: Sequence[Mapping[str, Any]]
    journal: Mapping[str, Any]
    arrived: Counter[tuple[str, str]]


def judge(evidence: Evidence) -> list[Finding]:
    """Everything that is lost, doubled, stuck or wrong."""
    return [
        *_audited(evidence.database),
        *_acknowledged_jobs(evidence),
        *_shipments(evidence),
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


def _shipments(evidence: Evidence) -> Iterator[Finding]:
    """Each shipment's number is on its item and order; a second one, after a retry, is in the history as a conflict."""
    items = {
        str(item_id): (status, number, order_number)
        for item_id, status, number, order_number in evidence.database.rows(_ITEMS)
    }
    conflicts = {(str(item_id), number) for item_id, number in evidence.database.rows(_CONFLICTS)}
    made_of: defaultdict[str, list[str]] = defaultdict(list)
    for shipment in evidence.shipments:
        made_of[shipment["itemId"]].append(shipment["trackingNumber"])
    for item_id, made in made_of.items():
        status, number, order_number = items.get(item_id, ("missing", None, None))
        lost = [each for each in made if each != number and (item_id, each) not in conflicts]
        if lost or number not in made or order_number != number:
            yield Finding(
                "lost",
                f"Item {item_id} was shipped as {', '.join(made)}; it is {status} with {number}, its order says"
                f" {order_number}.",
            )
    for item_id, (_, number, _) in items.items():
        if number is not None and number not in made_of.get(item_id, []):
            yield Finding("wrong", f"Item {item_id} has the number {number}, which the robot never gave it.")


def _hand_overs(evidence: Evidence) -> Iterator[Finding]:
    taken = Counter(asked["job_id"] for asked in evidence.journal["asked"] if asked["taken"] != "refused")
    for job_id, times in taken.items():
        if times > 1:
            yield Finding("doubled", f"The hand-over {job_id} was made {times} times.")
    retries = Counter(str(item_id) for work in evidence.works for item_id in work.retried_items)
    shipped = Counter(made["itemId"] for made in evidence.shipments)
    for item_id, times in shipped.items():
        if times > 1 + retries[item_id]:
            yield Finding("doubled", f"Item {item_id} was shipped {times} times and retried {retries[item_id]} times.")


def _ends(database: Database) -> Iterator[Finding]:
    for job_id, status, still_open in database.rows(_UNENDED):
        yield Finding("stuck", f"Job {job_id} is {status} with {still_open} open items.")


def _events(evidence: Evidence) -> Iterator[Finding]:
    for event_id, detail_type, detail in evidence.database.rows("SELECT id, detail_type, detail::text FROM outbox"):
        if not evidence.arrived[key_of(detail_type, detail)]:
            yield Finding("lost", f"Event {event_id} ({detail_type}) is true and never arrived at the bus.")


_ITEMS = """
SELECT item.id, item.status, item.tracking_number, orders.tracking_number
  FROM robot_job_items AS item
  JOIN orders ON orders.id = item.order_id
"""

_CONFLICTS = "SELECT item_id, tracking_number FROM robot_job_item_reports WHERE outcome = 'conflict'"

_UNENDED = """
SELECT job.id, job.status, count(item.id) FILTER (WHERE item.status IN ('pending', 'processing'))
  FROM robot_jobs AS job
  JOIN robot_job_items AS item ON item.job_id = job.id
 WHERE job.status NOT IN ('completed', 'failed')
 GROUP BY job.id, job.status
"""
