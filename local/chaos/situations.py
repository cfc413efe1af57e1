"""How often what the verdict is about came about: a run without one of these situations shows nothing of it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.chaos.findings import Evidence

#: Those that the operators count themselves.
_CLICKED = (
    "number by hand before a retry",
    "corrected address before a retry",
    "retry twice at once",
    "settle as shipped",
    "settle as not shipped",
    "pause before the next try",
    "pause amid waves",
    "pause by errors in a row",
    "urgent job overtook",
    "cancel amid waves",
    "emergency stop",
)
#: Order faults of the robot's journal.
_FAULTS: Final[Mapping[str, str]] = {
    "answer_lost": "answer lost after saving",
    "popup": "popup error after saving",
    "exception_after": "exception after saving",
}
_NUMBER_SLIP = "number slip"
_FATAL = "fatal batch"
_RESTART = "restart amid a batch"
_UNKNOWN = "unknown outcome of the hand-over"
_REPEATED = "repeat of job.submitted"
_LATE_BESIDE_ANOTHER = "late success while another job holds the order"
_LATE_AFTER_SETTLED = "settle against a late success"
_RESHIPMENT = "reshipment"
_STOPPED = "guard stopped an order at its claim"
_GUIDE = "guide found"
_NO_GUIDE = "guide not there yet"

SITUATIONS: Final = (
    *_FAULTS.values(),
    _NUMBER_SLIP,
    _FATAL,
    _RESTART,
    _UNKNOWN,
    _REPEATED,
    _LATE_BESIDE_ANOTHER,
    _LATE_AFTER_SETTLED,
    _RESHIPMENT,
    _STOPPED,
    _GUIDE,
    _NO_GUIDE,
    *_CLICKED,
)


def count_situations(evidence: Evidence) -> dict[str, int]:
    """How often each situation came about, 0 for those that did not."""
    clicked = sum((work.situations for work in evidence.works), Counter[str]())
    counted = _reported(evidence) | _asked(evidence) | {name: clicked[name] for name in _CLICKED}
    counted[_REPEATED] = _repeats(evidence)
    for name, query in _QUERIES.items():
        [(counted[name],)] = evidence.database.rows(query)
    return {name: counted[name] for name in SITUATIONS}


def missing(situations: Mapping[str, int]) -> list[str]:
    """The situations that did not come about."""
    return [name for name, times in situations.items() if times == 0]


def _reported(evidence: Evidence) -> dict[str, int]:
    owners = {made["trackingNumber"]: made["itemId"] for made in evidence.shipments}
    reported: list[dict[str, Any]] = evidence.journal["reported"]
    met = Counter(each["order_fault"] for each in reported)
    # A lost answer after which the next order slips is one too.
    counted = {name: met[fault] for fault, name in _FAULTS.items()}
    counted["answer lost after saving"] += met["number_slip"]
    counted[_NUMBER_SLIP] = sum(
        each["tracking_number"] in owners and owners[each["tracking_number"]] != each["item_id"] for each in reported
    )
    counted[_FATAL] = len({each["job_id"] for each in reported if each["order_fault"] == "fatal"})
    return counted


def _asked(evidence: Evidence) -> dict[str, int]:
    unanswered = [each for each in evidence.journal["asked"] if each["fault"] in {"hang", "fail_after_accept"}]
    return {_RESTART: len(evidence.journal["crashes"]), _UNKNOWN: len(unanswered)}


def _repeats(evidence: Evidence) -> int:
    hand_overs: Counter[tuple[str, int]] = Counter()
    for (detail_type, detail), times in evidence.arrived.items():
        if detail_type == "robot/job.submitted":
            told = json.loads(detail)
            hand_overs[told["jobId"], told["dispatch"]] += times
    return sum(times > 1 for times in hand_overs.values())


# A success that a robot reported of an item that was closed by then, while a newer item of its order was open.
_COUNT_LATE_BESIDE_ANOTHER = """
SELECT count(DISTINCT report.id)
  FROM robot_job_item_reports AS report
  JOIN robot_job_items AS item ON item.id = report.item_id
  JOIN robot_job_items AS other ON other.order_id = item.order_id AND other.job_id <> item.job_id
 WHERE report.status = 'success' AND report.source = 'robot' AND report.outcome = 'recorded'
   AND EXISTS (SELECT FROM robot_job_item_reports AS before
                WHERE before.item_id = item.id AND before.id < report.id AND before.status = 'error')
   AND other.created_at < report.received_at AND item.created_at < other.created_at
   AND (other.completed_at IS NULL OR other.completed_at >= report.received_at)
"""

_COUNT_LATE_AFTER_SETTLED = """
SELECT count(DISTINCT told.item_id)
  FROM robot_job_item_reports AS told
  JOIN robot_job_item_reports AS report ON report.item_id = told.item_id AND report.id > told.id
 WHERE told.source = 'person' AND told.status = 'success' AND report.source = 'robot' AND report.status = 'success'
"""

_COUNT_RESHIPMENTS = """
SELECT count(*) FROM robot_job_items WHERE cardinality(lifted) > 0 OR lifted_number IS NOT NULL
"""

# The words are those of the guard at a claim alone.
_COUNT_STOPPED = """
SELECT count(*) FROM robot_job_items
 WHERE error_type = 'validation' AND shipment = 'none'
   AND error_message ~ '^(already shipped: tracking number|already shipped by job|not sent: a shipment of this order)'
"""

_COUNT_GUIDES = """
SELECT count(*)
  FROM robot_job_item_reports AS report
  JOIN robot_job_items AS item ON item.id = report.item_id AND item.is_lookup
 WHERE report.source = 'robot' AND report.status = 'success' AND report.outcome = 'recorded'
   AND report.tracking_number IS {which}
"""

_QUERIES: Final[Mapping[str, str]] = {
    _LATE_BESIDE_ANOTHER: _COUNT_LATE_BESIDE_ANOTHER,
    _LATE_AFTER_SETTLED: _COUNT_LATE_AFTER_SETTLED,
    _RESHIPMENT: _COUNT_RESHIPMENTS,
    _STOPPED: _COUNT_STOPPED,
    _GUIDE: _COUNT_GUIDES.format(which="NOT NULL"),
    _NO_GUIDE: _COUNT_GUIDES.format(which="NULL"),
}
