"""Settle what nobody knows, as a person does: look the order up in the portal, then say what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.chaos.clerk import members_of
from local.cli.errors import ApiError

if TYPE_CHECKING:
    from uuid import UUID

    from local.chaos.clerk import Clerk
    from local.chaos.person import SeenItem


def settle_job(clerk: Clerk, job: UUID) -> None:
    """Settle each unsettled item of a job, and void its second shipments."""
    unsettled = clerk.insist(lambda: clerk.desk.look(job, "unsettled"))
    clerk.work.seen_unsettled.update(item.id for item in unsettled)
    for item in unsettled:
        settle_item(clerk, job, item)
    for item in clerk.insist(lambda: clerk.desk.look(job, "second")):
        _void(clerk, job, item)


def settle_item(clerk: Clerk, job: UUID, item: SeenItem) -> bool:
    """Settle one item by what the portal lists for its order and no other item shows; whether it is settled."""
    listed = [pedido["numero"] for pedido in _pedidos(clerk, item.order_id)]
    known = _known_numbers(clerk, item)
    found = [number for number in listed if number not in known]
    if not found:
        return _say(clerk, job, {"itemId": str(item.id), "shipped": False}, "settle as not shipped")
    return say_shipped(clerk, job, item, found[0])


def say_shipped(clerk: Clerk, job: UUID, item: SeenItem, number: str) -> bool:
    """Settle an item as shipped under a number; who else has it, by the robot's mistake, is corrected first."""
    body = {"itemId": str(item.id), "shipped": True, "trackingNumber": number}
    clerk.work.settled_numbers[item.id].add(number)
    answer = clerk.click(lambda: clerk.desk.say_found(job, [body]))
    if isinstance(answer, ApiError) and answer.code == "number_in_use":
        for other in members_of(answer, "orders"):
            _correct(clerk, other, number)
        answer = clerk.click(lambda: clerk.desk.say_found(job, [body], allowSharedNumber=True))
    return _count(clerk, answer, "settle as shipped")


def _correct(clerk: Clerk, other: dict[str, Any], number: str) -> None:
    """Give an order that has the number of another one its own, as the portal lists it."""
    order = next((each for each in clerk.work.names if str(each) == str(other["orderId"])), None)
    if order is None:
        return
    own = [pedido["numero"] for pedido in _pedidos(clerk, order) if pedido["numero"] != number]
    if own:
        clerk.write_number(order, own[-1])


def _void(clerk: Clerk, job: UUID, item: SeenItem) -> None:
    """Void a second shipment: at the carrier, then here. What the portal lists under another order is left alone."""
    wanted = set(item.other_numbers) or item.numbers
    active = {pedido["numero"] for pedido in _pedidos(clerk, item.order_id)}
    if wanted and wanted <= active:
        for number in wanted:
            clerk.desk.void_in_portal(number)
        _say(clerk, job, {"itemId": str(item.id), "voided": True}, "settle as voided")


def _say(clerk: Clerk, job: UUID, found: dict[str, object], situation: str) -> bool:
    return _count(clerk, clerk.click(lambda: clerk.desk.say_found(job, [found])), situation)


def _count(clerk: Clerk, answer: int | ApiError, situation: str) -> bool:
    if isinstance(answer, ApiError):
        return False
    clerk.work.situations[situation] += answer
    return True


def _pedidos(clerk: Clerk, order: UUID) -> list[dict[str, Any]]:
    """What the portal lists for an order and was not voided, oldest first."""
    name = clerk.work.names[order]
    return [each for each in clerk.insist(lambda: clerk.desk.search_portal(name)) if each["estado"] == "activo"]


def _known_numbers(clerk: Clerk, item: SeenItem) -> set[str]:
    """The numbers that other items of the order show."""
    known: set[str] = set()
    for job in clerk.work.jobs_of(item.order_id):
        for beside in clerk.insist(lambda job=job: clerk.desk.look(job)):  # type: ignore[misc] # bound in the loop
            if beside.order_id == item.order_id and beside.id != item.id:
                known |= beside.numbers
    return known
