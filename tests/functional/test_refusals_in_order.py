"""What a refusal or an answer names stands in an order that its reader knows: that of the request, or of the job."""

from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreateRobotJobParams,
    DomainContext,
    DomainResult,
    RetryFailedItemsParams,
    SettleItemsParams,
    Settlement,
    SubmitJobParams,
    create_robot_job,
    retry_failed_items,
    settle_items,
    submit_job,
)
from shared.domain.ids import uuid7, uuid7s
from shared.domain.jobs.create import _find_reason
from tests.factories import (
    data_of,
    failure_of,
    make_carrier_config,
    make_ended_job,
    make_job_of,
    make_orders,
    report_error,
    report_success,
)

#: As many as no plan returns in the right order by chance.
MANY = 12
Ship = Callable[[DomainContext, list[UUID]], DomainResult[Any]]
SHIP: dict[str, Ship] = {
    "create": lambda ctx, ids: create_robot_job(ctx, CreateRobotJobParams(ids)),
    "submit": lambda ctx, ids: submit_job(ctx, SubmitJobParams(ids)),
}


@pytest.fixture
def configured(ctx: DomainContext, owner: Connection, workspace: UUID) -> DomainContext:
    make_carrier_config(owner, workspace)
    return ctx


def shuffled(ids: list[UUID]) -> list[UUID]:
    """Return ids in an order that is neither theirs nor its reverse, the same in every run."""
    mixed = list(ids)
    Random(7).shuffle(mixed)  # noqa: S311 - no secret
    return mixed


@pytest.mark.parametrize("ship", SHIP.values(), ids=SHIP)
def test_unknown_orders_are_named_in_the_order_of_the_request(
    configured: DomainContext, owner: Connection, workspace: UUID, ship: Ship
) -> None:
    unknown = uuid7s(MANY)
    asked = shuffled([*unknown, *make_orders(owner, workspace, MANY)])
    failure = failure_of(ship(configured, asked), "NOT_FOUND", "orders_not_found")
    named = [each for each in asked if each in unknown]
    assert failure.details["order_ids"] == named
    places = [failure.error.find(str(each)) for each in named]
    assert [place for place in places if place >= 0] == sorted(place for place in places if place >= 0)
    assert places[0] >= 0


@pytest.mark.parametrize("ship", SHIP.values(), ids=SHIP)
def test_orders_that_are_open_elsewhere_are_named_in_the_order_of_the_request(
    configured: DomainContext, owner: Connection, workspace: UUID, ship: Ship
) -> None:
    asked = shuffled(make_orders(owner, workspace, MANY))
    holders = {order_id: make_job_of(configured, [order_id]).job_id for order_id in sorted(asked)}
    failure = failure_of(ship(configured, asked), "CONFLICT", "order_in_open_job")
    assert failure.details["orders"] == [{"order_id": each, "job_id": holders[each]} for each in asked]


def test_what_the_database_refused_is_named_in_the_order_of_the_request(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    unknown = uuid7s(MANY)
    asked = shuffled([*unknown, *make_orders(owner, workspace, MANY)])
    failure = failure_of(_find_reason(configured, None, asked), "NOT_FOUND", "orders_not_found")
    assert failure.details["order_ids"] == [each for each in asked if each in unknown]
    held = [each for each in asked if each not in unknown]
    holders = {order_id: make_job_of(configured, [order_id]).job_id for order_id in sorted(held)}
    failure = failure_of(_find_reason(configured, None, held), "CONFLICT", "order_in_open_job")
    assert failure.details["orders"] == [{"order_id": each, "job_id": holders[each]} for each in held]


def test_rejected_orders_and_items_stand_in_the_order_of_the_request(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    good = make_orders(owner, workspace, MANY)
    bad = make_orders(owner, workspace, MANY, shipping_address=None)
    asked = shuffled([*good, *bad])
    made = data_of(submit_job(configured, SubmitJobParams(asked)))
    assert [item.order_id for item in made.items] == [each for each in asked if each in good]
    assert [each.order_id for each in made.rejected] == [each for each in asked if each in bad]


def test_a_retry_names_its_items_in_the_order_of_the_job(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    job = make_job_of(configured, shuffled(make_orders(owner, workspace, 2 * MANY)))
    for item in job.items:
        report_error(configured, item.item_id)
    held = {item.item_id: make_job_of(configured, [item.order_id]).job_id for item in job.items[::2][::-1]}
    named = shuffled([item.item_id for item in job.items])
    retried = data_of(retry_failed_items(configured, RetryFailedItemsParams(job.job_id, named)))
    assert retried.item_ids == [item.item_id for item in job.items[1::2]]
    assert [(each.item_id, each.job_id) for each in retried.skipped] == [
        (item.item_id, held[item.item_id]) for item in job.items[::2]
    ]
    wrong = shuffled([uuid7() for _ in range(MANY)])
    failure = failure_of(
        retry_failed_items(configured, RetryFailedItemsParams(job.job_id, wrong)), "INVALID", "invalid_items"
    )
    assert failure.details["item_ids"] == sorted(wrong)


def test_values_of_other_orders_are_named_by_their_ids(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    strangers = uuid7s(3)
    values: dict[UUID, dict[str, object]] = {each: {} for each in reversed(strangers)}
    params = CreateRobotJobParams(make_orders(owner, workspace), item_values=values)
    failure = failure_of(create_robot_job(ctx, params), "INVALID", "invalid_value")
    places = [failure.error.index(str(each)) for each in strangers]
    assert places == sorted(places)


def test_settled_items_stand_in_the_order_of_the_request(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    job = make_job_of(configured, make_orders(owner, workspace, MANY))
    for item in job.items:
        report_success(configured, item.item_id, None)
    asked = shuffled([item.item_id for item in job.items])
    settlements = [Settlement(item_id, shipped=True, tracking_number=f"T-{item_id}") for item_id in asked]
    settled = data_of(settle_items(configured, SettleItemsParams(job.job_id, settlements)))
    assert [each.item_id for each in settled.items] == asked
    others = make_ended_job(owner, configured, *["success"] * MANY)
    strangers = shuffled([item.item_id for item in others.items])
    failure = failure_of(
        settle_items(
            configured, SettleItemsParams(job.job_id, [Settlement(item_id, shipped=True) for item_id in strangers])
        ),
        "INVALID",
        "invalid_items",
    )
    assert failure.details["item_ids"] == sorted(strangers)
