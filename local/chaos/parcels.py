"""One shipment an order, and no number lost: what the robot's ledger says against what database and operators know."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from local.chaos.findings import Finding
from local.chaos.work import Written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from local.chaos.database import Database
    from local.chaos.findings import Evidence
    from local.chaos.work import Work

_RECEIVED = 202
#: A claim's transaction may begin before another's write, and see it all the same.
_OVERLAP_S = 10


class _Item(NamedTuple):
    status: str
    shipment: str
    numbers: set[str]


def judge_parcels(evidence: Evidence) -> list[Finding]:
    """Everything that is wrong with shipments and numbers at the end."""
    items = _items(evidence.database)
    return [
        *_too_many(evidence),
        *_handed_over_with_number(evidence),
        *_sent_to_old_address(evidence),
        *_reported_and_lost(evidence, items),
        *_made_and_lost(evidence, items),
        *_made_up(evidence, items),
        *_unsettled(items),
    ]


def judge_what_is_shown(
    database: Database, shipments: Sequence[Mapping[str, Any]], voided: frozenset[str], works: Sequence[Work]
) -> list[Finding]:
    """The shipments that exist and that nobody would look for, since their items say that nothing was made.

    Where a person said so by mistake, it is not the program that hides it.
    """
    items = _items(database)
    overlooked = {str(order) for work in works for order in work.overlooked}
    hidden = {
        made["itemId"]: made["trackingNumber"]
        for made in shipments
        if made["trackingNumber"] not in voided
        and made["orderId"] not in overlooked
        and (items[made["itemId"]].status, items[made["itemId"]].shipment) == ("error", "none")
    }
    return [
        Finding("lost", f"Item {item_id} was shipped as {number}, and says that nothing was made.")
        for item_id, number in hidden.items()
    ]


def _too_many(evidence: Evidence) -> Iterator[Finding]:
    asked_again = Counter({str(order_id): times for order_id, times in evidence.database.rows(_ASKED_AGAIN)})
    overlooked = {str(order) for work in evidence.works for order in work.overlooked}
    live: defaultdict[str, list[str]] = defaultdict(list)
    for made in evidence.shipments:
        if made["trackingNumber"] not in evidence.voided:
            live[made["orderId"]].append(f"{made['trackingNumber']} by {made['jobId']}")
    for order_id, numbers in live.items():
        asked = 1 + asked_again[order_id] + (order_id in overlooked)
        if len(numbers) > asked:
            yield Finding("doubled", f"Order {order_id} was shipped as {', '.join(numbers)}; {asked} asked for.")


def _handed_over_with_number(evidence: Evidence) -> Iterator[Finding]:
    """Hand-overs of orders that had a number, written by hand and known to be there."""
    by_hand = [written for work in evidence.works for written in work.numbers]
    # A reshipment's number takes the place of the one that it found: what was written by hand then stands no more.
    again = [Written(order_id, None, at, at) for order_id, at in evidence.database.rows(_SHIPPED_AGAIN)]
    numbers = _by_order(sorted(by_hand + again, key=lambda each: each.answered_at))
    for order_id, job_id, claimed_at, _, lifted_number in evidence.database.rows(_ATTEMPTS):
        standing = _standing(numbers[order_id], float(claimed_at))
        if len(standing) == 1 and standing[0] not in (None, lifted_number):
            yield Finding("doubled", f"Order {order_id} had the number {standing[0]} when job {job_id} shipped it.")


def _sent_to_old_address(evidence: Evidence) -> Iterator[Finding]:
    addresses = _by_order([written for work in evidence.works for written in work.addresses])
    for order_id, job_id, claimed_at, address, _ in evidence.database.rows(_ATTEMPTS):
        standing = _standing(addresses[order_id], float(claimed_at))
        if standing and address not in standing:
            yield Finding("wrong", f"Job {job_id} sent order {order_id} to {address}; it was {standing[0]} by then.")


def _by_order(written: Sequence[Written]) -> defaultdict[Any, list[Written]]:
    found: defaultdict[Any, list[Written]] = defaultdict(list)
    for each in written:
        found[each.order_id].append(each)
    return found


def _standing(written: Sequence[Written], at: float) -> list[str | None]:
    """What an order may have said at a moment: what was written last before it, and what was about to be."""
    before = [each for each in written if each.answered_at < at]
    if not before:
        return []
    last = before[-1]
    return [
        last.value,
        *(
            each.value
            for each in written
            if each is not last and last.asked_at <= each.asked_at and each.asked_at < at + _OVERLAP_S
        ),
    ]


def _reported_and_lost(evidence: Evidence, items: Mapping[str, _Item]) -> Iterator[Finding]:
    for each in evidence.journal["reported"]:
        number, item = each["tracking_number"], items.get(each["item_id"])
        if number is None or each["fault"] == "foreign" or each["answer"] != _RECEIVED or item is None:
            continue
        if number not in item.numbers:
            yield Finding("lost", f"Item {each['item_id']} was reported as {number}; it is {item.status} without it.")


def _made_and_lost(evidence: Evidence, items: Mapping[str, _Item]) -> Iterator[Finding]:
    """Shipments that no item knows. Where the robot reported another order's number, its item is a success at least."""
    slipped = set(evidence.journal["unknown_to_robot"])
    for made in evidence.shipments:
        number, item = made["trackingNumber"], items[made["itemId"]]
        if number not in item.numbers | evidence.voided and not (number in slipped and item.status == "success"):
            yield Finding(
                "lost", f"Item {made['itemId']} was shipped as {number}; it is {item.status}, {item.shipment}."
            )


def _made_up(evidence: Evidence, items: Mapping[str, _Item]) -> Iterator[Finding]:
    known: defaultdict[str, set[str]] = defaultdict(set)
    for each in evidence.journal["reported"]:
        if each["fault"] != "foreign":
            known[each["item_id"]].add(each["tracking_number"])
    for work in evidence.works:
        for settled_id, numbers in work.settled_numbers.items():
            known[str(settled_id)] |= numbers
    for item_id, item in items.items():
        for number in item.numbers - known[item_id]:
            yield Finding("wrong", f"Item {item_id} has the number {number}, which nobody gave it.")


def _unsettled(items: Mapping[str, _Item]) -> Iterator[Finding]:
    for item_id, item in items.items():
        if (item.status, item.shipment) == ("error", "possible"):
            yield Finding("stuck", f"Item {item_id} can't be settled by what the portal lists.")


def _items(database: Database) -> dict[str, _Item]:
    return {
        str(item_id): _Item(status, shipment, set(numbers))
        for item_id, status, shipment, numbers in database.rows(_ITEMS)
    }


_ITEMS = """
SELECT id, status, shipment,
       array_remove(array_append(other_numbers || voided_numbers, tracking_number), NULL)
  FROM robot_job_items
"""

# How often each order was asked to be shipped once more.
_ASKED_AGAIN = """
SELECT order_id, count(*) FROM robot_job_items
 WHERE cardinality(lifted) > 0 OR lifted_number IS NOT NULL
 GROUP BY order_id
"""

_SHIPPED_AGAIN = """
SELECT order_id, extract(epoch FROM completed_at)::float FROM robot_job_items
 WHERE lifted_number IS NOT NULL AND shipment = 'made'
"""

_ATTEMPTS = """
SELECT item.order_id, item.job_id, extract(epoch FROM attempt.claimed_at), attempt.value_sent ->> 'direccion',
       item.lifted_number
  FROM robot_job_item_attempts AS attempt
  JOIN robot_job_items AS item ON item.id = attempt.item_id AND NOT item.is_lookup
"""
