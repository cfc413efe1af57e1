"""What SQL writes into the outbox is what the events' models say, field by field.

Each statement that builds an event is run with everything that it can say, and with nothing that it need not.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection
from pydantic import BaseModel

from shared.domain import (
    DomainContext,
    RetryFailedItemsParams,
    UpdateJobStatusParams,
    UpdateOrderParams,
    cancel_job,
    expire_dispatches,
    pause_job,
    retry_failed_items,
    update_job_status,
    update_order,
)
from shared.events import (
    ALL_EVENTS,
    FieldChanged,
    ItemCompleted,
    JobPaused,
    RobotGuideFound,
    SealedCredentials,
    ShipmentDuplicated,
    SubmittedOrder,
)
from tests.factories import (
    data_of,
    events_of,
    look_up,
    make_carrier_config,
    make_job,
    make_job_of,
    make_lookup,
    make_orders,
    report_error,
    report_success,
)

Make = Callable[[Connection, DomainContext], object]


def a_full_order_is_shipped(owner: Connection, ctx: DomainContext) -> None:
    [order_id] = make_orders(owner, ctx.workspace_id, total_value=189900.5)
    data_of(update_order(ctx, UpdateOrderParams(order_id, stage_id="nuevo", total_value=100)))
    data_of(update_order(ctx, UpdateOrderParams(order_id, stage_id=None, prepaid=False, custom_fields={"a": [1]})))
    report_success(ctx, make_job_of(ctx, [order_id]).items[0].item_id, "T-1")


def a_bare_order_is_shipped(owner: Connection, ctx: DomainContext) -> None:
    bare: dict[str, Any] = dict.fromkeys(
        ("contact_id", "name", "total_value", "email", "stage_id", *(f"shipping_{part}" for part in PLACE))
    )
    [order_id] = make_orders(owner, ctx.workspace_id, **bare)
    data_of(update_order(ctx, UpdateOrderParams(order_id, stage_id="nuevo")))
    report_success(ctx, make_job_of(ctx, [order_id]).items[0].item_id, "T-1")


def a_job_with_everything_is_submitted(owner: Connection, ctx: DomainContext) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    one, other = make_orders(owner, ctx.workspace_id, 2)
    make_job_of(ctx, [one, other], item_values={one: {"nombres": "Ana", "unidades": 1}})


def a_job_with_nothing_is_submitted(owner: Connection, ctx: DomainContext) -> None:
    make_job(owner, ctx)


def a_job_too_large_for_an_event_is_submitted(owner: Connection, ctx: DomainContext) -> None:
    [one] = make_orders(owner, ctx.workspace_id)
    make_job_of(ctx, [one], item_values={one: {"observaciones": "a" * 900_000}})


def a_job_is_retried(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    report_error(ctx, job.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))


def a_job_is_ended_by_hand(owner: Connection, ctx: DomainContext) -> None:
    data_of(update_job_status(ctx, UpdateJobStatusParams(make_job(owner, ctx).job_id, "failed")))


def a_job_is_cancelled_after_a_success(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2)
    report_success(ctx, job.items[0].item_id)
    data_of(cancel_job(ctx, job.job_id))


def a_job_is_paused_by_an_operator(owner: Connection, ctx: DomainContext) -> None:
    data_of(pause_job(ctx, make_job(owner, ctx).job_id))


def a_job_is_paused_by_errors(owner: Connection, ctx: DomainContext) -> None:
    for item in make_job(owner, ctx, items=6).items[:5]:
        report_error(ctx, item.item_id, "Login fallido en el portal")


def a_second_shipment_is_reported(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    report_success(ctx, job.items[0].item_id)
    report_success(ctx, job.items[0].item_id, "T-2")


def a_second_shipment_of_nothing_known_is_reported(owner: Connection, ctx: DomainContext) -> None:
    [order_id] = make_orders(owner, ctx.workspace_id)
    jobs = []
    for _ in range(2):
        jobs.append(make_job_of(ctx, [order_id]))
        report_error(ctx, jobs[-1].items[0].item_id)
    for job in jobs:
        report_success(ctx, job.items[0].item_id, None)


def a_full_orders_guide_is_found(owner: Connection, ctx: DomainContext) -> None:
    report_success(ctx, make_lookup(owner, ctx).items[0].item_id, "G-1")


def a_bare_orders_guide_is_found(owner: Connection, ctx: DomainContext) -> None:
    orders = make_orders(owner, ctx.workspace_id, contact_id=None, name=None, tracking_number="P-1")
    report_success(ctx, look_up(owner, ctx, orders).items[0].item_id, "G-1")


PLACE = ("address", "city", "department")
NOT_OF_A_SHIPMENT = {
    ItemCompleted.detail_type,
    ShipmentDuplicated.detail_type,
    JobPaused.detail_type,
    RobotGuideFound.detail_type,
}
LOOKED_UP = {"robot/job.submitted", "robot/job.completed", FieldChanged.detail_type, RobotGuideFound.detail_type}
#: What is done → the types of event that it has to tell of.
CASES: dict[Make, set[str]] = {
    a_full_order_is_shipped: set(ALL_EVENTS) - NOT_OF_A_SHIPMENT,
    a_bare_order_is_shipped: set(ALL_EVENTS) - NOT_OF_A_SHIPMENT,
    a_full_orders_guide_is_found: LOOKED_UP,
    a_bare_orders_guide_is_found: LOOKED_UP,
    a_job_with_everything_is_submitted: {"robot/job.submitted"},
    a_job_with_nothing_is_submitted: {"robot/job.submitted"},
    a_job_too_large_for_an_event_is_submitted: {"robot/job.submitted"},
    a_job_is_retried: {"robot/job.submitted", "robot/job.completed"},
    a_job_is_paused_by_an_operator: {"robot/job.submitted", "robot/job.paused"},
    a_job_is_paused_by_errors: {"robot/job.submitted", "robot/job.paused"},
    a_job_is_ended_by_hand: {"robot/job.submitted", "robot/job.completed"},
    a_job_is_cancelled_after_a_success: {
        "robot/job.submitted",
        "robot/job.completed",
        "automation/field.changed",
        "automation/robot.coord.completed",
    },
    a_second_shipment_of_nothing_known_is_reported: {
        "robot/job.submitted",
        "robot/job.completed",
        "robot/shipment.duplicated",
    },
    a_second_shipment_is_reported: {
        "robot/job.submitted",
        "robot/job.completed",
        "robot/shipment.duplicated",
        "automation/field.changed",
        "automation/robot.coord.completed",
    },
}


def details_of(owner: Connection, workspace_id: UUID) -> dict[str, list[dict[str, Any]]]:
    told = {kind: events_of(owner, workspace_id, kind) for kind in ALL_EVENTS}
    return {kind: details for kind, details in told.items() if details}


def assert_as_the_model_says(kind: str, detail: dict[str, Any]) -> None:
    # Strict: a number that is a text is none. What the model makes of it again is all that it may say.
    event = ALL_EVENTS[kind].model_validate_json(json.dumps(detail), strict=True)
    assert json.loads(event.to_detail()) == detail
    assert detail.keys() <= {field.alias for field in ALL_EVENTS[kind].model_fields.values()}


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_sql_and_model_agree(make: Make, owner: Connection, ctx: DomainContext) -> None:
    """Fails where SQL spells a member otherwise, gives a number as a text, or writes null for what is absent."""
    make(owner, ctx)
    told = details_of(owner, ctx.workspace_id)
    assert told.keys() == CASES[make]
    for kind, details in told.items():
        for detail in details:
            assert_as_the_model_says(kind, detail)


def test_every_member_of_a_model_is_one_that_sql_builds(owner: Connection, ctx: DomainContext) -> None:
    """Fails where a model has a member that no statement ever writes, or a member left out that is not optional."""
    told: dict[str, list[dict[str, Any]]] = {}
    for number, make in enumerate(CASES):
        own = DomainContext(UUID(int=ctx.workspace_id.int ^ number), "test")
        make(owner, own)
        for kind, details in details_of(owner, own.workspace_id).items():
            told.setdefault(kind, []).extend(details)
    for kind, details in told.items():
        assert_all_members(ALL_EVENTS[kind], details)
    submitted = told["robot/job.submitted"]
    assert_all_members(SubmittedOrder, [order for detail in submitted for order in detail["orders"]])
    assert_all_members(SealedCredentials, [detail["credentials"] for detail in submitted if "credentials" in detail])


def assert_all_members(model: type[BaseModel], details: list[dict[str, Any]]) -> None:
    fields = model.model_fields.values()
    members = [detail.keys() for detail in details]
    assert set().union(*members) == {field.alias for field in fields}
    always = {field.alias for field in fields if field.is_required() or field.default is not None}
    assert set.intersection(*map(set, members)) == always


@pytest.mark.usefixtures("fresh_database")
def test_a_lost_message_that_is_sent_again_is_as_its_model_says(
    owner: Connection, workspace: UUID, as_system: Callable[[], None]
) -> None:
    job = make_job(owner, DomainContext(workspace, "test"))
    owner.execute("DELETE FROM outbox")
    owner.execute("UPDATE robot_job_dispatches SET called_at = now() - interval '1 day'")
    as_system()
    expire_dispatches()
    [again] = events_of(owner, workspace, "robot/job.submitted")
    assert (again["jobId"], again["ordersOmitted"]) == (str(job.job_id), 1)
    assert_as_the_model_says("robot/job.submitted", again)
