"""Domain functions inside one another, in threads, and with the guards of tenancy taken one at a time."""

from collections.abc import Callable, Generator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from local.stack.postgres import Postgres
from shared.db.connection import close_connection, connection
from shared.db.outbox import take_unpublished
from shared.db.transaction import WorkspaceMismatchError, savepoint, system_transaction
from shared.domain import (
    CreatedJob,
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    DomainResult,
    GetJobPageParams,
    ListJobsParams,
    NoHandOver,
    RetryableDatabaseError,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    cancel_job,
    claim_dispatch,
    close_dispatches,
    create_robot_job,
    get_job_page,
    get_job_with_items,
    list_jobs,
    note_accepted,
    note_refused,
    note_unknown,
    release_dispatch,
    retry_failed_items,
    update_job_item_result,
    update_job_item_results,
    update_job_status,
)
from shared.domain.function import domain_function, domain_query, domain_question
from shared.domain.ids import uuid7
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    events_of,
    failure_of,
    make_carrier_config,
    make_ended_job,
    make_job,
    make_job_of,
    make_orders,
    read_job,
    report_error,
    report_success,
    rows_of,
)
from tests.racing import holding


@domain_function
def submit_all(conn: Connection, ctx: DomainContext, batches: list[list[UUID]]) -> list[str]:
    """Create a job of each batch, and say of each what became of it."""
    results = [create_robot_job(ctx, CreateRobotJobParams(batch)) for batch in batches]
    assert conn.execute("SELECT count(*) FROM robot_jobs").fetchone()
    return ["created" if result.success else result.reason for result in results]


@domain_function
def submit_then(conn: Connection, ctx: DomainContext, order_ids: list[UUID], then: Callable[[Connection], Any]) -> None:
    """Create a job, and do something else that may fail."""
    data_of(create_robot_job(ctx, CreateRobotJobParams(order_ids)))
    then(conn)


def test_a_call_inside_another_commits_with_it(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    one, two = make_orders(owner, workspace, 2)
    assert data_of(submit_all(ctx, [[one], [two]])) == ["created", "created"]
    assert len(rows_of(owner, workspace)["jobs"]) == 2
    assert_agreement(owner, workspace)


@domain_function
def submit_fail_and_retry(_conn: Connection, ctx: DomainContext, order_ids: list[UUID]) -> CreatedJob:
    """Create a job, and have one of its orders fail and put back before anybody knows of it."""
    job = make_job_of(ctx, order_ids)
    report_error(ctx, job.items[0].item_id)
    assert data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id))).retried_count == 1
    return job


@pytest.mark.parametrize("is_behind", [False, True])
def test_a_wave_that_calls_inside_one_another_make_and_leave_is_told_of_once(
    owner: Connection, ctx: DomainContext, workspace: UUID, *, is_behind: bool
) -> None:
    if is_behind:
        make_job(owner, ctx)
    job = data_of(submit_fail_and_retry(ctx, make_orders(owner, workspace, 2)))
    submitted = [event["jobId"] for event in events_of(owner, workspace, "robot/job.submitted")]
    assert submitted.count(str(job.job_id)) == 1
    assert_agreement(owner, workspace)


