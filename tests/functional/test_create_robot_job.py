"""The rules of creating a job."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreateRobotJobParams,
    DomainContext,
    ListJobsParams,
    UpdateJobStatusParams,
    create_robot_job,
    list_jobs,
    update_job_status,
)
from shared.domain.ids import uuid7
from shared.events import JobSubmitted
from tests.factories import (
    assert_agreement,
    data_of,
    events_of,
    failure_of,
    make_carrier_config,
    make_ended_job,
    make_job,
    make_job_of,
    make_orders,
    read_job,
    report_success,
    row_of_dispatch,
    rows_of,
)


def test_one_job_and_an_item_for_each_order_are_made(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    order_ids = make_orders(owner, workspace, 3)
    made = data_of(create_robot_job(ctx, CreateRobotJobParams(order_ids[::-1], idempotency_key="k")))
    assert made.item_count == 3
    assert [item.order_id for item in made.items] == order_ids[::-1]
    job, items = (read := read_job(ctx, made)).job, read.items
    assert (job.id, job.workspace_id, job.carrier) == (made.job_id, workspace, "coordinadora")
    assert (job.status, job.total_items, job.success_count, job.error_count) == ("pending", 3, 0, 0)
    assert (job.idempotency_key, job.started_at, job.completed_at) == ("k", None, None)
    assert [(item.id, item.order_id) for item in items] == [(item.item_id, item.order_id) for item in made.items]
    assert {(item.job_id, item.status, item.retry_count, item.tracking_number) for item in items} == {
        (made.job_id, "pending", 0, None)
    }


def test_ten_thousand_orders_are_one_job(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    made = make_job(owner, ctx, items=10_000)
    assert (made.item_count, len(read_job(ctx, made).items)) == (10_000, 10_000)
    [event] = events_of(owner, workspace, "robot/job.submitted")
    # The first wave of them.
    assert [order["itemId"] for order in event["orders"]] == [str(item.item_id) for item in made.items[:25]]
    assert_agreement(owner, workspace)


def test_more_than_ten_thousand_orders_are_refused(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    failure_of(create_robot_job(ctx, CreateRobotJobParams([uuid7()] * 10_001)), "INVALID", "too_many_ids")
    assert rows_of(owner, workspace)["jobs"] == []


def test_orders_that_the_workspace_does_not_have_are_named_and_nothing_is_made(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    ours = make_orders(owner, workspace, 2)
    theirs, unknown = make_orders(owner, uuid7())[0], uuid7()
    before = rows_of(owner, workspace)
    result = create_robot_job(ctx, CreateRobotJobParams([ours[0], unknown, ours[1], theirs]))
    failure = failure_of(result, "NOT_FOUND", "orders_not_found")
    assert failure.details == {"order_ids": [unknown, theirs]}
    assert str(unknown) in failure.error
    assert rows_of(owner, workspace) == before


def test_no_ids_are_refused(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    failure_of(create_robot_job(ctx, CreateRobotJobParams([])), "INVALID", "no_ids")
    assert rows_of(owner, workspace)["jobs"] == []


def test_an_id_twice_is_refused_by_name(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: an error with an empty list."""
    one, two, three = make_orders(owner, workspace, 3)
    result = create_robot_job(ctx, CreateRobotJobParams([one, two, three, two, one, two]))
    failure = failure_of(result, "INVALID", "duplicate_ids")
    assert failure.details == {"ids": [one, two]}
    assert str(one) in failure.error
    assert rows_of(owner, workspace)["jobs"] == []


