"""Lookups that are made by themselves, every so many hours, and tell nobody."""

from collections.abc import Callable
from itertools import chain, repeat
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from shared.db.audit import audit
from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    LookUpGuidesParams,
    UpdateJobItemResultParams,
    UpsertCarrierConfigParams,
    cancel_job,
    get_carrier_config,
    is_end_announced,
    look_up_guides,
    note_refused,
    pause_job,
    update_job_item_results,
    upsert_carrier_config,
)
from shared.domain.ids import uuid7
from shared.domain.jobs.insert_lookup import insert_lookup
from shared.domain.jobs.models import MAX_ERROR_MESSAGE
from tests.factories import (
    claim,
    data_of,
    events_of,
    failure_of,
    hand_over,
    look_up,
    make_carrier_config,
    make_job,
    make_job_of,
    make_orders,
    read_job,
    report_error,
    report_success,
)
from tests.functional.conftest import Bus
from tests.functional.record_queue import RecordQueue

Run = Callable[[], dict[str, int]]


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID, owner: Connection, bus: Bus, record_queue: RecordQueue) -> DomainContext:
    assert all((fresh_database, bus, record_queue))
    make_carrier_config(owner, workspace)
    return DomainContext(workspace, "test")


def ship(owner: Connection, ctx: DomainContext, hours_ago: float, count: int = 1) -> list[UUID]:
    """Ship orders and let so many hours pass since."""
    order_ids = make_orders(owner, ctx.workspace_id, count)
    for item in make_job_of(ctx, order_ids).items:
        report_success(ctx, item.item_id, f"P-{item.item_id}")
    owner.execute(
        "UPDATE robot_job_items SET completed_at = now() - %s * interval '1 hour' WHERE order_id = ANY(%s)",
        [hours_ago, order_ids],
    )
    return order_ids


def lookups(owner: Connection, ctx: DomainContext) -> list[UUID]:
    rows = owner.execute(
        "SELECT id FROM robot_jobs WHERE workspace_id = %s AND kind = 'guide_lookup' ORDER BY id", [ctx.workspace_id]
    )
    return [job_id for (job_id,) in rows]


def let_pass(owner: Connection, hours: float) -> None:
    owner.execute("UPDATE robot_jobs SET created_at = created_at - %s * interval '1 hour'", [hours])


def made(job_id: UUID) -> CreatedJob:
    """Return a job that the schedule made as the factories take one."""
    return CreatedJob(job_id, 0, [])


def items(ctx: DomainContext, job_id: UUID) -> list[tuple[UUID, UUID]]:
    return [(item.id, item.order_id) for item in read_job(ctx, made(job_id)).items]


def close(ctx: DomainContext, job_id: UUID, guide: str | None = None) -> None:
    """Hand a lookup over and report each of its items."""
    ref = made(job_id)
    hand_over(ctx, ref)
    reports = [UpdateJobItemResultParams(item_id, "success", guide) for item_id, _ in items(ctx, job_id)]
    data_of(update_job_item_results(ctx, reports))


