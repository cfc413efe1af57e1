"""An operator of a chaos run settles by what the portal lists, as a person does, and knows nothing else (H43)."""

from __future__ import annotations

import threading
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from local.chaos.clerk import Clerk
from local.chaos.person import SeenItem
from local.chaos.settling import settle_job
from local.chaos.work import Work
from local.cli.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

JOB, OTHER_JOB = uuid4(), uuid4()


class FakeDesk:
    """API and portal, as far as settling needs them."""

    def __init__(self) -> None:
        self.items: dict[UUID, list[SeenItem]] = {JOB: []}
        self.portal: list[dict[str, str]] = []
        self.refusals: list[ApiError] = []
        self.said: list[dict[str, Any]] = []
        self.written: list[tuple[UUID, dict[str, object]]] = []
        self.voided: list[str] = []

    def look(self, job: UUID, status: str | None = None) -> list[SeenItem]:
        return [item for item in self.items[job] if status in (None, _filed_as(item))]

    def search_portal(self, reference: str) -> list[dict[str, str]]:
        return [pedido for pedido in self.portal if pedido["referencia"] == reference]

    def say_found(self, job: UUID, found: Sequence[dict[str, Any]], **options: object) -> int:
        assert job in self.items
        if self.refusals:
            raise self.refusals.pop()
        self.said += [each | options for each in found]
        return len(found)

    def write(self, order: UUID, **fields: object) -> None:
        self.written.append((order, fields))

    def void_in_portal(self, number: str) -> None:
        self.voided.append(number)


def _filed_as(item: SeenItem) -> str | None:
    return {"possible": "unsettled", "second": "second"}.get(item.shipment or "")


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def clerk(desk: FakeDesk) -> Clerk:
    work = Work(uuid4())
    stack: Any = None
    anything: Any = desk
    return Clerk(stack, anything, work, Random(1), threading.Event())  # noqa: S311 - repeatable


def make_item(clerk: Clerk, desk: FakeDesk, shipment: str = "possible", job: UUID = JOB, **fields: Any) -> SeenItem:
    order_id = fields.pop("order_id", None) or uuid4()
    clerk.work.names.setdefault(order_id, f"P-{len(clerk.work.names) + 1}")
    status = "error" if shipment == "possible" else "success"
    known: dict[str, Any] = {
        "id": uuid4(),
        "order_id": order_id,
        "status": status,
        "shipment": shipment,
        "other_numbers": [],
    }
    item = SeenItem(**(known | fields))
    desk.items.setdefault(job, []).append(item)
    clerk.work.jobs.setdefault(job, set()).add(order_id)
    return item


def list_in_portal(clerk: Clerk, desk: FakeDesk, item: SeenItem, number: str, state: str = "activo") -> None:
    desk.portal.append({"referencia": clerk.work.names[item.order_id], "numero": number, "estado": state})


def test_what_the_portal_lists_was_shipped(clerk: Clerk, desk: FakeDesk) -> None:
    item = make_item(clerk, desk)
    list_in_portal(clerk, desk, item, "7")
    settle_job(clerk, JOB)
    assert desk.said == [{"itemId": str(item.id), "shipped": True, "trackingNumber": "7"}]
    assert (clerk.work.seen_unsettled, clerk.work.situations["settle as shipped"]) == ({item.id}, 1)


def test_what_it_does_not_list_was_not(clerk: Clerk, desk: FakeDesk) -> None:
    item = make_item(clerk, desk)
    list_in_portal(clerk, desk, item, "7", "anulado")
    settle_job(clerk, JOB)
    assert desk.said == [{"itemId": str(item.id), "shipped": False}]


def test_a_hand_over_that_is_not_over_is_left_for_later(clerk: Clerk, desk: FakeDesk) -> None:
    make_item(clerk, desk)
    desk.refusals = [ApiError(409, "hand_over_not_over", "not yet", {})]
    settle_job(clerk, JOB)
    assert (desk.said, clerk.work.situations) == ([], {})


def test_a_shipment_that_another_item_shows_is_not_this_ones(clerk: Clerk, desk: FakeDesk) -> None:
    first = make_item(clerk, desk, "made", OTHER_JOB, tracking_number="7")
    again = make_item(clerk, desk, order_id=first.order_id)
    list_in_portal(clerk, desk, again, "7")
    settle_job(clerk, JOB)
    assert desk.said == [{"itemId": str(again.id), "shipped": False}]


def test_who_has_the_number_by_the_robots_mistake_gets_its_own_first(clerk: Clerk, desk: FakeDesk) -> None:
    lost, slipped = make_item(clerk, desk), make_item(clerk, desk, "made", OTHER_JOB, tracking_number="7")
    list_in_portal(clerk, desk, lost, "7")
    list_in_portal(clerk, desk, slipped, "8")
    in_use: dict[str, object] = {"orders": [{"orderId": str(slipped.order_id), "trackingNumber": "7"}]}
    desk.refusals = [ApiError(409, "number_in_use", "another has it", in_use)]
    settle_job(clerk, JOB)
    assert desk.written == [(slipped.order_id, {"trackingNumber": "8"})]
    assert [said["trackingNumber"] for said in desk.said] == ["7"]


def test_a_second_is_voided_at_the_carrier_and_then_here(clerk: Clerk, desk: FakeDesk) -> None:
    second = make_item(clerk, desk, "second", tracking_number="9")
    list_in_portal(clerk, desk, second, "9")
    settle_job(clerk, JOB)
    assert (desk.voided, desk.said) == (["9"], [{"itemId": str(second.id), "voided": True}])


def test_a_second_that_the_portal_lists_under_another_order_is_left_alone(clerk: Clerk, desk: FakeDesk) -> None:
    make_item(clerk, desk, "second", tracking_number="9")
    settle_job(clerk, JOB)
    assert (desk.voided, desk.said) == ([], [])
