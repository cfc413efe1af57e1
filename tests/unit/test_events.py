"""The events of the bus, as their subscribers read them."""

import json
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.events import ALL_EVENTS, FieldChanged, ItemCompleted

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
