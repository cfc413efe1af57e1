"""A report's fields have one name all the way: body, report, event, what the domain records."""

from dataclasses import fields
from uuid import UUID

from functions.receive_callback.events import item_completed
from functions.receive_callback.models import ReportBody
from shared.domain import UpdateJobItemResultParams
from shared.events import ItemCompleted
from shared.robot.callback_token import CallbackClaims
from shared.robot.report import Report
from shared.workflow.record import _params

#: For the log, and whether the robot is answered 422; the outcome stands without them.
FOR_THE_DOOR_ALONE = {"understood", "remarks"}
JOB, ITEM, WORKSPACE = UUID(int=1), UUID(int=2), UUID(int=3)


def names_of(kind: type) -> set[str]:
    return {each.name for each in fields(kind)}


def test_no_step_leaves_a_field_of_a_report_out() -> None:
    """Fails where a field is added at one step alone: mapped by name, it would be dropped without a word."""
    reported = names_of(Report) - FOR_THE_DOOR_ALONE
    assert set(ReportBody.model_fields) == reported
    assert set(ItemCompleted.model_fields) == reported | names_of(CallbackClaims)
    assert names_of(UpdateJobItemResultParams) == set(ItemCompleted.model_fields) - {"workspace_id"}


def test_every_value_arrives_where_its_name_says() -> None:
    report = Report(ITEM, "error", "T-1", "BOGOTA", {"a": 1}, "portal", "no", guide_found=False)
    event = item_completed(CallbackClaims(JOB, WORKSPACE, 4), report)
    assert event.model_dump() == {
        "job_id": JOB,
        "item_id": ITEM,
        "workspace_id": WORKSPACE,
        "dispatch": 4,
        "status": "error",
        "tracking_number": "T-1",
        "validated_city": "BOGOTA",
        "value_sent": {"a": 1},
        "error_type": "portal",
        "error_message": "no",
        "guide_found": False,
    }
    assert vars(_params(event)) == {name: value for name, value in event.model_dump().items() if name != "workspace_id"}
