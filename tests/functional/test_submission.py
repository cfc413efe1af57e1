"""Submitting: what can be shipped becomes a job, the rest is rejected; a refusal makes nothing."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreateRobotJobParams,
    DomainContext,
    SubmitJobParams,
    UpdateOrderParams,
    create_robot_job,
    get_job_with_items,
    get_order,
    submit_job,
    update_order,
)
from shared.domain.ids import uuid7
from shared.domain.jobs import submit as submission_module
from shared.domain.jobs.record import UpdateJobItemResultParams, update_job_item_result
from shared.domain.jobs.submitted_sql import ORDER_OVERHEAD_BYTES
from tests.factories import (
    assert_agreement,
    data_of,
    events_of,
    failure_of,
    make_carrier_config,
    make_orders,
    report_error,
    report_success,
    rows_of,
)
from tests.racing import Pause, results, two_racers
from tests.statements import statements_of


@pytest.fixture
def configured(ctx: DomainContext, owner: Connection, workspace: UUID) -> DomainContext:
    """Give the context of a workspace whose carrier is configured."""
    make_carrier_config(owner, workspace)
    return ctx


def orders_with_each_refusal(owner: Connection, workspace: UUID) -> dict[str, UUID]:
    """Return an order for each code that a rejection can have."""
    columns: dict[str, dict[str, Any]] = {
        "already_shipped": {"tracking_number": "T-0"},
        "missing_address": {"shipping_address": None},
        "missing_city": {"shipping_city": ""},
        "missing_department": {"shipping_department": None},
        "city_not_covered": {"shipping_city": "Puerto Quimera"},
        "no_cash_on_delivery": {"shipping_city": "Abejorral", "prepaid": False},
        "missing_phone": {"contact_id": None},
    }
    return {code: make_orders(owner, workspace, **each)[0] for code, each in columns.items()}


def test_a_job_is_made_with_the_pedido_of_each_order(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    order_ids = make_orders(owner, workspace, 2)
    # An order without an address of its own has its buyer's.
    owner.execute("UPDATE orders SET email = NULL WHERE id = %s", [order_ids[1]])
    owner.execute("UPDATE contacts SET email = 'ospina@example.com' WHERE workspace_id = %s", [workspace])
    made = data_of(submit_job(configured, SubmitJobParams(order_ids)))
    assert (made.item_count, [item.order_id for item in made.items], made.rejected) == (2, order_ids, [])
    item, other = data_of(get_job_with_items(configured, made.job_id)).items
    assert item.value_sent
    assert other.value_sent == item.value_sent | {"email": "ospina@example.com"}
    assert item.value_sent == {
        "identificacion": "43567890",
        "nombres": "Luz",
        "apellidos": "Marina Ospina",
        "direccion": "Calle 10 # 43-12",
        "ciudad": "MEDELLIN (ANT)",
        "departamento": "ANT",
        "celular": "3004567890",
        "email": "luz@example.com",
        "referencia": "Pedido",
        "unidades": 1,
        "totalConIva": 0,
        "valorDeclarado": 10000,
        "esRecaudoContraentrega": False,
        "peso": 1,
        "alto": 10,
        "largo": 10,
        "ancho": 10,
    }
    [event] = events_of(owner, workspace, "robot/job.submitted")
    assert [each["pedidoInput"]["celular"] for each in event["orders"]] == ["3004567890"] * 2
    assert_agreement(owner, workspace)


def test_orders_that_can_t_be_shipped_are_rejected_each_with_its_reason_and_the_rest_go_ahead(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    bad = orders_with_each_refusal(owner, workspace)
    [good] = make_orders(owner, workspace)
    made = data_of(submit_job(configured, SubmitJobParams([*bad.values(), good])))
    assert [item.order_id for item in made.items] == [good]
    assert {rejected.code: rejected.order_id for rejected in made.rejected} == bad
    assert all(rejected.reason.endswith(".") for rejected in made.rejected)


def test_an_order_whose_shipment_has_no_known_number_is_not_shipped_again(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    """Naive: only the order's number is looked at, and the parcel is made twice."""
    order_ids = make_orders(owner, workspace)
    first = data_of(submit_job(configured, SubmitJobParams(order_ids)))
    report_success(configured, first.items[0].item_id, None)
    failure = failure_of(submit_job(configured, SubmitJobParams(order_ids)), "INVALID", "nothing_to_ship")
    [rejected] = failure.details["rejected"]  # type: ignore[misc] # details hold anything
    assert (rejected.order_id, rejected.code) == (order_ids[0], "already_shipped")  # type: ignore[has-type] # the same


def test_reshipment_is_allowed_when_asked_for(configured: DomainContext, owner: Connection, workspace: UUID) -> None:
    order_ids = make_orders(owner, workspace, tracking_number="T-0")
    failure_of(submit_job(configured, SubmitJobParams(order_ids)), "INVALID", "nothing_to_ship")
    assert data_of(submit_job(configured, SubmitJobParams(order_ids, allow_reshipment=True))).item_count == 1


