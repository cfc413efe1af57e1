"""Two runs of what the clock starts, at one moment: each takes what the other has not, and neither waits for it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection, sql

from local.stack.postgres import Postgres
from shared.db.outbox import prune_published
from shared.db.transaction import system_transaction
from shared.domain import CreatedJob, DomainContext, Expired, expire_dispatches
from tests.factories import (
    assert_agreement,
    claim,
    events_of,
    hand_over,
    make_carrier_config,
    make_job,
    read_job,
    row_of_dispatch,
)
from tests.functional.test_expiry import as_system, move_back
from tests.racing import holding, holding_line, racers, results, two_racers

pytestmark = pytest.mark.usefixtures("kind")

#: A run that waits for a lock ends in an error instead, and the test with it.
IMPATIENT = ("lock_timeout = '2s'",)


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID, owner: Connection) -> DomainContext:
    assert fresh_database
    make_carrier_config(owner, workspace)
    return DomainContext(workspace, "test")


@pytest.fixture
def system(fresh_database: str, postgres: Postgres) -> Callable[[], AbstractContextManager[None]]:
    """Give what connects as the role that sees every workspace."""
    return lambda: as_system(fresh_database, postgres)


def overdue(owner: Connection, ctx: DomainContext) -> CreatedJob:
    job = make_job(owner, ctx)
    hand_over(ctx, job)
    move_back(owner, "deadline_at", job, timedelta(hours=2))
    return job


def lost(owner: Connection, ctx: DomainContext) -> CreatedJob:
    job = make_job(owner, ctx)
    claim(ctx, job)
    move_back(owner, "claimed_at", job, timedelta(minutes=3))
    return job


def asleep(owner: Connection, ctx: DomainContext) -> CreatedJob:
    job = make_job(owner, ctx)
    move_back(owner, "called_at", job, timedelta(minutes=6))
    return job


SITUATIONS: dict[str, tuple[Callable[[Connection, DomainContext], CreatedJob], Expired]] = {
    "overdue": (overdue, Expired(1, 0, 0)),
    "lost": (lost, Expired(0, 1, 0)),
    "asleep": (asleep, Expired(0, 0, 1)),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_dispatch_that_someone_works_on_is_left_and_the_others_are_not(
    owner: Connection, ctx: DomainContext, workspace: UUID, system: Any, situation: str
) -> None:
    """Naive: a run waits behind one hand-over that an operator cancels, and the deadlines of all workspaces with it."""
    make, expired = SITUATIONS[situation]
    held = make(owner, ctx)
    # A workspace's hand-overs are made one after the other: the second job is another one's.
    other = DomainContext(UUID(int=workspace.int ^ 1), "test")
    make_carrier_config(owner, other.workspace_id)
    free = make(owner, other)
    before = row_of_dispatch(owner, held)
    with system(), racers(owner, IMPATIENT) as (run,):
        with holding_line(owner, workspace):
            assert results(run.start(expire_dispatches)) == [expired]
            assert row_of_dispatch(owner, held) == before
        assert results(run.start(expire_dispatches)) == [expired]
        assert results(run.start(expire_dispatches)) == [Expired(0, 0, 0)]
    assert row_of_dispatch(owner, held) != before
    for each, job in ((ctx, held), (other, free)):
        told = events_of(owner, each.workspace_id, "robot/job.submitted")
        assert [event["jobId"] for event in told] == [str(job.job_id)] * (2 if situation == "asleep" else 1)


@pytest.mark.parametrize("table", ["orders", "robot_job_items", "robot_jobs"])
def test_a_lost_claim_is_noted_after_whoever_works_on_its_rows(
    owner: Connection, ctx: DomainContext, workspace: UUID, system: Any, table: str
) -> None:
    """Naive: the items begin, and the job does not, or the other way round."""
    job = lost(owner, ctx)
    [item] = job.items
    row = {"orders": item.order_id, "robot_job_items": item.item_id, "robot_jobs": job.job_id}[table]
    with system(), racers(owner, ()) as (run,):
        with holding(owner, table, row):
            noting = run.start_blocked(expire_dispatches)
            assert row_of_dispatch(owner, job)["status"] == "claimed"
        assert results(noting) == [Expired(0, 1, 0)]
    now = read_job(ctx, job)
    assert (now.job.status, now.items[0].status) == ("processing", "processing")
    assert_agreement(owner, workspace)


def test_two_prunes_at_once_take_what_the_other_has_not(owner: Connection, system: Any) -> None:
    """Naive: the second waits for the first to end, and then finds its rows gone."""
    owner.execute(
        "INSERT INTO outbox (workspace_id, detail_type, detail, published_at)"
        " SELECT gen_random_uuid(), 'x', '{}', now() - interval '8 days' FROM generate_series(1, 5)"
    )
    ids = [id_ for (id_,) in owner.execute("SELECT id FROM outbox ORDER BY id").fetchall()]

    def prune() -> int:
        with system_transaction() as conn:
            return prune_published(conn)

    with (
        psycopg.connect(owner.info.dsn, password=owner.info.password) as third,
        system(),
        racers(owner, IMPATIENT) as (run,),
    ):
        third.execute(sql.SQL("DELETE FROM outbox WHERE id = ANY(%s)"), [ids[:2]])
        assert results(run.start(prune)) == [3]
        third.rollback()
        assert results(run.start(prune)) == [2]
    assert owner.execute("SELECT id FROM outbox").fetchall() == []


def test_two_runs_that_wake_at_once_tell_of_each_dispatch_once(
    owner: Connection, ctx: DomainContext, workspace: UUID, system: Any
) -> None:
    contexts = [ctx, *(DomainContext(UUID(int=workspace.int ^ bit), "test") for bit in (1, 2, 3))]
    jobs = {each.workspace_id: asleep(owner, each) for each in contexts}
    with system(), two_racers(owner) as (first, second):
        expired = results(first.start(expire_dispatches), second.start(expire_dispatches))
        # One that both wanted at once may be left to the next run by both.
        expired += results(first.start(expire_dispatches))
    assert sum(each.woken for each in expired) == 4
    for workspace_id, job in jobs.items():
        told = [event["jobId"] for event in events_of(owner, workspace_id, "robot/job.submitted")]
        assert told == 2 * [str(job.job_id)]