def test_what_a_run_has_no_time_for_is_left_to_the_next_one(
    owner: Connection, ctx: DomainContext, run_expire_items: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_late() -> dict[str, int]:
        with monkeypatch.context() as late:
            late.setattr("functions.expire_items.app.time", SimpleNamespace(monotonic=chain([0], repeat(28)).__next__))
            return run_expire_items()

    overdue = make_job_of(ctx, make_orders(owner, ctx.workspace_id, 1))
    hand_over(ctx, overdue)
    owner.execute("UPDATE robot_job_dispatches SET deadline_at = now() WHERE job_id = %s", [overdue.job_id])
    assert [run()["closed_items"] for run in (run_late, run_expire_items)] == [0, 1]
    ship(owner, ctx, hours_ago=2.1)
    assert [run()["lookups"] for run in (run_late, run_expire_items)] == [0, 1]


def test_a_lookup_is_made_so_many_hours_after_the_first_shipment_and_then_every_so_many(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    ship(owner, ctx, hours_ago=1.9)
    assert run_expire_items()["lookups"] == 0
    first = ship(owner, ctx, hours_ago=2.1)
    assert [run_expire_items()["lookups"] for _ in range(2)] == [1, 0]
    [job_id] = lookups(owner, ctx)
    assert len(items(ctx, job_id)) == 2
    assert first[0] in {order_id for _, order_id in items(ctx, job_id)}
    [event] = [
        each for each in events_of(owner, ctx.workspace_id, "robot/job.submitted") if each["kind"] == "guide_lookup"
    ]
    assert (event["jobId"], event["ordersOmitted"]) == (str(job_id), 2)
    # None while one is open, nor before the hours have passed; then again, for what is not there yet.
    let_pass(owner, 3)
    assert run_expire_items()["lookups"] == 0
    close(ctx, job_id)
    owner.execute("UPDATE robot_jobs SET created_at = now() - interval '1.9 hours' WHERE id = %s", [job_id])
    assert run_expire_items()["lookups"] == 0
    let_pass(owner, 0.2)
    assert run_expire_items()["lookups"] == 1
    # The hours are those since the last one.
    close(ctx, lookups(owner, ctx)[-1])
    assert run_expire_items()["lookups"] == 0
    let_pass(owner, 3)
    assert run_expire_items()["lookups"] == 1
    close(ctx, lookups(owner, ctx)[-1], "G-1")
    let_pass(owner, 3)
    assert run_expire_items()["lookups"] == 0
    assert audit(owner) == []


def test_a_week_passes_between_two_where_the_workspace_says_so(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(guide_lookup_hours=168)))
    ship(owner, ctx, hours_ago=169)
    assert run_expire_items()["lookups"] == 1
    close(ctx, lookups(owner, ctx)[0])
    for hours, made_now in ((167.9, 0), (0.2, 1)):
        let_pass(owner, hours)
        assert run_expire_items()["lookups"] == made_now


def test_the_longest_due_is_made_first(
    owner: Connection, ctx: DomainContext, run_expire_items: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: by their ids, or those last that have had none; with more of them than a run makes, some never get one."""
    contexts = [ctx, *(DomainContext(uuid7(), "test") for _ in range(2))]
    for each in contexts[1:]:
        make_carrier_config(owner, each.workspace_id)
    for each in contexts[:2]:
        ship(owner, each, hours_ago=9)
    run_expire_items()
    for each, hours in zip(contexts, (5, 6), strict=False):
        close(each, lookups(owner, each)[0])
        owner.execute(
            "UPDATE robot_jobs SET created_at = now() - %s * interval '1 hour'"
            " WHERE workspace_id = %s AND kind = 'guide_lookup'",
            [hours, each.workspace_id],
        )
    ship(owner, contexts[2], hours_ago=3)
    monkeypatch.setattr("shared.domain.jobs.due_lookups.BATCH", 1)
    made_of = []
    for _ in contexts:
        assert run_expire_items()["lookups"] == 1
        newest = "SELECT workspace_id FROM robot_jobs WHERE kind = 'guide_lookup' ORDER BY id DESC LIMIT 1"
        made_of += owner.execute(newest).fetchall()
    assert made_of == [(each.workspace_id,) for each in contexts[::-1]]


def test_none_is_made_beside_one_that_is_open_though_it_asks_for_another_order(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    """Naive: what the robot has counts as over, and it gets a second lookup beside the first."""
    [asked, other] = ship(owner, ctx, hours_ago=3, count=2)
    close(ctx, look_up(owner, ctx, [other]).job_id)
    by_hand = look_up(owner, ctx, [asked])
    assert run_expire_items()["lookups"] == 0
    hand_over(ctx, by_hand)
    assert read_job(ctx, by_hand).job.status == "processing"
    assert run_expire_items()["lookups"] == 0
    report_success(ctx, by_hand.items[0].item_id, "9001")
    assert run_expire_items()["lookups"] == 1


def test_none_is_made_while_the_robot_ships_and_none_of_what_is_too_old(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    ship(owner, ctx, hours_ago=14 * 24 + 1)
    assert run_expire_items()["lookups"] == 0
    ship(owner, ctx, hours_ago=13 * 24)
    shipping = make_job_of(ctx, make_orders(owner, ctx.workspace_id))
    assert run_expire_items()["lookups"] == 0
    hand_over(ctx, shipping)
    assert run_expire_items()["lookups"] == 0
    report_success(ctx, shipping.items[0].item_id, "P-9")
    assert run_expire_items()["lookups"] == 1
    assert len(items(ctx, lookups(owner, ctx)[0])) == 2


def test_zero_hours_make_none_and_a_number_found_by_hand_counts_as_shipped(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    make_orders(owner, ctx.workspace_id, tracking_number="P-1")
    owner.execute("UPDATE orders SET number_by_hand = true, updated_at = now() - interval '1 hour'")
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(guide_lookup_hours=0)))
    assert run_expire_items()["lookups"] == 0
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(guide_lookup_hours=2)))
    assert run_expire_items()["lookups"] == 0
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(guide_lookup_hours=1, is_enabled=False)))
    assert run_expire_items()["lookups"] == 0
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(is_enabled=True)))
    assert run_expire_items()["lookups"] == 1


def test_a_number_found_by_hand_is_looked_up_for_as_many_days_as_a_robot_s(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    """Naive: what was written by hand is asked for as long as it has no guide."""
    make_orders(owner, ctx.workspace_id, tracking_number="P-1")
    for hours, lookups_made in ((14 * 24 + 1, 0), (14 * 24 - 1, 1)):
        owner.execute("UPDATE orders SET number_by_hand = true, updated_at = now() - %s * interval '1 hour'", [hours])
        assert run_expire_items()["lookups"] == lookups_made


def test_a_refusal_for_good_stops_them_until_the_configuration_changes(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    """Naive: a robot without the route is asked for ever."""
    ship(owner, ctx, hours_ago=3)
    assert run_expire_items()["lookups"] == 1
    # What the robot says of a shipment says nothing of lookups, and what it says of those nothing of another carrier's.
    shipment = make_job(owner, ctx)
    claim(ctx, shipment)
    data_of(note_refused(ctx, DispatchRef(shipment.job_id, 1), "HTTP 400"))
    assert data_of(get_carrier_config(ctx, "coordinadora")).guides_refused_at is None
    owner.execute("INSERT INTO carrier_configs (workspace_id, carrier) VALUES (%s, 'envia')", [ctx.workspace_id])
    ref = DispatchRef(lookups(owner, ctx)[0], 1)
    claim(ctx, made(ref.job_id))
    data_of(note_refused(ctx, ref, "HTTP 404"))
    refused = owner.execute("SELECT carrier FROM carrier_configs WHERE guides_refused_at IS NOT NULL").fetchall()
    assert refused == [("coordinadora",)]
    let_pass(owner, 3)
    assert run_expire_items()["lookups"] == 0
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(robot_url="https://new.example.com")))
    assert run_expire_items()["lookups"] == 1


def test_it_tells_nobody_and_ends_after_errors_in_a_row(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    """Naive: it is paused, which nobody is told, and no lookup is made any more."""
    owner.execute("UPDATE carrier_configs SET wave_size = 3, stop_after_errors = 3")
    ship(owner, ctx, hours_ago=3, count=5)
    run_expire_items()
    [job_id] = lookups(owner, ctx)
    hand_over(ctx, made(job_id))
    # As long as a robot's words may be.
    words = "Login fallido en el portal de Coordinadora".ljust(MAX_ERROR_MESSAGE, ".")
    reports = [
        UpdateJobItemResultParams(item_id, "error", error_type="portal", error_message=words)
        for item_id, _ in items(ctx, job_id)[:3]
    ]
    data_of(update_job_item_results(ctx, reports))
    now = read_job(ctx, made(job_id))
    assert (now.job.status, now.job.paused_at, now.job.error_count) == ("failed", None, 5)
    assert now.items[-1].error_message == f"not asked after 3 errors in a row: {words}"[:MAX_ERROR_MESSAGE]
    assert events_of(owner, ctx.workspace_id, "robot/job.paused") == []
    assert data_of(is_end_announced(ctx, DispatchRef(job_id, 1)))
    assert audit(owner) == []
    let_pass(owner, 3)
    assert run_expire_items()["lookups"] == 1
    # Of what a person asked for they are.
    assert not data_of(is_end_announced(ctx, DispatchRef(make_job(owner, ctx).job_id, 1)))


def test_a_later_one_does_not_wait_for_what_was_just_shipped(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    """Naive: each shipment has to be so old, and with 168 hours most are too old by then."""
    ship(owner, ctx, hours_ago=3)
    run_expire_items()
    [first] = lookups(owner, ctx)
    close(ctx, first, "9001")
    ship(owner, ctx, hours_ago=0.5)
    run_expire_items()
    assert len(lookups(owner, ctx)) == 1
    let_pass(owner, 2.1)
    run_expire_items()
    assert len(lookups(owner, ctx)) == 2


def test_none_is_made_while_hand_overs_are_off(
    owner: Connection, ctx: DomainContext, run_expire_items: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship(owner, ctx, hours_ago=3)
    monkeypatch.setenv("HAND_OVERS", "off")
    assert run_expire_items()["lookups"] == 0
    refused = look_up_guides(ctx, LookUpGuidesParams(idempotency_key="k"))
    failure_of(refused, "INVALID", "carrier_not_configured")
    monkeypatch.setenv("HAND_OVERS", "on")
    assert run_expire_items()["lookups"] == 1


def test_one_that_fails_stops_no_other(
    owner: Connection, ctx: DomainContext, run_expire_items: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: the schedule stands still for everybody, and its alarms with it."""
    other = DomainContext(uuid7(), "test")
    make_carrier_config(owner, other.workspace_id)
    for each in (ctx, other):
        ship(owner, each, hours_ago=3)
    make = insert_lookup

    def fails_for_one(conn: Connection, workspace_id: UUID, *rest: Any, **more: Any) -> CreatedJob:
        if workspace_id == ctx.workspace_id:
            raise psycopg.errors.DataError("one row is wrong")
        return make(conn, workspace_id, *rest, **more)

    monkeypatch.setattr("shared.domain.jobs.due_lookups.insert_lookup", fails_for_one)
    with pytest.raises(psycopg.errors.DataError):
        run_expire_items()
    assert (len(lookups(owner, ctx)), len(lookups(owner, other))) == (0, 1)


def test_what_another_workspace_has_stops_none(owner: Connection, ctx: DomainContext, run_expire_items: Run) -> None:
    """Naive: one workspace's shipments, or its open lookup, keep all others without their guides."""
    other = DomainContext(uuid7(), "test")
    make_carrier_config(owner, other.workspace_id)
    [ours], [theirs] = ship(owner, ctx, hours_ago=3), ship(owner, other, hours_ago=3)
    shipping = make_job_of(other, make_orders(owner, other.workspace_id))
    hand_over(other, shipping)
    assert run_expire_items()["lookups"] == 1
    [lookup] = lookups(owner, ctx)
    assert [order_id for _, order_id in items(ctx, lookup)] == [ours]
    report_error(other, shipping.items[0].item_id)
    assert run_expire_items()["lookups"] == 1
    [lookup] = lookups(owner, other)
    assert [order_id for _, order_id in items(other, lookup)] == [theirs]


def test_a_shipment_with_another_carrier_s_robot_stops_none(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    ship(owner, ctx, hours_ago=3)
    make_job_of(ctx, make_orders(owner, ctx.workspace_id), carrier="servientrega")
    assert run_expire_items()["lookups"] == 1


def test_a_shipment_that_waits_without_a_turn_stops_none(
    owner: Connection, ctx: DomainContext, run_expire_items: Run
) -> None:
    """Naive: a job that is paused for a week leaves the buyers without their guides for as long."""
    ship(owner, ctx, hours_ago=3)
    paused = make_job_of(ctx, make_orders(owner, ctx.workspace_id))
    data_of(pause_job(ctx, paused.job_id))
    assert run_expire_items()["lookups"] == 1


def test_what_was_asked_longest_ago_is_asked_first(
    owner: Connection, ctx: DomainContext, run_expire_items: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: the oldest that never get a guide are asked each time, and the others never."""
    monkeypatch.setattr("shared.domain.jobs.due_lookups.MAX_LOOKED_UP", 2)
    [young] = ship(owner, ctx, hours_ago=7)
    first, second = ship(owner, ctx, hours_ago=9, count=2)
    asked = []
    for _ in range(3):
        run_expire_items()
        asked.append([order_id for _, order_id in items(ctx, lookups(owner, ctx)[-1])])
        data_of(cancel_job(ctx, lookups(owner, ctx)[-1]))
        let_pass(owner, 3)
    # Of those asked at one moment the oldest shipment; how long ago is since it was asked last.
    assert asked == [[first, second], [young, first], [second, first]]
