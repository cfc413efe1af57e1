"""Each order is judged and sent by what is its own: nothing that happens to its neighbours stops it or changes it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreatedJob,
    CreateRobotJobParams,
    DomainContext,
    RetryFailedItemsParams,
    SubmitJobParams,
    UpdateJobStatusParams,
    create_robot_job,
    retry_failed_items,
    submit_job,
    update_job_status,
)
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    failure_of,
    hand_over,
    make_carrier_config,
    make_job_of,
    make_orders,
    read_item,
    report_error,
    report_success,
)


@dataclass(frozen=True)
class Neighbour:
    """An order of the workspace, and why the guard stops it."""

    order_id: UUID
    blocked_by: str | None


def _shipped(number: str | None) -> Callable[[Connection, DomainContext, UUID], str]:
    def ship(_owner: Connection, ctx: DomainContext, order_id: UUID) -> str:
        report_success(ctx, make_job_of(ctx, [order_id]).items[0].item_id, number)
        return "already_shipped"

    return ship


def _numbered(owner: Connection, _ctx: DomainContext, order_id: UUID) -> str:
    owner.execute("UPDATE orders SET tracking_number = 'T-0' WHERE id = %s", [order_id])
    return "already_shipped"


def _unsettled(owner: Connection, ctx: DomainContext, order_id: UUID) -> str:
    job = make_job_of(ctx, [order_id])
    hand_over(ctx, job)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
    [(shipment,)] = owner.execute("SELECT shipment FROM robot_job_items WHERE job_id = %s", [job.job_id]).fetchall()
    assert shipment == "possible"
    return "shipment_unsettled"


def _open(_owner: Connection, ctx: DomainContext, order_id: UUID) -> str:
    make_job_of(ctx, [order_id])
    return "order_in_open_job"


SITUATIONS = {
    "shipped, numbered": _shipped("T-1"),
    "shipped, unnumbered": _shipped(None),
    "a number of its own": _numbered,
    "unsettled": _unsettled,
    "open": _open,
}


@pytest.fixture
def configured(ctx: DomainContext, owner: Connection, workspace: UUID) -> DomainContext:
    make_carrier_config(owner, workspace)
    return ctx


@pytest.fixture(params=SITUATIONS)
def neighbour(request: pytest.FixtureRequest, configured: DomainContext, owner: Connection) -> Neighbour:
    """Give an order in one of the situations that stop an order."""
    [order_id] = make_orders(owner, configured.workspace_id)
    return Neighbour(order_id, SITUATIONS[request.param](owner, configured, order_id))


def test_a_new_job_takes_the_order_beside_one_that_is_stopped(
    configured: DomainContext, owner: Connection, neighbour: Neighbour
) -> None:
    """Naive: one shipment without a number marks every order of the workspace as shipped."""
    [free] = make_orders(owner, configured.workspace_id)
    refused = create_robot_job(configured, CreateRobotJobParams([free, neighbour.order_id]))
    failure = failure_of(refused, "CONFLICT", neighbour.blocked_by or "")
    assert [each["order_id"] for each in failure.details["orders"]] == [neighbour.order_id]  # type: ignore[attr-defined] # details hold anything
    assert [item.order_id for item in make_job_of(configured, [free]).items] == [free]
    assert_agreement(owner, configured.workspace_id)


def test_a_submission_takes_the_order_beside_one_that_is_stopped(
    configured: DomainContext, owner: Connection, neighbour: Neighbour
) -> None:
    first, last = make_orders(owner, configured.workspace_id, 2)
    # One that is open elsewhere refuses the whole request, so that it is not asked for.
    asked = [first, last] if neighbour.blocked_by == "order_in_open_job" else [first, neighbour.order_id, last]
    made = data_of(submit_job(configured, SubmitJobParams(asked)))
    assert [item.order_id for item in made.items] == [first, last]
    assert [(each.order_id, each.code) for each in made.rejected] == [
        (neighbour.order_id, neighbour.blocked_by) for _ in asked[2:]
    ]


def test_a_retry_takes_the_order_beside_one_that_is_stopped(
    configured: DomainContext, owner: Connection, neighbour: Neighbour
) -> None:
    assert neighbour.blocked_by
    job = make_job_of(configured, make_orders(owner, configured.workspace_id, 2))
    for item in job.items:
        report_error(configured, item.item_id)
    retried = data_of(retry_failed_items(configured, RetryFailedItemsParams(job.job_id)))
    assert (retried.item_ids, retried.skipped) == ([item.item_id for item in job.items], [])


def test_a_hand_over_takes_the_order_beside_one_that_is_stopped(
    configured: DomainContext, owner: Connection, neighbour: Neighbour
) -> None:
    assert neighbour.blocked_by
    # Another hand-over of the workspace is over before this one begins.
    owner.execute("UPDATE robot_job_dispatches SET status = 'closed'")
    job = make_job_of(configured, make_orders(owner, configured.workspace_id, 2))
    assert [item.order_id for item in claim(configured, job).items] == [item.order_id for item in job.items]
    assert [read_item(configured, job, index).error_message for index in (0, 1)] == [None, None]


def test_each_order_is_sent_with_its_own_contact_and_place(configured: DomainContext, owner: Connection) -> None:
    """Naive: a join that lost its key sends every parcel to one person."""
    wanted = {}
    for name, phone, city, department in (
        ("Ana Ríos", "3001112233", "Cali", "Valle del Cauca"),
        ("Luis Mora", "3002223344", "Medellín", "Antioquia"),
        ("Eva Paz", "3003334455", "Bogotá", "Bogotá D.C."),
    ):
        [order_id] = make_orders(
            owner, configured.workspace_id, name=name, shipping_city=city, shipping_department=department
        )
        owner.execute(
            "UPDATE contacts SET name = %s, phone = %s WHERE id = (SELECT contact_id FROM orders WHERE id = %s)",
            [name, phone, order_id],
        )
        wanted[order_id] = (name.split()[0], phone, city.upper().replace("Í", "I").replace("Á", "A"))
    made = data_of(submit_job(configured, SubmitJobParams(list(wanted))))
    sent = {}
    for item in claim(configured, CreatedJob(made.job_id, made.item_count, made.items)).items:
        value = item.pedido_input
        sent[item.order_id] = (value["nombres"], value["celular"], str(value["ciudad"]).partition(" (")[0])
    assert sent == wanted