def test_an_idempotency_key_is_used_once_for_ever(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_job(owner, ctx, idempotency_key="k")
    again = CreateRobotJobParams(make_orders(owner, workspace), idempotency_key="k")
    assert failure_of(create_robot_job(ctx, again), "CONFLICT", "duplicate_job").details == {
        "existing_job_id": job.job_id
    }
    report_success(ctx, job.items[0].item_id)
    assert failure_of(create_robot_job(ctx, again), "CONFLICT", "duplicate_job").details == {
        "existing_job_id": job.job_id
    }
    assert len(data_of(list_jobs(ctx, ListJobsParams())).jobs) == 1


def test_a_used_key_is_told_before_anything_else_about_the_orders(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, idempotency_key="k")
    for order_ids in ([job.items[0].order_id], [uuid7()]):
        result = create_robot_job(ctx, CreateRobotJobParams(order_ids, idempotency_key="k"))
        failure_of(result, "CONFLICT", "duplicate_job")


def test_an_idempotency_key_is_the_workspace_s_own(owner: Connection, ctx: DomainContext) -> None:
    other = DomainContext(uuid7(), "test")
    assert make_job(owner, ctx, idempotency_key="k").job_id != make_job(owner, other, idempotency_key="k").job_id


def test_jobs_without_a_key_are_as_many_as_are_asked_for(owner: Connection, ctx: DomainContext) -> None:
    assert make_job(owner, ctx).job_id != make_job(owner, ctx).job_id


def test_a_refused_submission_does_not_use_up_its_key(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    assert not create_robot_job(ctx, CreateRobotJobParams([uuid7()], idempotency_key="k")).success
    assert make_job_of(ctx, make_orders(owner, workspace), idempotency_key="k").item_count == 1


def test_an_order_is_in_one_open_item_at_a_time(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: two operators ship one order twice."""
    first, second = make_job(owner, ctx, items=2), make_job(owner, ctx)
    free = make_orders(owner, workspace)
    before = rows_of(owner, workspace)
    held = [second.items[0].order_id, first.items[1].order_id]
    failure = failure_of(create_robot_job(ctx, CreateRobotJobParams(free + held)), "CONFLICT", "order_in_open_job")
    assert failure.details == {
        "orders": [
            {"order_id": second.items[0].order_id, "job_id": second.job_id},
            {"order_id": first.items[1].order_id, "job_id": first.job_id},
        ]
    }
    assert rows_of(owner, workspace) == before


def test_orders_that_are_stopped_for_two_reasons_are_refused_for_the_first_one_s(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: the operator is told of an order that was shipped that it is in an open job."""
    waits, shipped = make_job(owner, ctx), make_ended_job(owner, ctx, "success")
    both = [job.items[0].order_id for job in (waits, shipped)]
    for order_ids, reason, job in ((both, "order_in_open_job", waits), (both[::-1], "already_shipped", shipped)):
        failure = failure_of(create_robot_job(ctx, CreateRobotJobParams(order_ids)), "CONFLICT", reason)
        number = {"tracking_number": "T-0"} if job is shipped else {}
        assert failure.details == {"orders": [{"order_id": order_ids[0], "job_id": job.job_id} | number]}
        assert str(order_ids[1]) not in failure.error


@pytest.mark.parametrize(("times", "is_made"), [(1, True), (2, True), (3, False)])
def test_what_stood_in_the_way_and_is_gone_is_tried_again_twice(
    owner: Connection, workspace: UUID, fresh_database: str, times: int, *, is_made: bool
) -> None:
    assert fresh_database
    ctx, order_ids = DomainContext(workspace, "test"), make_orders(owner, workspace)
    owner.execute("CREATE SEQUENCE tries")
    # As an index does, of a row that is gone when it is looked for.
    owner.execute(
        "CREATE FUNCTION stand_in_the_way() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
        f" IF nextval('tries') <= {times} THEN RAISE unique_violation; END IF; RETURN NEW; END $$".encode()
    )
    owner.execute(
        "CREATE TRIGGER stand_in_the_way BEFORE INSERT ON robot_jobs FOR EACH ROW EXECUTE FUNCTION stand_in_the_way()"
    )
    result = create_robot_job(ctx, CreateRobotJobParams(order_ids))
    if is_made:
        assert [item.order_id for item in data_of(result).items] == order_ids
    else:
        assert failure_of(result, "CONFLICT", "order_in_open_job").details == {"orders": []}
    assert len(rows_of(owner, workspace)["jobs"]) == is_made


def test_an_order_being_processed_is_in_an_open_item_too(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    owner.execute("UPDATE robot_job_items SET status = 'processing' WHERE job_id = %s", [job.job_id])
    result = create_robot_job(ctx, CreateRobotJobParams([job.items[0].order_id]))
    failure_of(result, "CONFLICT", "order_in_open_job")


def test_an_order_whose_item_is_closed_can_be_submitted_again(owner: Connection, ctx: DomainContext) -> None:
    job = make_ended_job(owner, ctx, "success", "error")
    assert make_job_of(ctx, [job.items[1].order_id]).item_count == 1
    assert make_job_of(ctx, [job.items[0].order_id], allow_reshipment=True).item_count == 1


def test_an_order_that_was_shipped_is_not_submitted_again_unless_asked_for(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: only open items are looked at, and the order is shipped twice."""
    job = make_ended_job(owner, ctx, "success")
    result = create_robot_job(ctx, CreateRobotJobParams([job.items[0].order_id]))
    failure = failure_of(result, "CONFLICT", "already_shipped")
    assert failure.details == {
        "orders": [{"order_id": job.items[0].order_id, "job_id": job.job_id, "tracking_number": "T-0"}]
    }


def test_a_job_starts_in_dispatch_one_which_waits(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2)
    row = row_of_dispatch(owner, job)
    assert (row["status"], row["item_count"], row["attempts"], row["deadline_at"]) == ("waiting", 2, 0, None)
    assert (row["carrier"], row["workspace_id"]) == ("coordinadora", ctx.workspace_id)


def test_the_hand_over_is_asked_for_in_the_same_transaction(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    make_carrier_config(owner, workspace)
    one, two = make_orders(owner, workspace, 2)
    pedido = {"ciudad": "BOGOTÁ (C/MARCA)", "referencia": None, "unidades": 1, "nombres": "José 🎁 مرحبا"}
    made = make_job_of(ctx, [two, one], item_values={two: pedido})
    [event] = events_of(owner, workspace, "robot/job.submitted")
    assert event == {
        "jobId": str(made.job_id),
        "workspaceId": str(workspace),
        "kind": "shipment",
        "carrier": "coordinadora",
        "dispatch": 1,
        "credentials": {"username": "tienda", "password": "c2VhbGVk"},
        "orders": [
            {"itemId": str(made.items[0].item_id), "orderId": str(two), "pedidoInput": pedido},
            {"itemId": str(made.items[1].item_id), "orderId": str(one)},
        ],
    }
    assert [item.value_sent for item in read_job(ctx, made).items] == [pedido, None]
    JobSubmitted.model_validate(event)


def test_credentials_are_left_out_where_there_are_none(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_carrier_config(owner, workspace, portal_password_sealed=None)
    make_carrier_config(owner, uuid7())
    make_job(owner, ctx)
    [event] = events_of(owner, workspace, "robot/job.submitted")
    assert "credentials" not in event


def test_orders_that_do_not_fit_the_bus_stay_out_of_the_event(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    order_ids = make_orders(owner, workspace, 2)
    made = make_job_of(ctx, order_ids, item_values={order_id: {"x": "y" * 449_900} for order_id in order_ids})
    [event] = events_of(owner, workspace, "robot/job.submitted")
    assert (event["orders"], event["ordersOmitted"]) == ([], 2)
    JobSubmitted.model_validate(event)
    assert [item.value_sent for item in read_job(ctx, made).items] == [{"x": "y" * 449_900}] * 2


def test_orders_that_just_fit_the_bus_travel_in_less_than_a_megabyte(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    order_ids = make_orders(owner, workspace, 2)
    # Three bytes a character.
    make_job_of(ctx, order_ids, item_values={order_id: {"x": "€" * 149_800} for order_id in order_ids})
    many = make_orders(owner, workspace, 500)
    make_job_of(ctx, many, wave_size=500, item_values={id_: {"x": "y" * 1_600, "z": None} for id_ in many})
    sizes = owner.execute(
        "SELECT octet_length(detail::text), json_array_length(detail->'orders') FROM outbox WHERE workspace_id = %s"
        " ORDER BY id",
        [workspace],
    ).fetchall()
    assert [count for _, count in sizes] == [2, 500]
    assert all(size < 900_000 for size, _ in sizes)
    assert sizes[1][0] > 800_000


def test_times_are_kept_in_utc_whatever_the_server_s_zone(
    owner: Connection, workspace: UUID, fresh_database: str
) -> None:
    """Naive: local time written into a timestamptz is five hours off."""
    ctx = DomainContext(workspace, "test")
    owner.execute(f"ALTER DATABASE {fresh_database} SET timezone TO 'America/Bogota'".encode())
    before = datetime.now(UTC) - timedelta(seconds=1)
    job = make_job(owner, ctx)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "processing")))
    report_success(ctx, job.items[0].item_id)
    read = read_job(ctx, job)
    times = [read.job.created_at, read.job.updated_at, read.job.started_at, read.job.completed_at]
    times += [read.items[0].created_at, read.items[0].started_at, read.items[0].completed_at]
    for time in times:
        assert time is not None
        assert time.utcoffset() == timedelta(0)
        assert before < time < before + timedelta(minutes=1)
