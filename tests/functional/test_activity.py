"""Who did what: one entry a command that changed something, in the command's transaction."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from functions.manage_jobs.app import handler
from shared.db.transaction import transaction
from shared.domain import (
    ActivityEntry,
    ChangeJobParams,
    ContactParams,
    DomainContext,
    ImportOrder,
    ImportOrdersParams,
    ListActivityParams,
    RetryFailedItemsParams,
    SettleItemsParams,
    Settlement,
    UpdateJobStatusParams,
    UpdateOrderParams,
    UpsertCarrierConfigParams,
    cancel_job,
    change_job,
    import_orders,
    list_activity,
    pause_job,
    remove_personal_data,
    resume_job,
    retry_failed_items,
    settle_items,
    update_job_status,
    update_order,
    upsert_carrier_config,
)
from shared.domain.ids import uuid7
from tests.factories import (
    data_of,
    failure_of,
    hand_over,
    make_carrier_config,
    make_job,
    make_job_of,
    make_orders,
    report_error,
    report_success,
)
from tests.http_client import assert_problem, call


def entries(ctx: DomainContext, **of: Any) -> list[ActivityEntry]:
    """Return what was done, oldest first."""
    return data_of(list_activity(ctx, ListActivityParams(**of, limit=500))).entries[::-1]


def done(ctx: DomainContext, **of: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(entry.action, entry.details) for entry in entries(ctx, **of)]


def test_each_command_leaves_one_entry_with_who_gave_it(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)
    job = make_job(owner, ctx, items=3, wave_size=2, priority="normal")
    data_of(pause_job(ctx, job.job_id))
    data_of(resume_job(ctx, job.job_id))
    data_of(change_job(ctx, ChangeJobParams(job.job_id, priority="urgent")))
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    data_of(cancel_job(ctx, job.job_id))
    # Nothing is left to cancel: the robot has the rest.
    assert data_of(cancel_job(ctx, job.job_id)).cancelled_count == 0
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
    data_of(settle_items(ctx, SettleItemsParams(job.job_id, [Settlement(job.items[1].item_id, shipped=True)])))
    assert done(ctx, job_id=job.job_id) == [
        ("job_submitted", {"items": 3, "priority": "normal"}),
        ("job_paused", {}),
        ("job_resumed", {}),
        ("job_prioritised", {"priority": "urgent"}),
        ("job_retried", {"items": 1, "skipped": 0}),
        ("job_cancelled", {"items": 2}),
        ("job_ended", {"status": "failed", "items": 1}),
        ("job_settled", {"items": {"shipped": 1, "not_shipped": 0, "voided": 0}}),
    ]
    assert {(entry.actor, entry.source, entry.job_id) for entry in entries(ctx)} == {("tester", "test", job.job_id)}


def test_what_changed_nothing_or_was_refused_leaves_none(owner: Connection, ctx: DomainContext) -> None:
    """Naive: each click is an entry, and what was done is lost among what was tried."""
    job = make_job(owner, ctx)
    order_id = job.items[0].order_id
    data_of(pause_job(ctx, job.job_id))
    before = entries(ctx)
    data_of(pause_job(ctx, job.job_id))
    data_of(change_job(ctx, ChangeJobParams(job.job_id, priority="normal")))
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "processing")))
    data_of(update_order(ctx, UpdateOrderParams(order_id, carrier=None)))
    failure_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)), "INVALID", "nothing_to_retry")
    failure_of(cancel_job(ctx, uuid7()), "NOT_FOUND", "job_not_found")
    assert entries(ctx) == before


def test_an_entry_is_undone_with_its_command(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_job(owner, ctx)
    before = entries(ctx)

    class UndoneError(Exception):
        """The outer transaction fails."""

    def undone() -> None:
        with transaction(workspace):
            data_of(cancel_job(ctx, job.job_id))
            raise UndoneError

    with pytest.raises(UndoneError):
        undone()
    assert entries(ctx) == before


def test_a_long_name_of_whoever_it_was_is_cut(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, replace(ctx, actor="ñ" * 201, source="x" * 201))
    [entry] = entries(ctx, job_id=job.job_id)
    assert (entry.actor, entry.source) == ("ñ" * 200, "x" * 200)


def test_changes_of_orders_name_their_fields_and_no_values(ctx: DomainContext) -> None:
    known = ImportOrder(uuid7(), name="A-1", contact=ContactParams("Luz Marina Ospina", phone="3004567890"))
    without = ImportOrder(uuid7(), name="A-2")
    data_of(import_orders(ctx, ImportOrdersParams([known, without])))
    data_of(import_orders(ctx, ImportOrdersParams([known])))
    data_of(import_orders(ctx, ImportOrdersParams([ImportOrder(known.id, name="A-3")])))
    assert isinstance(known.id, UUID)
    data_of(update_order(ctx, UpdateOrderParams(known.id, shipping_city="Cali", email="x@example.com")))
    data_of(update_order(ctx, UpdateOrderParams(known.id, contact=ContactParams("Luz Ospina"))))
    assert isinstance(without.id, UUID)
    both = [ImportOrder(id_, contact=ContactParams("Ana Ríos")) for id_ in (without.id, known.id)]
    data_of(import_orders(ctx, ImportOrdersParams(both)))
    assert done(ctx) == [
        ("orders_imported", {"new": 2, "changed": 0}),
        ("order_changed", {"fields": ["name"]}),
        ("orders_imported", {"new": 0, "changed": 1}),
        ("order_changed", {"fields": ["shipping_city", "email"]}),
        ("order_changed", {"fields": ["contact"]}),
        ("order_changed", {"fields": ["contact_id", "contact"]}),
        ("order_changed", {"fields": ["contact"]}),
        ("orders_imported", {"new": 0, "changed": 2}),
    ]


def test_a_configuration_names_what_was_set_and_never_the_password(owner: Connection, ctx: DomainContext) -> None:
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(portal_password_sealed="c2VhbGVk", wave_size=7)))
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(wave_size=7)))
    # That a robot refused a lookup is no setting, though a change of the settings ends it.
    owner.execute("UPDATE carrier_configs SET guides_refused_at = now() WHERE workspace_id = %s", [ctx.workspace_id])
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(is_enabled=False)))
    [(_, first), second] = done(ctx)
    assert {"portal_password_sealed", "wave_size"} <= set(first["fields"])
    assert second == ("carrier_configured", {"carrier": "coordinadora", "fields": ["is_enabled"]})
    assert "c2VhbGVk" not in str(entries(ctx))


def test_reports_are_no_commands_but_the_pause_that_they_bring_is_told(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=7)
    report_success(ctx, job.items[0].item_id)
    for item in job.items[1:6]:
        report_error(ctx, item.item_id, "Login fallido")
    assert done(ctx)[1:] == [("job_paused", {"errors": 5})]


def test_of_an_order_are_also_the_commands_of_its_jobs(owner: Connection, ctx: DomainContext) -> None:
    [order_id, other] = make_orders(owner, ctx.workspace_id, 2)
    job = make_job_of(ctx, [order_id])
    make_job_of(ctx, [other])
    data_of(update_order(ctx, UpdateOrderParams(order_id, name="A-9")))
    assert [entry.action for entry in entries(ctx, order_id=order_id)] == ["job_submitted", "order_changed"]
    assert [entry.action for entry in entries(ctx, order_id=order_id, job_id=job.job_id)] == ["job_submitted"]
    assert entries(ctx, order_id=uuid7()) == entries(ctx, job_id=uuid7()) == []
    report_error(ctx, job.items[0].item_id)
    again = make_job_of(ctx, [order_id])
    assert [entry.job_id for entry in entries(ctx, order_id=order_id)] == [job.job_id, None, again.job_id]
    assert [entry.job_id for entry in entries(ctx, order_id=order_id, job_id=again.job_id)] == [again.job_id]
    # An order is named as a person knows it: by its name, else as its shop calls it.
    data_of(update_order(ctx, UpdateOrderParams(order_id, external_id="E-1")))
    data_of(update_order(ctx, UpdateOrderParams(other, external_id="E-2", name=None)))
    assert [entry.order_name for entry in entries(ctx)[-2:]] == ["A-9", "E-2"]


@pytest.mark.parametrize("of", ["all", "job", "order"])
def test_pages_go_back_from_the_newest(owner: Connection, ctx: DomainContext, of: str) -> None:
    job = make_job(owner, ctx)
    for _ in range(2):
        data_of(pause_job(ctx, job.job_id))
        data_of(resume_job(ctx, job.job_id))
    which: dict[str, Any] = {"all": {}, "job": {"job_id": job.job_id}, "order": {"order_id": job.items[0].order_id}}[of]
    found, cursor = [], None
    while True:
        page = data_of(list_activity(ctx, ListActivityParams(**which, limit=2, cursor=cursor)))
        found += page.entries
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [entry.action for entry in found] == [
        "job_resumed",
        "job_paused",
        "job_resumed",
        "job_paused",
        "job_submitted",
    ]
    whole = data_of(list_activity(ctx, ListActivityParams(**which, limit=5)))
    assert (whole.entries, whole.next_cursor) == (found, None)


@pytest.mark.parametrize("name", ["job_id", "order_id"])
def test_an_id_that_is_none_is_refused_by_its_name(ctx: DomainContext, name: str) -> None:
    params = ListActivityParams(**{name: "x"})  # type: ignore[arg-type] # what the test is about
    assert failure_of(list_activity(ctx, params), "INVALID", "invalid_id").error == f"{name} must be a UUID, not str."


@pytest.mark.usefixtures("bus")
def test_the_route_gives_who_by_email_and_refuses_what_is_no_page(owner: Connection, workspace: UUID) -> None:
    claims = {"email": "laura.gomez@example.com"}
    job = make_job(owner, DomainContext(workspace, "api", actor="another@example.com"))
    for given in (claims, None):
        path = f"/robot-jobs/{job.job_id}/{'pause' if given else 'resume'}"
        assert call(handler, "POST", path, workspace=workspace, claims=given).status == 202
    answer = call(handler, "GET", "/activity", workspace=workspace, query={"jobId": str(job.job_id)})
    assert answer.status == 200
    assert [(entry["actor"], entry["action"], entry["jobId"]) for entry in answer.json["entries"]] == [
        ("operator-1", "job_resumed", str(job.job_id)),
        (claims["email"], "job_paused", str(job.job_id)),
        ("another@example.com", "job_submitted", str(job.job_id)),
    ]
    for query in ({"limit": 0}, {"jobId": "x"}, {"cursor": "x"}):
        code = "invalid_cursor" if "cursor" in query else "invalid_input"
        assert_problem(call(handler, "GET", "/activity", workspace=workspace, query=query), 422, code)


def test_who_it_was_is_forgotten_with_other_personal_data(
    owner: Connection, fresh_database: str, workspace: UUID, as_system: Callable[[], None]
) -> None:
    """Of several carriers the one that keeps it longest counts, and each workspace has its own."""
    assert fresh_database
    ctx, other = (DomainContext(each, "test", actor="laura.gomez@example.com") for each in (workspace, uuid7()))
    make_carrier_config(owner, workspace)
    owner.execute(
        "INSERT INTO carrier_configs (workspace_id, carrier, personal_data_retention_days) VALUES (%s, 'envia', 100)",
        [workspace],
    )
    ages = [(ctx, 101), (ctx, 99), (other, 91), (other, 89)]
    for its, days in ages:
        job = make_job(owner, its)
        owner.execute("UPDATE activity SET at = now() - %s * interval '1 day' WHERE job_id = %s", [days, job.job_id])
    as_system()
    remove_personal_data()
    actors = owner.execute("SELECT actor FROM activity ORDER BY id").fetchall()
    assert actors == [(None,), ("laura.gomez@example.com",)] * 2
