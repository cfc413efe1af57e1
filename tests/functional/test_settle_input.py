"""What a settlement can not be: of unknown items, of states that forbid it, or contradicting itself."""

from typing import Any

import pytest

from shared.domain import (
    CreatedJob,
    DomainContext,
    SettleItemsParams,
    Settlement,
    settle_items,
)
from shared.domain.ids import uuid7, uuid7s
from tests.factories import (
    data_of,
    failure_of,
    hand_over,
    make_job,
    rows_of,
)
from tests.functional.shop import Shop, open_shop


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("job", {"shipped": True}),
        ("job", {"shipped": False}),
        ("at_robot", {"shipped": False}),
        ("made", {"shipped": False}),
        ("made", {"shipped": True, "tracking_number": "OTHER"}),
    ],
)
def test_what_an_item_s_state_forbids(shop: Shop, how: str, said: dict[str, Any]) -> None:
    job: CreatedJob = getattr(shop, how)()
    before = rows_of(shop.owner, shop.ctx.workspace_id)
    refused = failure_of(shop.settle(job, **said), "CONFLICT", "nothing_to_settle")
    [(item_id, reason)] = [tuple(each.values()) for each in refused.details["items"]]  # type: ignore[attr-defined] # a list
    assert (item_id, len(str(reason).split()) > 1) == (job.items[0].item_id, True)
    assert rows_of(shop.owner, shop.ctx.workspace_id) == before


def test_all_is_settled_or_nothing(shop: Shop, ctx: DomainContext) -> None:
    """Naive: half of the list is settled, and the person does not know which."""
    job = make_job(shop.owner, ctx, items=3)
    hand_over(ctx, job)
    good = [Settlement(item.item_id, shipped=True, tracking_number=str(item.item_id)) for item in job.items[:2]]
    before = rows_of(shop.owner, ctx.workspace_id)
    for bad in (Settlement(job.items[2].item_id, shipped=False), Settlement(uuid7(), shipped=True)):
        assert not settle_items(ctx, SettleItemsParams(job.job_id, [*good, bad])).success
        assert rows_of(shop.owner, ctx.workspace_id) == before
    assert data_of(settle_items(ctx, SettleItemsParams(job.job_id, good))).settled_count == 2


def test_items_that_are_not_the_job_s_or_named_twice_are_refused_by_name(shop: Shop) -> None:
    job, other = shop.unsettled(), shop.unsettled()
    foreign = open_shop(shop.owner, DomainContext(uuid7(), "test")).unsettled()
    unknown = uuid7()
    for ids, wrong in (
        ([job.items[0].item_id, unknown], [unknown]),
        ([other.items[0].item_id], [other.items[0].item_id]),
        ([foreign.items[0].item_id], [foreign.items[0].item_id]),
        ([job.items[0].item_id] * 2, [job.items[0].item_id]),
    ):
        params = SettleItemsParams(job.job_id, [Settlement(id_, shipped=False) for id_ in ids])
        assert failure_of(settle_items(shop.ctx, params), "INVALID", "invalid_items").details == {"item_ids": wrong}


def test_what_is_named_twice_is_told_in_one_order(shop: Shop) -> None:
    """Naive: a set's order, so that one list is refused in two ways."""
    ids = uuid7s(50)
    params = SettleItemsParams(shop.unsettled().job_id, [Settlement(id_, shipped=False) for id_ in reversed(ids * 2)])
    refused = failure_of(settle_items(shop.ctx, params), "INVALID", "invalid_items")
    assert refused.details == {"item_ids": sorted(ids)}


def test_of_a_thousand_those_that_are_not_the_job_s_are_told_in_one_order(shop: Shop) -> None:
    ids = uuid7s(1_000)
    params = SettleItemsParams(shop.unsettled().job_id, [Settlement(id_, shipped=False) for id_ in reversed(ids)])
    refused = failure_of(settle_items(shop.ctx, params), "INVALID", "invalid_items")
    assert refused.details == {"item_ids": sorted(ids)}


def test_a_job_that_the_workspace_does_not_have_is_not_found(shop: Shop) -> None:
    foreign = open_shop(shop.owner, DomainContext(uuid7(), "test")).unsettled()
    for job_id in (uuid7(), foreign.job_id):
        params = SettleItemsParams(job_id, [Settlement(foreign.items[0].item_id, shipped=False)])
        failure_of(settle_items(shop.ctx, params), "NOT_FOUND", "job_not_found")
    assert shop.item(foreign).is_known_as == ("error", "possible")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, "invalid_settlement"),
        ({"shipped": True, "voided": True}, "invalid_settlement"),
        ({"shipped": False, "voided": True}, "invalid_settlement"),
        ({"shipped": False, "tracking_number": "T-1"}, "invalid_settlement"),
        ({"voided": True, "tracking_number": "T-1"}, "invalid_settlement"),
        ({"shipped": "yes"}, "invalid_value"),
        ({"voided": "yes"}, "invalid_value"),
        ({"shipped": True, "voided": None}, "invalid_value"),
        ({"shipped": True, "tracking_number": ""}, "invalid_text"),
        ({"shipped": True, "tracking_number": "x" * 201}, "invalid_text"),
        ({"shipped": True, "allow_shared_number": 1}, "invalid_value"),
    ],
)
def test_contradictory_settlements_are_refused(shop: Shop, said: dict[str, Any], reason: str) -> None:
    job = shop.unsettled()
    refused = shop.settle(job, **said)
    assert not refused.success
    assert (refused.code, refused.reason) == ("INVALID", reason)
    # A value that can't be right is called by its name: the last of what was said.
    assert reason != "invalid_value" or refused.error.startswith(f"{list(said)[-1]} must be true or false")
    assert shop.item(job).is_known_as == ("error", "possible")


@pytest.mark.parametrize("count", [0, 1_001])
def test_a_list_has_one_to_a_thousand_items(shop: Shop, count: int) -> None:
    job = shop.unsettled()
    params = SettleItemsParams(job.job_id, [Settlement(id_, shipped=False) for id_ in uuid7s(count)])
    refused = settle_items(shop.ctx, params)
    assert not refused.success
    assert (refused.code, refused.reason) == ("INVALID", "too_many_ids" if count else "no_ids")
    assert refused.error.startswith("items ")