def test_only_orders_that_would_go_ahead_are_named_as_held(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    """Naive: the reason is looked up for all that was asked for, and an order that is rejected anyway is waited for."""
    [shipped, held] = make_orders(owner, workspace, 2)
    data_of(create_robot_job(configured, CreateRobotJobParams([shipped])))
    holder = data_of(create_robot_job(configured, CreateRobotJobParams([held])))
    owner.execute("UPDATE orders SET tracking_number = 'T-0' WHERE id = %s", [shipped])
    failure = failure_of(submit_job(configured, SubmitJobParams([shipped, held])), "CONFLICT", "order_in_open_job")
    assert failure.details == {"orders": [{"order_id": held, "job_id": holder.job_id}]}


def test_an_order_that_failed_can_be_submitted_again(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    order_ids = make_orders(owner, workspace)
    first = data_of(submit_job(configured, SubmitJobParams(order_ids)))
    report_error(configured, first.items[0].item_id)
    assert data_of(submit_job(configured, SubmitJobParams(order_ids))).item_count == 1


# The refusals, in their order: each step mends what the one before was refused for.


def test_refusals_come_in_their_order_and_none_uses_up_the_key(
    ctx: DomainContext, owner: Connection, workspace: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    [held, used] = make_orders(owner, workspace, 2)
    data_of(create_robot_job(ctx, CreateRobotJobParams([held])))
    existing = data_of(create_robot_job(ctx, CreateRobotJobParams([used], idempotency_key="used")))
    [unshippable] = make_orders(owner, workspace, shipping_address=None)
    stranger = uuid7()
    # With the used key everything is wrong at once.
    everything = SubmitJobParams([held, unshippable, stranger], idempotency_key="used")
    failure = failure_of(submit_job(ctx, everything), "CONFLICT", "duplicate_job")
    assert failure.details["existing_job_id"] == existing.job_id
    before = rows_of(owner, workspace)

    fresh = replace(everything, idempotency_key="fresh")
    failure_of(submit_job(ctx, fresh), "INVALID", "carrier_not_configured")
    make_carrier_config(owner, workspace)
    failure = failure_of(submit_job(ctx, fresh), "NOT_FOUND", "orders_not_found")
    assert failure.details["order_ids"] == [stranger]
    failure_of(submit_job(ctx, replace(fresh, order_ids=[unshippable])), "INVALID", "nothing_to_ship")
    with monkeypatch.context() as smaller:
        smaller.setattr(submission_module, "MAX_WAVE_BYTES", 100)
        failure_of(submit_job(ctx, replace(fresh, order_ids=[held])), "INVALID", "batch_too_large")
    failure = failure_of(submit_job(ctx, replace(fresh, order_ids=[held])), "CONFLICT", "order_in_open_job")
    assert [each["order_id"] for each in failure.details["orders"]] == [held]  # type: ignore[attr-defined] # details hold anything
    assert rows_of(owner, workspace) == before

    good = make_orders(owner, workspace)
    made = data_of(submit_job(ctx, replace(fresh, order_ids=good)))
    failure = failure_of(submit_job(ctx, replace(fresh, order_ids=good)), "CONFLICT", "duplicate_job")
    assert failure.details["existing_job_id"] == made.job_id


def test_a_key_stays_used_after_its_job_has_ended(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    params = SubmitJobParams(make_orders(owner, workspace), idempotency_key="k")
    made = data_of(submit_job(configured, params))
    report_error(configured, made.items[0].item_id)
    failure_of(submit_job(configured, params), "CONFLICT", "duplicate_job")


def test_nothing_to_ship_names_every_order(configured: DomainContext, owner: Connection, workspace: UUID) -> None:
    bad = orders_with_each_refusal(owner, workspace)
    before = rows_of(owner, workspace)
    failure = failure_of(submit_job(configured, SubmitJobParams(list(bad.values()))), "INVALID", "nothing_to_ship")
    assert {each.code: each.order_id for each in failure.details["rejected"]} == bad  # type: ignore[attr-defined] # details hold anything
    assert rows_of(owner, workspace) == before


def test_another_workspaces_orders_are_not_found(configured: DomainContext, owner: Connection) -> None:
    theirs = make_orders(owner, uuid7(), 2)
    failure = failure_of(submit_job(configured, SubmitJobParams(theirs)), "NOT_FOUND", "orders_not_found")
    assert failure.details["order_ids"] == theirs


def test_another_carrier_is_not_configured(configured: DomainContext, owner: Connection, workspace: UUID) -> None:
    params = SubmitJobParams(make_orders(owner, workspace), carrier="other")
    failure_of(submit_job(configured, params), "INVALID", "carrier_not_configured")


def test_one_order_that_makes_more_bytes_than_a_robot_takes_is_refused(
    configured: DomainContext, owner: Connection, workspace: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    [short, long] = [
        *make_orders(owner, workspace),
        *make_orders(owner, workspace, shipping_address="ñ" * 500),
    ]
    most = 1_000
    monkeypatch.setattr(submission_module, "MAX_WAVE_BYTES", most)
    failure = failure_of(submit_job(configured, SubmitJobParams([short, long])), "INVALID", "batch_too_large")
    assert failure.details["max_bytes"] == most
    assert rows_of(owner, workspace)["jobs"] == []
    assert data_of(submit_job(configured, SubmitJobParams([short]))).item_count == 1
    # Counted as it is counted when waves are cut, and what just fits goes.
    monkeypatch.setattr(submission_module, "MAX_WAVE_BYTES", failure.details["bytes"])
    submission = data_of(submit_job(configured, SubmitJobParams([long])))
    [item] = data_of(get_job_with_items(configured, submission.job_id)).items
    sent = json.dumps(item.value_sent, ensure_ascii=False, separators=(",", ":")).encode()
    assert failure.details["bytes"] == len(sent) + ORDER_OVERHEAD_BYTES


def test_a_batch_of_many_megabytes_is_one_job(configured: DomainContext, owner: Connection, workspace: UUID) -> None:
    """Naive: the whole of it has to fit into one hand-over."""
    order_ids = make_orders(owner, workspace, 5_000, shipping_address="ñ" * 500)
    assert data_of(submit_job(configured, SubmitJobParams(order_ids))).item_count == 5_000


def test_submitting_takes_as_many_statements_for_a_thousand_orders_as_for_two(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    data_of(get_order(configured, make_orders(owner, workspace)[0]))
    counts = [
        statements_of(submit_job, configured, SubmitJobParams(make_orders(owner, workspace, count)))
        for count in (2, 1_000)
    ]
    assert counts[0] == counts[1] <= 15


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"order_ids": []}, "no_ids"),
        ({"order_ids": None}, "invalid_id"),
        ({"order_ids": ["7"]}, "invalid_id"),
        ({"order_ids": [uuid7()] * 2}, "duplicate_ids"),
        ({"order_ids": [uuid7() for _ in range(10_001)]}, "too_many_ids"),
        ({"carrier": ""}, "invalid_text"),
        ({"carrier": None}, "invalid_text"),
        ({"idempotency_key": ""}, "invalid_text"),
        ({"idempotency_key": "k" * 201}, "invalid_text"),
        ({"idempotency_key": "\0"}, "invalid_text"),
        ({"idempotency_key": "\ud800"}, "invalid_text"),
        ({"idempotency_key": 7}, "invalid_text"),
        ({"allow_reshipment": "yes"}, "invalid_value"),
    ],
)
def test_a_value_that_can_t_be_one_is_refused(configured: DomainContext, change: dict[str, Any], reason: str) -> None:
    params = SubmitJobParams(**{"order_ids": [uuid7()], **change})
    failure_of(submit_job(configured, params), "INVALID", reason)


def test_params_of_another_kind_are_refused(ctx: DomainContext) -> None:
    failure_of(submit_job(ctx, None), "INVALID", "invalid_value")  # type: ignore[arg-type] # callers hand in anything


# At once


def test_an_order_whose_report_is_being_recorded_is_not_shipped_again(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    """Naive: the order is read before its number is written, its item is inserted after the first has closed."""
    order_ids = make_orders(owner, workspace)
    first = data_of(submit_job(configured, SubmitJobParams(order_ids)))
    report = UpdateJobItemResultParams(first.items[0].item_id, "success", tracking_number="T-1")
    pause = Pause(workspace)
    with two_racers(owner) as (robot, operator):
        recorded = robot.start(pause.run, update_job_item_result, configured, report)
        pause.until_worked()
        again = operator.start_blocked(submit_job, configured, SubmitJobParams(order_ids))
        pause.commit()
        results(recorded)
        [refused] = results(again)
    failure_of(refused, "INVALID", "nothing_to_ship")
    assert_agreement(owner, workspace)


def test_of_two_submissions_of_one_order_at_once_one_makes_a_job(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    """Naive: both find the order in no open job."""
    order_ids = make_orders(owner, workspace)
    pause = Pause(workspace)
    with two_racers(owner) as (one, other):
        first = one.start(pause.run, submit_job, configured, SubmitJobParams(order_ids, idempotency_key="one"))
        pause.until_worked()
        second = other.start_blocked(submit_job, configured, SubmitJobParams(order_ids, idempotency_key="other"))
        pause.commit()
        [made] = results(first)
        [refused] = results(second)
    assert made is not None
    failure = failure_of(refused, "CONFLICT", "order_in_open_job")
    assert failure.details["orders"] == [{"order_id": order_ids[0], "job_id": data_of(made).job_id}]


def test_an_address_that_is_being_corrected_is_the_one_that_is_sent(
    configured: DomainContext, owner: Connection, workspace: UUID
) -> None:
    [order_id] = make_orders(owner, workspace)
    pause = Pause(workspace)
    with two_racers(owner) as (editor, operator):
        edited = editor.start(
            pause.run, update_order, configured, UpdateOrderParams(order_id, shipping_address="Calle 99")
        )
        pause.until_worked()
        submitted = operator.start_blocked(submit_job, configured, SubmitJobParams([order_id]))
        pause.commit()
        results(edited)
        made = data_of(results(submitted)[0])
    item = data_of(get_job_with_items(configured, made.job_id)).items[0]
    assert item.value_sent
    assert item.value_sent["direccion"] == "Calle 99"
