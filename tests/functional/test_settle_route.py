"""The route that settles a job's items, over real rows."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from functions.manage_jobs.app import handler
from shared.domain import CreatedJob, DomainContext
from shared.domain.ids import uuid7, uuid7s
from tests.factories import events_of, hand_over, make_job
from tests.functional.conftest import Bus
from tests.functional.shop import Shop, order_of
from tests.http_client import Answer, assert_problem, call

Ask = Callable[..., Answer]


@pytest.fixture
def settle(workspace: UUID, database: str, bus: Bus) -> Ask:
    assert database
    assert bus

    def send(job: CreatedJob | UUID, *items: dict[str, Any], **rest: Any) -> Answer:
        job_id = job.job_id if isinstance(job, CreatedJob) else job
        path = f"/robot-jobs/{job_id}/settle"
        return call(handler, "POST", path, workspace=workspace, body={"items": list(items), **rest})

    return send


def item_of(job: CreatedJob, **said: Any) -> dict[str, Any]:
    return {"itemId": str(job.items[0].item_id), **said}


def test_what_a_person_found_is_answered_with_how_each_item_stands(shop: Shop, settle: Ask, bus: Bus) -> None:
    job = shop.unsettled()
    said = item_of(job, shipped=True, trackingNumber="P-1")
    for count in (1, 0):
        answer = settle(job, said, note="seen in the portal")
        assert answer.status == 200, answer.text
        assert answer.json == {
            "settledCount": count,
            "items": [{"itemId": said["itemId"], "status": "success", "shipment": "made"}],
        }
    # The events are out at once.
    assert [event["trackingNumber"] for event in bus.received("automation/robot.coord.completed")] == ["P-1"]


def test_not_shipped_and_voided_are_said_too(shop: Shop, settle: Ask) -> None:
    unsettled = shop.unsettled()
    assert settle(unsettled, item_of(unsettled, shipped=False)).json["items"][0]["shipment"] == "none"
    older = shop.failed()
    shop.made("T-1", order_of(older))
    shop.success(older, "T-2")
    answer = settle(older, item_of(older, voided=True))
    assert (answer.json["settledCount"], answer.json["items"][0]["shipment"]) == (1, "second")


def test_items_of_other_jobs_and_those_named_twice_are_422_with_their_ids(shop: Shop, settle: Ask) -> None:
    job, other = shop.unsettled(), shop.unsettled()
    for items, wrong in (
        ([item_of(job, shipped=False), item_of(other, shipped=False)], other),
        ([item_of(job, shipped=False)] * 2, job),
    ):
        problem = assert_problem(settle(job, *items), 422, "invalid_items")
        assert problem["itemIds"] == [str(wrong.items[0].item_id)]


def test_a_state_that_forbids_it_is_409_with_items_and_reasons(shop: Shop, settle: Ask) -> None:
    job = shop.made("T-1")
    problem = assert_problem(settle(job, item_of(job, shipped=False)), 409, "nothing_to_settle")
    [item] = problem["items"]
    assert (item["itemId"], bool(item["reason"])) == (str(job.items[0].item_id), True)


def test_every_item_whose_state_forbids_it_is_named(shop: Shop, settle: Ask, ctx: DomainContext) -> None:
    """A person with a list of hundreds would otherwise learn of one a request."""
    job = make_job(shop.owner, ctx, items=2)
    items = [{"itemId": str(item.item_id), "shipped": False} for item in job.items]
    problem = assert_problem(settle(job, *items), 409, "nothing_to_settle")
    assert [item["itemId"] for item in problem["items"]] == [item["itemId"] for item in items]


def test_a_hand_over_that_is_not_over_is_409_with_the_time(shop: Shop, settle: Ask, ctx: DomainContext) -> None:
    job = make_job(shop.owner, ctx, items=2)
    hand_over(ctx, job)
    shop.error(job, "timeout")
    problem = assert_problem(settle(job, item_of(job, shipped=False)), 409, "hand_over_not_over")
    assert datetime.fromisoformat(problem["overAt"]) > datetime.now(UTC)
    assert problem["items"] == [{"itemId": str(job.items[0].item_id), "overAt": problem["overAt"]}]


def test_a_number_of_another_order_is_409_with_the_order_unless_it_is_allowed(shop: Shop, settle: Ask) -> None:
    other, job = shop.made("TAKEN"), shop.unsettled()
    said = item_of(job, shipped=True, trackingNumber="TAKEN")
    problem = assert_problem(settle(job, said), 409, "number_in_use")
    assert problem["orders"] == [{"orderId": str(order_of(other)), "trackingNumber": "TAKEN"}]
    assert settle(job, said, allowSharedNumber=True).status == 200


def test_a_job_that_is_not_known_is_404(settle: Ask) -> None:
    assert_problem(settle(uuid7(), {"itemId": str(uuid7()), "shipped": False}), 404, "job_not_found")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"shipped": None},
        {"shipped": "yes"},
        {"shipped": 1},
        {"shipped": True, "voided": True},
        {"shipped": False, "trackingNumber": "T-1"},
        {"voided": True, "trackingNumber": "T-1"},
        {"voided": None},
        {"shipped": True, "trackingNumber": 528},
        {"shipped": True, "trackingNumber": ""},
        {"shipped": True, "surprise": 1},
    ],
)
def test_what_contradicts_itself_is_422(shop: Shop, settle: Ask, said: dict[str, Any]) -> None:
    job = shop.unsettled()
    assert settle(job, item_of(job, **said)).status == 422
    assert shop.item(job).is_known_as == ("error", "possible")
    assert events_of(shop.owner, shop.ctx.workspace_id, "automation/robot.coord.completed") == []


@pytest.mark.parametrize("count", [0, 1_001])
def test_a_list_of_none_or_of_more_than_a_thousand_is_422(shop: Shop, settle: Ask, count: int) -> None:
    items = [{"itemId": str(id_), "shipped": False} for id_ in uuid7s(count)]
    answer = settle(shop.unsettled(), *items)
    assert (answer.status, answer.json["code"] == "invalid_items") == (422, False)
