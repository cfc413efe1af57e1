"""The events of the bus, as their subscribers read them."""

import json
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.events import ALL_EVENTS, FieldChanged, ItemCompleted, JobSubmitted

WORKSPACE = UUID("0198c0de-0000-7000-8000-000000000001")
ITEM = UUID("0198c0de-0000-7000-8000-000000000020")


def item_completed(**fields: Any) -> ItemCompleted:
    known = {"job_id": ITEM, "item_id": ITEM, "workspace_id": WORKSPACE, "dispatch": 1, "status": "success"}
    return ItemCompleted(**known | fields)


def test_every_detail_type_of_the_contract_has_a_model() -> None:
    assert set(ALL_EVENTS) == {
        "robot/job.submitted",
        "robot/item.completed",
        "robot/job.completed",
        "robot/job.paused",
        "robot/shipment.duplicated",
        "automation/field.changed",
        "automation/order.stage_changed",
        "automation/robot.coord.completed",
        "automation/robot.guide.found",
    }


def test_a_detail_is_in_camel_case_with_ids_as_text_and_nothing_absent() -> None:
    assert json.loads(item_completed(tracking_number="T1").to_detail()) == {
        "jobId": str(ITEM),
        "itemId": str(ITEM),
        "workspaceId": str(WORKSPACE),
        "dispatch": 1,
        "status": "success",
        "trackingNumber": "T1",
    }


def test_a_field_that_had_no_value_says_so() -> None:
    changed = FieldChanged(
        workspace_id=WORKSPACE,
        entity_type="order",
        entity_id=ITEM,
        field_name="tracking_number",
        previous_value=None,
        new_value="T1",
        cascade_depth=0,
    )
    detail = json.loads(changed.to_detail())
    assert detail["previousValue"] is None
    assert "contactId" not in detail


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "done"},
        {"tracking_number": ""},
        {"tracking_number": "1" * 201},
        {"error_type": "weather"},
        {"dispatch": 0},
        {"surprise": 1},
    ],
)
def test_a_detail_that_its_model_does_not_know_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        item_completed(**fields)


#: A hand-over's detail, as the bus brings it.
SUBMITTED: dict[str, Any] = {
    "jobId": str(ITEM),
    "workspaceId": str(WORKSPACE),
    "carrier": "coordinadora",
    "dispatch": 1,
    "credentials": {"username": "u", "password": "sealed"},
    "orders": [{"itemId": str(ITEM), "orderId": str(ITEM)}],
}


@pytest.mark.parametrize(
    "part", [{"credentials": {"surprise": 1}}, {"orders": {"surprise": 1}}, {"orders": {"pedidoinput": {}}}]
)
def test_a_part_of_a_detail_that_its_model_does_not_know_is_refused(part: dict[str, dict[str, Any]]) -> None:
    """Naive: an order whose content is misspelled is handed over without it."""
    [(name, surprise)] = part.items()
    [order] = SUBMITTED["orders"]
    changed = SUBMITTED["credentials"] | surprise if name == "credentials" else [order | surprise]
    assert JobSubmitted.model_validate(SUBMITTED).orders[0].item_id == ITEM
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        JobSubmitted.model_validate(SUBMITTED | {name: changed})


def test_an_event_and_its_parts_stay_as_they_were_made() -> None:
    event = JobSubmitted.model_validate(SUBMITTED)
    assert event.credentials
    for each, name in ((event, "dispatch"), (event.credentials, "password"), (event.orders[0], "order_id")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(each, name, None)
