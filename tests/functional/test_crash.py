"""A process that is killed (SIGKILL) between any two statements leaves nothing half done.

Naive: item, order and counters are written apart; a crash between them leaves a job that can't end, or an order
without its number.
"""

from collections.abc import Callable, Iterator
from itertools import count
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
    HandOver,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    cancel_job,
    claim_dispatch,
    create_robot_job,
    expire_dispatches,
    note_accepted,
    note_refused,
    retry_failed_items,
    update_job_item_results,
    update_job_status,
)
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    events_of,
    hand_over,
    make_carrier_config,
    make_ended_job,
    make_job,
    make_orders,
    read_job,
    report_error,
    row_of_dispatch,
    rows_of,
)
from tests.mortal import Mortal, mortal

pytestmark = pytest.mark.usefixtures("kind")

#: A call has at least this many places to die at: begin, workspace, a statement, commit and after it.
FEWEST_PLACES = 5


@pytest.fixture(scope="module")
def process() -> Iterator[Mortal]:
    with mortal() as process:
        yield process


@pytest.fixture(autouse=True)
def _carrier(owner: Connection, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)


def die_everywhere(
    process: Mortal, owner: Connection, workspace: UUID, prepare: Callable[[], Any], call: Callable[..., Any]
) -> Iterator[tuple[Any, bool]]:
    """Make a call die at each of its places in turn, each on a new state; yield that, and whether it was committed.

    `call` is made with what `prepare` returned; a call that died is seen to have done all or nothing.
    """
    for place in count(1):
        args = prepare()
        before = rows_of(owner, workspace)
        survived = process.survives(place, call, *args)
        assert_agreement(owner, workspace)
        yield args, rows_of(owner, workspace) != before
        assert_agreement(owner, workspace)
        if survived:
            assert place > FEWEST_PLACES
            return


