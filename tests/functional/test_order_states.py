"""What became of an order, in one word, whatever else was tried with it before."""

from collections.abc import Callable
from uuid import UUID

import pytest

from shared.domain import DomainContext, get_order_states
from shared.domain.ids import uuid7s
from shared.words import OrderStanding
from tests.factories import data_of, failure_of, look_up
from tests.functional.shop import Shop, order_of


def state_of(ctx: DomainContext, order_id: UUID) -> OrderStanding:
    return data_of(get_order_states(ctx, [order_id])).of[order_id]


def _second(shop: Shop, order_id: UUID) -> None:
    late = shop.unsettled(order_id)
    shop.settle(late, shipped=False)
    shop.made("T-1", order_id)
    shop.success(late, "T-2")


def _voided(shop: Shop, order_id: UUID) -> None:
    late = shop.failed(order_id)
    shop.made("T-1", order_id)
    shop.success(late, "T-2")
    shop.settle(late, voided=True)


STATES: dict[str, tuple[OrderStanding, Callable[[Shop, UUID], object]]] = {
    "a failure": ("error", lambda shop, order_id: shop.failed(order_id)),
    "a job that waits": ("pending", lambda shop, order_id: shop.job(order_id)),
    "a job at the robot": ("processing", lambda shop, order_id: shop.at_robot(order_id)),
    "what may have been shipped": ("unsettled", lambda shop, order_id: shop.unsettled(order_id)),
    "a shipment": ("success", lambda shop, order_id: shop.made("T-1", order_id)),
    "a shipment without a number": ("success", lambda shop, order_id: shop.made(None, order_id)),
    "a number by hand": ("success", lambda shop, order_id: shop.write_number(order_id, "BY-HAND")),
    "a second shipment": ("second", _second),
    "a second shipment that was voided": ("success", _voided),
    "a further number": ("second", lambda shop, order_id: shop.success(shop.made("T-1", order_id), "T-2")),
}


@pytest.mark.parametrize("after", STATES)
def test_a_failure_before_it_does_not_hide_what_became_of_an_order(shop: Shop, ctx: DomainContext, after: str) -> None:
    """Naive: it is so only where all of the order's jobs say it."""
    order_id = order_of(shop.failed())
    other = order_of(shop.failed())
    state, happen = STATES[after]
    happen(shop, order_id)
    assert state_of(ctx, order_id) == state
    assert state_of(ctx, other) == "error"


def test_a_page_of_orders_is_asked_about_at_once_and_no_more(ctx: DomainContext) -> None:
    order_ids = uuid7s(501)
    assert data_of(get_order_states(ctx, order_ids[:500])).of == {}
    failure_of(get_order_states(ctx, order_ids), "INVALID", "too_many_ids")


def test_a_lookup_says_nothing_of_the_shipment(shop: Shop, ctx: DomainContext) -> None:
    order_id = shop.order()
    shop.write_number(order_id, "BY-HAND")
    lookup = look_up(shop.owner, ctx, [order_id])
    assert state_of(ctx, order_id) == "success"
    shop.cancel(lookup)
    shop.write_number(order_id, None)
    assert state_of(ctx, order_id) == "to_ship"
