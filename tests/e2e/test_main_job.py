"""The main job on the deployed stack: in at the API, through the bus, to the robot and back."""

from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from local.cli.api import RobotJobsApi
from local.cli.errors import ApiError
from local.cli.order_files import read_orders
from local.demo import robot as demo
from local.demo.automations import subscribed
from local.demo.portal import judge, search
from local.stack.state import Stack
from shared.db.audit import audit
from tests.e2e import steps

pytestmark = pytest.mark.e2e
ORDERS = Path(__file__).parents[2] / "local" / "samples" / "orders.csv"


def test_the_sample_orders_are_shipped_once_each_with_a_look_and_a_retry(
    api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    rows = read_orders(ORDERS, workspace).orders
    steps.configure(api, stack, workspace)
    demo.behave_as_in_the_demo(stack.robot_url, workspace, seconds_per_order=0.02)
    assert api.import_orders([row.body for row in rows]) == 25
    with subscribed(stack, workspace) as automations:
        made = api.submit([row.id for row in rows], idempotency_key="batch 1")
        names = {row.id: row.name for row in rows}
        assert {names[order.order_id]: order.code for order in made.rejected} == {
            "A-1024": "no_cash_on_delivery",
            "A-1025": "city_not_covered",
        }
        first = steps.wait_until_ended(api, made.job_id)
        assert (first.status, first.success_count, first.error_count) == ("completed", 20, 3)
        unsettled = api.get_items(made.job_id, status="unsettled")
        found = [judge(item, search(stack.robot_url, workspace, item.reference)) for item in unsettled]
        assert {names[item.order_id]: each.outcome for item, each in zip(unsettled, found, strict=True)} == {
            "A-1007": "shipped",
            "A-1015": "not shipped",
        }
        assert api.settle(made.job_id, [each.body for each in found]).settled_count == 2
        failed = {item.id for item in api.get_items(made.job_id, status="error")}
        retried = api.retry(made.job_id)
        assert (retried.retried_count, retried.skipped) == (2, [])
        second = steps.wait_until_ended(api, made.job_id)
        assert (second.status, second.success_count, second.error_count) == ("completed", 23, 0)
        fired = automations.drain(expected=46, timeout_s=20)
    assert {kind: len(events) for kind, events in fired.items()} == {
        "automation/field.changed": 23,
        "automation/robot.coord.completed": 23,
    }
    items = api.get_items(made.job_id)
    assert {item.id for item in items if item.retry_count == 1} == failed
    shipped = steps.ledger(stack, workspace)
    assert {item.order_id: [item.tracking_number] for item in items} == shipped
    assert {order_id: [api.get_order(order_id).tracking_number] for order_id in shipped} == shipped


def test_two_jobs_of_one_workspace_wait_for_each_other(api: RobotJobsApi, stack: Stack, workspace: UUID) -> None:
    steps.configure(api, stack, workspace, secondsPerOrder=0.3)
    first = api.submit(steps.import_orders(api, 5))
    second = api.submit(steps.import_orders(api, 2))
    assert steps.wait_until_ended(api, first.job_id).success_count == 5
    assert steps.wait_until_ended(api, second.job_id).success_count == 2
    assert all(len(numbers) == 1 for numbers in steps.ledger(stack, workspace).values())


def test_a_key_is_used_once(api: RobotJobsApi, stack: Stack, workspace: UUID) -> None:
    steps.configure(api, stack, workspace)
    order_ids = steps.import_orders(api, 2)
    made = api.submit(order_ids[:1], idempotency_key="once")
    with pytest.raises(ApiError) as refused:
        api.submit(order_ids[1:], idempotency_key="once")
    assert (refused.value.status, refused.value.code) == (409, "duplicate_job")
    assert refused.value.members["existingJobId"] == str(made.job_id)


def test_the_database_is_sound_after_all_of_it(stack: Stack) -> None:
    with psycopg.connect(stack.database_url, autocommit=True) as owner:
        assert owner.execute("SELECT count(*) > 0 FROM robot_jobs").fetchone() == (True,)
        assert audit(owner) == []