def test_a_failure_inside_a_call_leaves_the_rest_of_it_standing(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    one, two = make_orders(owner, workspace, 2)
    outcomes = data_of(submit_all(ctx, [[one], [one], [two, uuid7()], [], [two]]))
    assert outcomes == ["created", "order_in_open_job", "orders_not_found", "no_ids", "created"]
    assert len(rows_of(owner, workspace)["jobs"]) == 2
    assert_agreement(owner, workspace)


@domain_function
def insert_nothing(conn: Connection, ctx: DomainContext) -> None:
    """Send a statement that fails, and ask for no answer."""
    conn.execute("INSERT INTO contacts (id, workspace_id) VALUES (NULL, %s)", [ctx.workspace_id])


@domain_function
def submit_after_an_accident(_conn: Connection, ctx: DomainContext, order_ids: list[UUID]) -> None:
    """Go on after an inner call that raised."""
    with pytest.raises(psycopg.errors.NotNullViolation):
        insert_nothing(ctx)
    data_of(create_robot_job(ctx, CreateRobotJobParams(order_ids)))


def test_an_inner_call_raises_what_its_statements_raise_and_the_outer_one_can_go_on(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    data_of(submit_after_an_accident(ctx, make_orders(owner, workspace)))
    assert len(rows_of(owner, workspace)["jobs"]) == 1


def test_a_statement_that_fails_on_its_way_to_the_commit_raises(ctx: DomainContext) -> None:
    with pytest.raises(psycopg.errors.NotNullViolation):
        insert_nothing(ctx)
    assert data_of(list_jobs(ctx, ListJobsParams())).jobs == []


@domain_query
def write_while_reading(conn: Connection, ctx: DomainContext) -> None:
    conn.execute("UPDATE orders SET name = 'x' WHERE workspace_id = %s", [ctx.workspace_id]).fetchone()


def test_a_query_can_not_write(ctx: DomainContext) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        write_while_reading(ctx)


@domain_question
def ask_to_write(conn: Connection, ctx: DomainContext) -> Generator[None]:
    conn.execute("UPDATE orders SET name = 'x' WHERE workspace_id = %s", [ctx.workspace_id])
    yield


@domain_question
def ask_twice(conn: Connection, _: DomainContext) -> Generator[None]:
    conn.execute("SELECT 1")
    yield
    yield


def test_a_question_can_not_write(ctx: DomainContext) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        ask_to_write(ctx)
    assert data_of(list_jobs(ctx, ListJobsParams())).jobs == []


def test_a_question_ends_its_transaction_once(ctx: DomainContext) -> None:
    """What it asked after its second yield would be outside of any transaction, and see every workspace or none."""
    with pytest.raises(RuntimeError, match="ask_twice"):
        ask_twice(ctx)


def test_a_question_inside_a_function_sees_what_it_wrote(owner: Connection, ctx: DomainContext) -> None:
    order_ids = make_orders(owner, ctx.workspace_id)
    seen: list[str] = []

    def look(_: Connection) -> None:
        [job] = data_of(list_jobs(ctx, ListJobsParams())).jobs
        seen.append(data_of(get_job_page(ctx, GetJobPageParams(job.id))).job.status)

    submit_then(ctx, order_ids, look)
    assert seen == ["pending"]


def test_a_savepoint_needs_a_transaction(ctx: DomainContext) -> None:
    assert ctx
    with pytest.raises(RuntimeError, match="transaction"), savepoint():
        pass


def test_a_failure_of_the_outer_call_takes_the_inner_ones_back(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    order_ids = make_orders(owner, workspace)

    def fail(conn: Connection) -> None:
        conn.execute("INSERT INTO contacts (id, workspace_id) VALUES (NULL, %s)", [workspace])

    with pytest.raises(psycopg.errors.NotNullViolation):
        submit_then(ctx, order_ids, fail)
    assert rows_of(owner, workspace)["jobs"] == []


def test_an_exception_leaves_nothing_behind_and_passes(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    order_ids = make_orders(owner, workspace)
    with pytest.raises(ZeroDivisionError):
        submit_then(ctx, order_ids, lambda _conn: 1 // 0)
    assert rows_of(owner, workspace)["jobs"] == []
    assert make_job_of(ctx, order_ids).item_count == 1


def test_a_call_for_another_workspace_inside_a_transaction_is_a_defect(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    order_ids = make_orders(owner, workspace)
    other = DomainContext(uuid7(), "test")
    with pytest.raises(WorkspaceMismatchError):
        submit_then(ctx, order_ids, lambda _conn: list_jobs(other, ListJobsParams()))
    assert rows_of(owner, workspace)["jobs"] == []
    with system_transaction(), pytest.raises(WorkspaceMismatchError):
        list_jobs(ctx, ListJobsParams())


def test_the_workspace_is_forgotten_when_its_transaction_ends(owner: Connection, ctx: DomainContext) -> None:
    make_job(owner, ctx)
    assert connection().execute("SELECT count(*) FROM robot_jobs").fetchall() == [(0,)]
    with system_transaction() as conn:
        assert take_unpublished(conn, [ctx.workspace_id]).rows == []


def test_an_error_costs_the_transaction_and_not_the_connection(owner: Connection, ctx: DomainContext) -> None:
    """Naive: each refusal of the database is followed by a new connection, with its TLS and its login."""
    pid = connection().info.backend_pid

    def fail(conn: Connection) -> None:
        conn.execute("SELECT 1 / 0").fetchall()

    with pytest.raises(psycopg.errors.DivisionByZero):
        submit_then(ctx, make_orders(owner, ctx.workspace_id), fail)
    assert rows_of(owner, ctx.workspace_id)["jobs"] == []
    assert connection().info.backend_pid == pid


def test_a_lost_connection_is_retryable_and_replaced(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)

    pid = connection().info.backend_pid

    def lose(conn: Connection) -> None:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        conn.execute("SELECT 1").fetchall()

    with pytest.raises(RetryableDatabaseError):
        submit_then(ctx, make_orders(owner, ctx.workspace_id), lose)
    assert report_success(ctx, job.items[0].item_id) == "recorded"
    assert connection().info.backend_pid != pid


def test_a_connection_lost_between_two_calls_is_not_noticed(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2)
    report_error(ctx, job.items[0].item_id)
    gone = connection().info.backend_pid
    owner.execute("SELECT pg_terminate_backend(%s, 5000)", [gone])
    assert report_success(ctx, job.items[1].item_id) == "recorded"


def test_a_database_that_does_not_answer_is_retryable(ctx: DomainContext, monkeypatch: pytest.MonkeyPatch) -> None:
    close_connection()
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(RetryableDatabaseError):
        list_jobs(ctx, ListJobsParams())


def calls_on(ctx: DomainContext, job: CreatedJob) -> dict[str, DomainResult[Any]]:
    """Call every function of robot jobs on a job."""
    item_id, ref = job.items[0].item_id, DispatchRef(job.job_id, 1)
    return {
        "record": update_job_item_result(ctx, UpdateJobItemResultParams(item_id, "success", "T-X")),
        "record with job": update_job_item_result(ctx, UpdateJobItemResultParams(item_id, "error", job_id=job.job_id)),
        "end": update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")),
        "start": update_job_status(ctx, UpdateJobStatusParams(job.job_id, "processing")),
        "retry": retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)),
        "retry items": retry_failed_items(ctx, RetryFailedItemsParams(job.job_id, [item_id])),
        "cancel": cancel_job(ctx, job.job_id),
        "read": get_job_with_items(ctx, job.job_id),
        "read a page": get_job_page(ctx, GetJobPageParams(job.job_id)),
        "close": close_dispatches(ctx, job.job_id),
        "claim": claim_dispatch(ctx, ref),
        "accept": note_accepted(ctx, ref),
        "unknown": note_unknown(ctx, ref),
        "refuse": note_refused(ctx, ref, "no"),
        "release": release_dispatch(ctx, ref, "busy", "no"),
        "submit": create_robot_job(ctx, CreateRobotJobParams([job.items[0].order_id], idempotency_key="theirs")),
    }


@pytest.mark.parametrize("role", ["robot_jobs_app", "postgres"])
def test_another_workspace_s_rows_are_kept_apart_even_without_row_level_security(
    owner: Connection, ctx: DomainContext, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    """Naive: one guard, and whoever forgets it shows everything. The superuser is not held by row-level security."""
    theirs = DomainContext(uuid7(), "test")
    make_carrier_config(owner, theirs.workspace_id)
    jobs = [make_job(owner, theirs, idempotency_key="theirs"), make_job(owner, theirs)]
    claim(theirs, jobs[0])
    data_of(note_unknown(theirs, DispatchRef(jobs[0].job_id, 1)))
    claim(theirs, jobs[1])
    jobs += [make_ended_job(owner, theirs, result) for result in ("error", "success")] + [make_job(owner, theirs)]
    [(database,)] = owner.execute("SELECT current_database()").fetchall()
    close_connection()
    monkeypatch.setenv("DATABASE_URL", postgres.url(database, role))
    make_carrier_config(owner, ctx.workspace_id)
    ours = make_job(owner, ctx)
    before, ours_before = rows_of(owner, theirs.workspace_id), rows_of(owner, ctx.workspace_id)
    for job in jobs:
        results = calls_on(ctx, job)
        for name in ("claim", "accept", "unknown", "refuse", "release"):
            found = results.pop(name)
            assert data_of(found) in (
                None,
                NoHandOver("there is no such dispatch"),
                NoHandOver("the dispatch is not claimed"),
            )
        for result in results.values():
            assert not result.success, results
            failure_of(result, "NOT_FOUND", result.reason)
    # A dispatch of their own is no way into another's job, nor is a list.
    reports = [UpdateJobItemResultParams(item.item_id, "success", "T-X") for job in jobs for item in job.items]
    assert {result.outcome for result in data_of(update_job_item_results(ctx, reports))} == {"not_found"}
    assert [job.id for job in data_of(list_jobs(ctx, ListJobsParams())).jobs] == [ours.job_id]
    assert [job.id for job in data_of(list_jobs(ctx, ListJobsParams(status="pending"))).jobs] == [ours.job_id]
    assert rows_of(owner, theirs.workspace_id) == before
    assert rows_of(owner, ctx.workspace_id) == ours_before
    claim(ctx, ours)
    assert data_of(cancel_job(ctx, ours.job_id)).cancelled_count == 0
    data_of(release_dispatch(ctx, DispatchRef(ours.job_id, 1), "busy", "not now"))
    data_of(update_job_status(ctx, UpdateJobStatusParams(ours.job_id, "failed")))
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(ours.job_id)))
    assert data_of(cancel_job(ctx, ours.job_id)).cancelled_count == 1
    assert read_job(ctx, ours).job.status == "failed"
    assert rows_of(owner, theirs.workspace_id) == before
    assert_agreement(owner, ctx.workspace_id)


def test_another_workspace_s_locks_stop_nobody_even_without_row_level_security(
    owner: Connection, ctx: DomainContext, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = make_job(owner, DomainContext(uuid7(), "test"), items=2)
    [(database,)] = owner.execute("SELECT current_database()").fetchall()
    close_connection()
    monkeypatch.setenv("DATABASE_URL", postgres.url(database) + "?options=-c%20lock_timeout%3D1000")
    with (
        holding(owner, "robot_job_dispatches", theirs.job_id),
        holding(owner, "robot_job_items", *(item.item_id for item in theirs.items)),
        holding(owner, "orders", *(item.order_id for item in theirs.items)),
    ):
        # Whoever waits for one of them raises.
        assert calls_on(ctx, theirs)
