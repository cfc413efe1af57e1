"""The rules of retrying failed items."""

import json
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    HandOver,
    RetryFailedItemsParams,
    UpdateJobStatusParams,
    claim_dispatch,
    create_robot_job,
    retry_failed_items,
    update_job_status,
)
from shared.domain.ids import uuid7
from shared.domain.jobs.parcels import Candidate
from shared.domain.jobs.submitted_sql import MAX_ORDERS_BYTES, ORDER_OVERHEAD_BYTES
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    events_of,
    failure_of,
    hand_over,
    make_carrier_config,
    make_ended_job,
    make_job,
    make_job_of,
    make_orders,
    read_job,
    report_error,
    report_success,
    row_of_dispatch,
    rows_of,
)

Retry = RetryFailedItemsParams


def test_all_failed_items_go_back_to_pending(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_ended_job(owner, ctx, "error", "success", "error")
    retried = data_of(retry_failed_items(ctx, Retry(job.job_id)))
    assert (retried.retried_count, retried.item_ids) == (2, [job.items[0].item_id, job.items[2].item_id])
    now = read_job(ctx, job)
    for item in (now.items[0], now.items[2]):
        assert (item.status, item.retry_count, item.error_type, item.error_message) == ("pending", 1, None, None)
        assert item.completed_at is None
        assert item.last_retry_at is not None
    assert (now.items[1].status, now.items[1].retry_count, now.items[1].last_retry_at) == ("success", 0, None)
    assert_agreement(owner, workspace)


def test_an_ended_job_waits_again_with_fewer_errors(owner: Connection, ctx: DomainContext) -> None:
    for results in (("error", "success", "error"), ("error", "error")):
        job = make_ended_job(owner, ctx, *results)
        data_of(retry_failed_items(ctx, Retry(job.job_id)))
        now = read_job(ctx, job).job
        assert (now.status, now.error_count, now.completed_at) == ("pending", 0, None)
        assert now.success_count == results.count("success")


def test_only_the_named_items_are_retried(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_ended_job(owner, ctx, "error", "error", "error")
    named = [job.items[2].item_id, job.items[0].item_id]
    assert data_of(retry_failed_items(ctx, Retry(job.job_id, named))).item_ids == sorted(named)
    assert [item.status for item in read_job(ctx, job).items] == ["pending", "error", "pending"]
    assert read_job(ctx, job).job.error_count == 1
    assert_agreement(owner, workspace)


def test_a_retry_asks_for_the_hand_over_of_just_those_items_under_the_next_dispatch(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: rows are reset, but nothing is handed to the robot."""
    make_carrier_config(owner, workspace)
    order_ids = make_orders(owner, workspace, 3)
    job = make_job_of(ctx, order_ids, item_values={order_ids[1]: {"ciudad": "CALI (VALLE)"}})
    hand_over(ctx, job)
    report_success(ctx, job.items[0].item_id)
    report_error(ctx, job.items[1].item_id)
    report_error(ctx, job.items[2].item_id)
    data_of(retry_failed_items(ctx, Retry(job.job_id, [job.items[1].item_id])))
    event = events_of(owner, workspace, "robot/job.submitted")[-1]
    assert event == {
        "jobId": str(job.job_id),
        "workspaceId": str(workspace),
        "kind": "shipment",
        "carrier": "coordinadora",
        "dispatch": 2,
        "credentials": {"username": "tienda", "password": "c2VhbGVk"},
        "orders": [
            {
                "itemId": str(job.items[1].item_id),
                "orderId": str(order_ids[1]),
                "pedidoInput": {"ciudad": "CALI (VALLE)"},
            }
        ],
    }
    row = row_of_dispatch(owner, job, 2)
    assert (row["status"], row["item_count"], row["carrier"]) == ("waiting", 1, "coordinadora")
    assert [item.item_id for item in claim(ctx, job, 2).items] == [job.items[1].item_id]


def test_the_old_dispatch_hands_nothing_over_any_more(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)
    job = make_ended_job(owner, ctx, "error")
    data_of(retry_failed_items(ctx, Retry(job.job_id)))
    assert not isinstance(data_of(claim_dispatch(ctx, DispatchRef(job.job_id, 1))), HandOver)
    assert isinstance(data_of(claim_dispatch(ctx, DispatchRef(job.job_id, 2))), HandOver)


def test_items_too_large_for_the_bus_stay_out_of_the_retry_s_event(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    order_ids = make_orders(owner, workspace, 3)
    job = make_job_of(ctx, order_ids, item_values={order_id: {"x": "y" * 460_000} for order_id in order_ids[:2]})
    for item in job.items:
        report_error(ctx, item.item_id)
    data_of(retry_failed_items(ctx, Retry(job.job_id)))
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
    data_of(retry_failed_items(ctx, Retry(job.job_id, [item.item_id for item in job.items[1:]])))
    events = events_of(owner, workspace, "robot/job.submitted")
    assert [(len(event["orders"]), event.get("ordersOmitted")) for event in events] == [(0, 3), (0, 3), (2, None)]


@pytest.mark.parametrize("value", [{"x": "y" * 1_990, "z": None}, {"x": "€" * 660}], ids=["text", "euros"])
def test_many_small_items_travel_with_the_retry_only_while_they_fit_the_bus(
    owner: Connection, ctx: DomainContext, workspace: UUID, value: dict[str, Any]
) -> None:
    """Naive: the values are counted and what stands around them is not, and the bus refuses the event for ever."""
    fitting = MAX_ORDERS_BYTES // (ORDER_OVERHEAD_BYTES + len(json.dumps(value, ensure_ascii=False).encode()))
    order_ids = make_orders(owner, workspace, fitting + 1)
    job = make_job_of(ctx, order_ids, item_values=dict.fromkeys(order_ids, value), wave_size=500)
    for count in (fitting, fitting + 1):
        data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
        named = [item.item_id for item in job.items[:count]]
        assert data_of(retry_failed_items(ctx, Retry(job.job_id, named))).retried_count == count
    _, first, second = events_of(owner, workspace, "robot/job.submitted")
    assert (len(first["orders"]), first.get("ordersOmitted")) == (fitting, None)
    assert (len(second["orders"]), second.get("ordersOmitted")) == (0, fitting + 1)
    assert len(json.dumps(first["orders"], ensure_ascii=False).encode()) <= MAX_ORDERS_BYTES


def test_a_retry_s_time_grows_with_its_items_and_not_with_their_square(
    owner: Connection, ctx: DomainContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_ended_job(owner, ctx, *["error"] * 20)
    compared: list[object] = []

    def compare(one: Candidate, other: object) -> bool:
        compared.append(other)
        return one is other

    monkeypatch.setattr(Candidate, "__eq__", compare)
    assert data_of(retry_failed_items(ctx, Retry(job.job_id))).retried_count == 20
    assert len(compared) <= 20


def test_each_retry_counts(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_ended_job(owner, ctx, "error")
    for dispatch in (2, 3, 4):
        data_of(retry_failed_items(ctx, Retry(job.job_id)))
        report_error(ctx, job.items[0].item_id, dispatch=dispatch)
    [item] = read_job(ctx, job).items
    assert (item.status, item.retry_count) == ("error", 3)
    assert [event["dispatch"] for event in events_of(owner, workspace, "robot/job.completed")] == [1, 2, 3, 4]
    assert_agreement(owner, workspace)


def test_a_processing_job_keeps_its_status(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx, items=2)
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    data_of(retry_failed_items(ctx, Retry(job.job_id)))
    now = read_job(ctx, job)
    assert (now.job.status, now.job.error_count) == ("processing", 0)
    assert [item.status for item in now.items] == ["pending", "processing"]
    # The item of the first hand-over is still answered by its reports.
    assert report_error(ctx, job.items[1].item_id, dispatch=1) == "recorded"
    assert_agreement(owner, workspace)


def test_nothing_to_retry_is_refused(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    for job in (make_job(owner, ctx), make_ended_job(owner, ctx, "success")):
        before = rows_of(owner, workspace)
        failure_of(retry_failed_items(ctx, Retry(job.job_id)), "INVALID", "nothing_to_retry")
        assert rows_of(owner, workspace) == before


def test_ids_that_are_no_failed_items_of_the_job_are_refused_by_name(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    job, other = make_ended_job(owner, ctx, "error", "success"), make_ended_job(owner, ctx, "error")
    failed, shipped = (item.item_id for item in job.items)
    unknown, of_another_job = uuid7(), other.items[0].item_id
    before = rows_of(owner, workspace)
    wrong = [shipped, unknown, of_another_job]
    failure = failure_of(retry_failed_items(ctx, Retry(job.job_id, [failed, *wrong])), "INVALID", "invalid_items")
    assert failure.details == {"item_ids": sorted(wrong)}
    assert str(unknown) in failure.error
    assert rows_of(owner, workspace) == before


def test_an_order_that_is_open_in_another_job_is_skipped(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    job = make_ended_job(owner, ctx, "error", "error")
    other = data_of(create_robot_job(ctx, CreateRobotJobParams([job.items[1].order_id])))
    before = rows_of(owner, workspace)
    held = Retry(job.job_id, [job.items[1].item_id])
    refused = failure_of(retry_failed_items(ctx, held), "INVALID", "nothing_to_retry")
    assert rows_of(owner, workspace) == before
    retried = data_of(retry_failed_items(ctx, Retry(job.job_id)))
    assert (retried.item_ids, retried.skipped) == ([job.items[0].item_id], refused.details["skipped"])
    [skipped] = retried.skipped
    assert (skipped.code, skipped.item_id, skipped.job_id) == (
        "order_in_open_job",
        job.items[1].item_id,
        other.job_id,
    )


def test_an_unknown_job_is_not_found(owner: Connection, ctx: DomainContext) -> None:
    theirs = make_ended_job(owner, DomainContext(uuid7(), "test"), "error")
    for job_id in (uuid7(), theirs.job_id):
        failure = failure_of(retry_failed_items(ctx, Retry(job_id)), "NOT_FOUND", "job_not_found")
        assert failure.details == {"job_id": job_id}
