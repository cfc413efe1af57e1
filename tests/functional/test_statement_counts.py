"""No statement per row anywhere: what goes over the wire does not grow with the job."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from local.stack.postgres import Postgres
from shared.db.connection import close_connection
from shared.domain import (
    CreatedJob,
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    GetJobPageParams,
    ListJobsParams,
    RetryFailedItemsParams,
    SubmitJobParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    cancel_job,
    claim_dispatch,
    close_dispatches,
    create_robot_job,
    expire_dispatches,
    get_job_page,
    get_job_with_items,
    list_jobs,
    note_accepted,
    note_refused,
    note_unknown,
    release_dispatch,
    retry_failed_items,
    submit_job,
    update_job_item_results,
    update_job_status,
)
from shared.domain.ids import uuid7
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    hand_over,
    make_carrier_config,
    make_job,
    make_orders,
    report_error,
)
from tests.wire import Traffic, counted

FEW, MANY = 2, 300
_RUNS = 3
Prepare = Callable[[Connection, DomainContext, int], CreatedJob]
Call = Callable[[DomainContext, CreatedJob], Any]


def reports(job: CreatedJob, status: Any) -> list[UpdateJobItemResultParams]:
    return [
        UpdateJobItemResultParams(
            item.item_id, status, f"T-{item.item_id}" if status == "success" else None, error_type="portal"
        )
        for item in job.items
    ]


def waiting(owner: Connection, ctx: DomainContext, count: int) -> CreatedJob:
    return make_job(owner, ctx, items=count)


def claimed(owner: Connection, ctx: DomainContext, count: int) -> CreatedJob:
    job = waiting(owner, ctx, count)
    claim(ctx, job)
    return job


def failed(owner: Connection, ctx: DomainContext, count: int) -> CreatedJob:
    job = claimed(owner, ctx, count)
    data_of(note_accepted(ctx, first(job)))
    data_of(update_job_item_results(ctx, reports(job, "error")))
    return job


def first(job: CreatedJob) -> DispatchRef:
    return DispatchRef(job.job_id, 1)


def ids(job: CreatedJob) -> list[UUID]:
    return [item.item_id for item in job.items]


CALLS: dict[str, tuple[Prepare, Call]] = {
    "record successes": (waiting, lambda ctx, job: update_job_item_results(ctx, reports(job, "success"))),
    "record errors": (waiting, lambda ctx, job: update_job_item_results(ctx, reports(job, "error"))),
    "end": (waiting, lambda ctx, job: update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed"))),
    "cancel": (waiting, lambda ctx, job: cancel_job(ctx, job.job_id)),
    "retry": (failed, lambda ctx, job: retry_failed_items(ctx, RetryFailedItemsParams(job.job_id))),
    "retry items": (failed, lambda ctx, job: retry_failed_items(ctx, RetryFailedItemsParams(job.job_id, ids(job)))),
    "claim": (waiting, lambda ctx, job: claim_dispatch(ctx, first(job))),
    "accept": (claimed, lambda ctx, job: note_accepted(ctx, first(job))),
    "unknown": (claimed, lambda ctx, job: note_unknown(ctx, first(job))),
    "refuse": (claimed, lambda ctx, job: note_refused(ctx, first(job), "no")),
    "release": (claimed, lambda ctx, job: release_dispatch(ctx, first(job), "busy", "no")),
    "close": (failed, lambda ctx, job: close_dispatches(ctx, job.job_id)),
    "read": (waiting, lambda ctx, job: get_job_with_items(ctx, job.job_id)),
    "read a page": (waiting, lambda ctx, job: get_job_page(ctx, GetJobPageParams(job.job_id, limit=500))),
    "list": (waiting, lambda ctx, _job: list_jobs(ctx, ListJobsParams())),
}


def traffic_of(owner: Connection, prepare: Prepare, call: Call, count: int) -> Traffic:
    """Return what the call sends for a job of `count` items, when its statements have been prepared before."""
    for warm in (True, False):
        ctx = DomainContext(uuid7(), "test")
        make_carrier_config(owner, ctx.workspace_id)
        job = prepare(owner, ctx, FEW if warm else count)
        with counted() as traffic:
            assert call(ctx, job).success
        assert_agreement(owner, ctx.workspace_id)
    return traffic


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", CALLS)
def test_the_number_of_statements_does_not_grow_with_the_job(owner: Connection, name: str) -> None:
    few, many = ([traffic_of(owner, *CALLS[name], count) for _ in range(_RUNS)] for count in (FEW, MANY))
    assert {each.statements for each in few} == {each.statements for each in many}
    assert 0 < few[0].statements < 20
    # An answer that is there before it is waited for is no stop, by chance: so the most of few and the least of many.
    assert min(each.round_trips for each in many) <= max(each.round_trips for each in few)


def creating(owner: Connection, ctx: DomainContext, count: int) -> Traffic:
    order_ids = make_orders(owner, ctx.workspace_id, count)
    values = {order_id: {"ciudad": "CALI (VALLE)"} for order_id in order_ids}
    params = CreateRobotJobParams(order_ids, idempotency_key=str(uuid7()), item_values=values)
    with counted() as traffic:
        data_of(create_robot_job(ctx, params))
    return traffic


def test_creating_a_job_takes_as_many_statements_for_one_order_as_for_hundreds(
    owner: Connection, ctx: DomainContext
) -> None:
    creating(owner, ctx, 1)
    one, many = creating(owner, ctx, 1), creating(owner, ctx, MANY)
    assert (one.statements, one.round_trips) == (many.statements, many.round_trips)
    assert one.statements <= 16


def test_creating_takes_two_round_trips_and_recording_two(owner: Connection, ctx: DomainContext) -> None:
    creating(owner, ctx, 1)
    assert creating(owner, ctx, MANY).round_trips <= 2
    assert traffic_of(owner, *CALLS["record successes"], MANY).round_trips <= 2


def submitting(owner: Connection, ctx: DomainContext, count: int) -> Traffic:
    order_ids = make_orders(owner, ctx.workspace_id, count)
    with counted() as traffic:
        data_of(submit_job(ctx, SubmitJobParams(order_ids, idempotency_key=str(uuid7()))))
    return traffic


def test_submitting_takes_three_round_trips_for_one_order_as_for_hundreds(
    owner: Connection, ctx: DomainContext
) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    submitting(owner, ctx, 1)
    one, many = submitting(owner, ctx, 1), submitting(owner, ctx, MANY)
    assert (one.statements, one.round_trips) == (many.statements, many.round_trips)
    assert one.round_trips <= 3  # what is known of the orders, their cities, the job


def test_a_refused_submission_does_not_grow_either(owner: Connection, ctx: DomainContext) -> None:
    for count in (FEW, MANY):
        order_ids = [item.order_id for item in make_job(owner, ctx, items=count).items]
        with counted() as traffic:
            assert not create_robot_job(ctx, CreateRobotJobParams(order_ids)).success
        assert traffic.statements < 20


def test_expiring_takes_as_many_statements_for_one_item_as_for_many(
    owner: Connection, fresh_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for items in (FEW, FEW, MANY):
        monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_app"))
        close_connection()
        ctx = DomainContext(uuid7(), "test")
        make_carrier_config(owner, ctx.workspace_id)
        hand_over(ctx, make_job(owner, ctx, items=items, wave_size=500))
        owner.execute("UPDATE robot_job_dispatches SET deadline_at = now() WHERE status = 'accepted'")
        monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_system"))
        close_connection()
        with counted() as traffic:
            assert expire_dispatches().closed_items == items
        counts.append(traffic.statements)
    assert counts[0] == counts[1] == counts[2]


def recording_errors(owner: Connection, ctx: DomainContext, words: str) -> Traffic:
    """Report one error of a wave that goes on."""
    job = make_job(owner, ctx, items=3)
    with counted() as traffic:
        report_error(ctx, job.items[0].item_id, words)
    return traffic


def test_only_errors_pay_for_counting_them(owner: Connection, ctx: DomainContext) -> None:
    """A success of a job without errors in a row asks for nothing more than before there were any."""
    recording_errors(owner, ctx, "no")
    error = recording_errors(owner, ctx, "no")
    success = traffic_of(owner, *CALLS["record successes"], MANY)
    assert error.statements - success.statements <= 2
    assert error.round_trips <= 3