def test_creating(process: Mortal, owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: a job without items, items without a job, or a job whose event was never sent."""
    keys = count()

    def prepare() -> tuple[DomainContext, CreateRobotJobParams]:
        params = CreateRobotJobParams(make_orders(owner, workspace, 3), idempotency_key=f"key {next(keys)}")
        return ctx, params

    made = 0
    for (_, params), committed in die_everywhere(process, owner, workspace, prepare, create_robot_job):
        again = create_robot_job(ctx, params)
        assert again.success != committed
        assert again.success or again.reason == "duplicate_job"
        made += 1
        jobs = owner.execute(
            "SELECT total_items FROM robot_jobs WHERE idempotency_key = %s AND workspace_id = %s",
            [params.idempotency_key, workspace],
        ).fetchall()
        assert jobs == [(3,)]
    assert len(events_of(owner, workspace, "robot/job.submitted")) == made


def test_recording(process: Mortal, owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    def prepare() -> tuple[DomainContext, list[UpdateJobItemResultParams]]:
        job = make_job(owner, ctx, items=3)
        report_error(ctx, job.items[1].item_id)
        ids = [item.item_id for item in job.items]
        return ctx, [
            UpdateJobItemResultParams(ids[0], "success", f"T-{ids[0]}", job_id=job.job_id),
            UpdateJobItemResultParams(ids[1], "success", f"T-{ids[1]}", job_id=job.job_id),
            UpdateJobItemResultParams(ids[2], "error", job_id=job.job_id),
        ]

    for (_, reports), committed in die_everywhere(process, owner, workspace, prepare, update_job_item_results):
        again = data_of(update_job_item_results(ctx, reports))
        assert [result.outcome for result in again] == ["duplicate" if committed else "recorded"] * 3
        [(status, successes, errors)] = owner.execute(
            "SELECT status, success_count, error_count FROM robot_jobs WHERE id = %s", [reports[0].job_id]
        ).fetchall()
        assert (status, successes, errors) == ("completed", 2, 1)
        numbers = owner.execute(
            "SELECT count(*) FROM orders WHERE coalesce(carrier_guide_number, tracking_number) = ANY(%s)",
            [[r.tracking_number for r in reports]],
        ).fetchall()
        assert numbers == [(2,)]


def test_ending(process: Mortal, owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    def prepare() -> tuple[DomainContext, UpdateJobStatusParams]:
        return ctx, UpdateJobStatusParams(make_job(owner, ctx, items=3).job_id, "failed")

    for (_, params), committed in die_everywhere(process, owner, workspace, prepare, update_job_status):
        data_of(update_job_status(ctx, params))
        assert committed in {True, False}


def test_retrying(process: Mortal, owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: rows are reset, but nothing is handed to the robot."""

    def prepare() -> tuple[DomainContext, RetryFailedItemsParams]:
        return ctx, RetryFailedItemsParams(make_ended_job(owner, ctx, "error", "success", "error").job_id)

    for (_, params), committed in die_everywhere(process, owner, workspace, prepare, retry_failed_items):
        assert retry_failed_items(ctx, params).success != committed


def test_cancelling(process: Mortal, owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    def prepare() -> tuple[DomainContext, UUID]:
        return ctx, make_job(owner, ctx, items=3).job_id

    for (_, job_id), committed in die_everywhere(process, owner, workspace, prepare, cancel_job):
        assert cancel_job(ctx, job_id).success != committed


def make_job_in_turn(owner: Connection, ctx: DomainContext) -> CreatedJob:
    """Create a job that no earlier one of the workspace comes before."""
    owner.execute(
        "UPDATE robot_job_dispatches SET status = 'unknown', deadline_at = now(), called_at = NULL"
        " WHERE workspace_id = %s AND status IN ('waiting', 'claimed', 'accepted')",
        [ctx.workspace_id],
    )
    return make_job(owner, ctx, items=2)


def prepare_claimed(owner: Connection, ctx: DomainContext) -> DispatchRef:
    job = make_job_in_turn(owner, ctx)
    claim(ctx, job)
    return DispatchRef(job.job_id, 1)


def test_claiming(process: Mortal, owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """A claim that was committed is nobody else's; one that was not can be made."""

    def prepare() -> tuple[DomainContext, DispatchRef]:
        return ctx, DispatchRef(make_job_in_turn(owner, ctx).job_id, 1)

    for (_, ref), committed in die_everywhere(process, owner, workspace, prepare, claim_dispatch):
        assert isinstance(data_of(claim_dispatch(ctx, ref)), HandOver) != committed


def test_noting(process: Mortal, owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    for call, extra in ((note_accepted, ()), (note_refused, ("no",))):

        def prepare(extra: tuple[str, ...] = extra) -> tuple[Any, ...]:
            return ctx, prepare_claimed(owner, ctx), *extra

        for args, committed in die_everywhere(process, owner, workspace, prepare, call):
            [(status,)] = owner.execute(
                "SELECT status FROM robot_job_dispatches WHERE job_id = %s", [args[1].job_id]
            ).fetchall()
            assert (status == "claimed") != committed
            data_of(call(*args))


def test_expiring(  # noqa: PLR0913, PLR0917 - fixtures
    process: Mortal,
    owner: Connection,
    workspace: UUID,
    fresh_database: str,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ctx = DomainContext(workspace, "test")
    jobs: list[CreatedJob] = []

    def connect_as(role: str) -> None:
        close_connection()
        monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, role))

    def prepare() -> tuple[()]:
        connect_as("robot_jobs_app")
        jobs.append(make_job(owner, ctx, items=3))
        hand_over(ctx, jobs[-1])
        owner.execute("UPDATE robot_job_dispatches SET deadline_at = now() WHERE job_id = %s", [jobs[-1].job_id])
        connect_as("robot_jobs_system")
        return ()

    for _, committed in die_everywhere(process, owner, workspace, prepare, expire_dispatches):
        assert expire_dispatches().closed_items == (0 if committed else 3)
        connect_as("robot_jobs_app")
        assert read_job(ctx, jobs[-1]).job.status == "failed"
        assert row_of_dispatch(owner, jobs[-1])["status"] == "closed"
