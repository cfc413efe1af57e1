"""What a recorded report does beyond its item: the job, the order, the events, the history."""

from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    DomainContext,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    retry_failed_items,
    update_job_item_results,
    update_job_status,
)
from tests.factories import (
    assert_agreement,
    data_of,
    events_of,
    make_carrier_config,
    make_ended_job,
    make_job,
    make_job_of,
    make_lookup,
    make_orders,
    read_item,
    read_job,
    report_error,
    report_success,
    row_of_dispatch,
)


def test_the_job_ends_when_every_item_is_closed(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_job(owner, ctx, items=3)
    report_success(ctx, job.items[0].item_id, "T-0")
    report_error(ctx, job.items[1].item_id)
    assert (read_job(ctx, job).job.status, read_job(ctx, job).job.completed_at) == ("pending", None)
    assert events_of(owner, workspace, "robot/job.completed") == []
    report_success(ctx, job.items[2].item_id, "T-2")
    now = read_job(ctx, job).job
    assert (now.status, now.success_count, now.error_count) == ("completed", 2, 1)
    assert now.completed_at is not None
    assert events_of(owner, workspace, "robot/job.completed") == [
        {
            "jobId": str(job.job_id),
            "workspaceId": str(workspace),
            "kind": "shipment",
            "status": "completed",
            "dispatch": 1,
            "successCount": 2,
            "errorCount": 1,
        }
    ]


def test_a_job_where_nothing_succeeded_has_failed(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: it says `completed`."""
    job = make_ended_job(owner, ctx, "error", "error")
    assert read_job(ctx, job).job.status == "failed"
    assert [event["status"] for event in events_of(owner, workspace, "robot/job.completed")] == ["failed"]


def test_a_late_success_completes_a_failed_job_without_a_second_event(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    job = make_ended_job(owner, ctx, "error", "error")
    ended = read_job(ctx, job).job
    report_success(ctx, job.items[0].item_id)
    now = read_job(ctx, job).job
    assert (now.status, now.success_count, now.error_count) == ("completed", 1, 1)
    assert now.completed_at == ended.completed_at
    assert len(events_of(owner, workspace, "robot/job.completed")) == 1


def test_each_end_of_a_job_is_told_once(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_ended_job(owner, ctx, "error", "success")
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    report_error(ctx, job.items[0].item_id, dispatch=2)
    assert report_error(ctx, job.items[0].item_id, dispatch=2) == "duplicate"
    ends = [(event["dispatch"], event["status"]) for event in events_of(owner, workspace, "robot/job.completed")]
    assert ends == [(1, "completed"), (2, "completed")]


def test_a_job_ended_by_hand_keeps_the_status_asked_for_when_reports_come_late(
    owner: Connection, ctx: DomainContext
) -> None:
    job = make_job(owner, ctx, items=2)
    report_error(ctx, job.items[0].item_id)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "processing")))
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "completed")))
    assert report_error(ctx, job.items[1].item_id) == "duplicate"
    assert report_success(ctx, job.items[1].item_id) == "recorded"
    assert (read_job(ctx, job).job.status, read_job(ctx, job).job.success_count) == ("completed", 1)


def test_a_number_goes_to_the_order_and_is_told_once(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: a repeated success fires the customer's automation again."""
    job = make_job(owner, ctx)
    [(contact_id,)] = owner.execute("SELECT id FROM contacts WHERE workspace_id = %s", [workspace]).fetchall()
    for _ in range(3):
        report_success(ctx, job.items[0].item_id, "T-1")
    order_id = job.items[0].order_id
    assert owner.execute("SELECT tracking_number FROM orders WHERE id = %s", [order_id]).fetchall() == [("T-1",)]
    assert events_of(owner, workspace, "automation/field.changed") == [
        {
            "workspaceId": str(workspace),
            "entityType": "order",
            "entityId": str(order_id),
            "fieldName": "tracking_number",
            "previousValue": None,
            "newValue": "T-1",
            "contactId": str(contact_id),
            "cascadeDepth": 0,
        }
    ]
    assert events_of(owner, workspace, "automation/robot.coord.completed") == [
        {
            "workspaceId": str(workspace),
            "orderId": str(order_id),
            "orderName": "Pedido",
            "trackingNumber": "T-1",
            "carrier": "coordinadora",
            "contactId": str(contact_id),
            "orderValue": 85000,
            "shippingCity": "Medellín",
            "shippingAddress": "Calle 10 # 43-12",
            "shippingDepartment": "Antioquia",
            "contactName": "Luz Marina Ospina",
            "contactPhone": "3004567890",
            "cascadeDepth": 0,
        }
    ]


def test_a_number_that_comes_later_is_told_then(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_job(owner, ctx)
    report_success(ctx, job.items[0].item_id, None)
    assert events_of(owner, workspace, "automation/robot.coord.completed") == []
    completed_at = read_item(ctx, job).completed_at
    report_success(ctx, job.items[0].item_id, "T-1")
    assert [e["trackingNumber"] for e in events_of(owner, workspace, "automation/robot.coord.completed")] == ["T-1"]
    assert [e["newValue"] for e in events_of(owner, workspace, "automation/field.changed")] == ["T-1"]
    assert len(events_of(owner, workspace, "robot/job.completed")) == 1
    assert (read_job(ctx, job).job.success_count, read_item(ctx, job).completed_at) == (1, completed_at)
    assert_agreement(owner, workspace)


def test_an_order_that_has_the_number_already_has_not_changed(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    [order_id] = make_orders(owner, workspace)
    job = make_job_of(ctx, [order_id])
    owner.execute("UPDATE orders SET tracking_number = 'T-1' WHERE id = %s", [order_id])
    report_success(ctx, job.items[0].item_id, "T-1")
    assert events_of(owner, workspace, "automation/field.changed") == []
    assert len(events_of(owner, workspace, "automation/robot.coord.completed")) == 1


def test_a_reshipment_tells_the_number_before(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    [order_id] = make_orders(owner, workspace, tracking_number="T-0")
    job = make_job_of(ctx, [order_id], allow_reshipment=True)
    report_success(ctx, job.items[0].item_id, "T-1")
    [change] = events_of(owner, workspace, "automation/field.changed")
    assert (change["previousValue"], change["newValue"]) == ("T-0", "T-1")


@pytest.mark.parametrize("newest_first", [False, True])
def test_of_two_numbers_for_one_order_in_one_list_the_first_reported_stays(
    owner: Connection, ctx: DomainContext, workspace: UUID, *, newest_first: bool
) -> None:
    """Naive: the second shipment's number replaces the first one's on the order, and the first is lost."""
    [order_id] = make_orders(owner, workspace)
    jobs = []
    for _ in range(2):
        jobs.append(make_job_of(ctx, [order_id]))
        report_error(ctx, jobs[-1].items[0].item_id)
    if newest_first:
        jobs.reverse()
    reports = [
        UpdateJobItemResultParams(job.items[0].item_id, "success", tracking_number=f"T-{n}")
        for n, job in enumerate(jobs)
    ]
    outcomes = data_of(update_job_item_results(ctx, reports))
    assert [each.outcome for each in outcomes] == ["recorded", "recorded"]
    [change] = events_of(owner, workspace, "automation/field.changed")
    assert (change["previousValue"], change["newValue"]) == (None, "T-0")
    assert owner.execute("SELECT tracking_number FROM orders WHERE id = %s", [order_id]).fetchall() == [("T-0",)]
    assert [read_item(ctx, job).shipment for job in jobs] == ["made", "second"]
    assert events_of(owner, workspace, "robot/shipment.duplicated") == [
        {
            "workspaceId": str(workspace),
            "orderId": str(order_id),
            "jobId": str(jobs[1].job_id),
            "itemId": str(jobs[1].items[0].item_id),
            "trackingNumber": "T-1",
            "firstTrackingNumber": "T-0",
        }
    ]
    assert len(events_of(owner, workspace, "automation/robot.coord.completed")) == 2


@pytest.mark.parametrize(("depth", "changes"), [(2, [2]), (3, []), (4, [])])
def test_changes_are_not_told_when_the_cascade_has_reached_its_limit(
    owner: Connection, ctx: DomainContext, workspace: UUID, depth: int, changes: list[int]
) -> None:
    job = make_job(owner, ctx)
    deep = DomainContext(workspace, "automation", cascade_depth=depth)
    report_success(deep, job.items[0].item_id)
    assert [e["cascadeDepth"] for e in events_of(owner, workspace, "automation/field.changed")] == changes
    assert owner.execute("SELECT tracking_number FROM orders WHERE workspace_id = %s", [workspace]).fetchall() == [
        ("T-1",)
    ]


def test_every_report_is_kept_whatever_became_of_it(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2)
    item_id = job.items[0].item_id
    report_error(ctx, item_id, "first")
    report_error(ctx, item_id, "second")
    report_success(ctx, item_id, "T-1", dispatch=1)
    report_success(ctx, item_id, "T-2")
    report_error(ctx, item_id, "late")
    rows = owner.execute(
        "SELECT outcome, dispatch, status, tracking_number, error_type, error_message, workspace_id"
        " FROM robot_job_item_reports WHERE item_id = %s ORDER BY id",
        [item_id],
    ).fetchall()
    assert rows == [
        ("recorded", 1, "error", None, "portal", "first", ctx.workspace_id),
        ("duplicate", 1, "error", None, "portal", "second", ctx.workspace_id),
        ("recorded", 1, "success", "T-1", None, None, ctx.workspace_id),
        ("conflict", 1, "success", "T-2", None, None, ctx.workspace_id),
        ("stale", 1, "error", None, "portal", "late", ctx.workspace_id),
    ]


def test_several_reports_of_one_item_in_one_list_are_kept_in_their_order(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=20)
    kinds = ("error", "error", "success", "success", "error")
    reports = [
        UpdateJobItemResultParams(item.item_id, kind, tracking_number=f"T-{number}")  # type: ignore[arg-type] # one of them
        for number, kind in enumerate(kinds)
        for item in reversed(job.items)
    ]
    results = data_of(update_job_item_results(ctx, reports))
    expected = ["recorded", "duplicate", "recorded", "conflict", "stale"]
    assert [result.outcome for result in results] == [each for each in expected for _ in job.items]
    assert [result.item_id for result in results] == [report.item_id for report in reports]
    kept = owner.execute(
        "SELECT array_agg(outcome ORDER BY id) FROM robot_job_item_reports WHERE item_id = ANY(%s) GROUP BY item_id",
        [[item.item_id for item in job.items]],
    ).fetchall()
    assert kept == [(expected,)] * 20


def test_reports_of_several_jobs_in_one_list_move_each_job(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    jobs = [make_job(owner, ctx, items=2) for _ in range(3)]
    reports = [
        UpdateJobItemResultParams(item.item_id, "success", f"T-{item.item_id}") for job in jobs for item in job.items
    ]
    data_of(update_job_item_results(ctx, reports))
    assert [read_job(ctx, job).job.status for job in jobs] == ["completed"] * 3
    assert len(events_of(owner, workspace, "robot/job.completed")) == 3
    assert_agreement(owner, workspace)


def test_waves_of_both_kinds_that_end_in_one_list_are_each_over(owner: Connection, ctx: DomainContext) -> None:
    """Naive: a guide comes with the last shipment of a wave, and the job's next wave is never made."""
    make_carrier_config(owner, ctx.workspace_id)
    shipment = make_job_of(ctx, make_orders(owner, ctx.workspace_id, 2), wave_size=1)
    lookup = make_lookup(owner, ctx, items=2, wave_size=1)
    reports = [UpdateJobItemResultParams(job.items[0].item_id, "success", "T-1") for job in (shipment, lookup)]
    results = data_of(update_job_item_results(ctx, reports))
    assert [(each.outcome, each.order_id) for each in results] == [
        ("recorded", job.items[0].order_id) for job in (shipment, lookup)
    ]
    for job in (shipment, lookup):
        assert row_of_dispatch(owner, job)["status"] == "closed"
        assert row_of_dispatch(owner, job, 2)["item_count"] == 1
    assert_agreement(owner, ctx.workspace_id)


def test_an_error_of_what_was_never_handed_over_may_be_of_a_shipment_all_the_same(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: what waits can't have been shipped, or a report about what is in no wave yet is refused."""
    job = make_job_of(ctx, make_orders(owner, ctx.workspace_id, 2), wave_size=1)
    reports = [UpdateJobItemResultParams(item.item_id, "error", error_type="timeout") for item in job.items]
    assert [each.outcome for each in data_of(update_job_item_results(ctx, reports))] == ["recorded"] * 2
    # The robot had the one whose wave it answers; the other one's is not known.
    assert [(item.status, item.shipment, item.attempt_count) for item in read_job(ctx, job).items] == [
        ("error", "possible", 1),
        ("error", "possible", 0),
    ]
    assert_agreement(owner, ctx.workspace_id)


def test_a_report_that_comes_before_the_acceptance_starts_the_job(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2)
    report_success(ctx, job.items[0].item_id)
    started = read_job(ctx, job).job.started_at
    assert started is not None
    report_success(ctx, job.items[1].item_id, "T-2")
    assert read_job(ctx, job).job.started_at == started
