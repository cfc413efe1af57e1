"""The rules of what no message moves any more: deadlines, lost claims, lost messages.

Each test has a database of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection, sql

from local.stack.postgres import Postgres
from shared.db.connection import close_connection
from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    Expired,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    expire_dispatches,
    note_accepted,
    note_restarted,
    note_unknown,
    pause_job,
    release_dispatch,
    retry_failed_items,
    update_job_item_results,
    update_job_status,
)
from shared.domain.ids import uuid7
from shared.events import JobSubmitted
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    events_of,
    hand_over,
    make_carrier_config,
    make_job,
    read_job,
    report_error,
    report_success,
    row_of_dispatch,
    rows_of,
)
from tests.racing import holding, racers, results, two_racers

Expire = Callable[[], Expired]


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID, owner: Connection) -> DomainContext:
    assert fresh_database
    make_carrier_config(owner, workspace)
    return DomainContext(workspace, "test")


@pytest.fixture
def expire(fresh_database: str, postgres: Postgres) -> Expire:
    """Give expiry as its function runs it: as the role that sees every workspace."""

    def run() -> Expired:
        with as_system(fresh_database, postgres):
            return expire_dispatches()

    return run


@contextmanager
def as_system(database: str, postgres: Postgres) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", postgres.url(database, "robot_jobs_system"))
        close_connection()
        yield
    close_connection()


def move_back(owner: Connection, column: str, job: CreatedJob, by: timedelta) -> None:
    """Let time pass for a dispatch's column."""
    query = sql.SQL("UPDATE robot_job_dispatches SET {column} = {column} - %s WHERE job_id = %s")
    owner.execute(query.format(column=sql.Identifier(column)), [by, job.job_id])


@pytest.mark.usefixtures("kind")
def test_a_deadline_that_has_passed_closes_what_is_open(
    owner: Connection, ctx: DomainContext, workspace: UUID, expire: Expire
) -> None:
    job = make_job(owner, ctx, items=3)
    hand_over(ctx, job)
    report_success(ctx, job.items[0].item_id)
    move_back(owner, "deadline_at", job, timedelta(minutes=14, seconds=29))
    assert expire() == Expired(0, 0, 0)
    move_back(owner, "deadline_at", job, timedelta(seconds=2))
    assert expire() == Expired(2, 0, 0)
    now = read_job(ctx, job)
    assert [(item.status, item.error_type, item.error_message) for item in now.items] == [
        ("success", None, None),
        *[("error", "timeout", "no report from the robot")] * 2,
    ]
    assert (now.job.status, now.job.success_count, now.job.error_count) == ("completed", 1, 2)
    assert len(events_of(owner, workspace, "robot/job.completed")) == 1
    closed = row_of_dispatch(owner, job)
    assert (closed["status"], closed["last_error"]) == ("closed", "no report from the robot")
    assert closed["closed_at"] == now.job.completed_at
    assert expire() == Expired(0, 0, 0)
    assert row_of_dispatch(owner, job) == closed
    assert_agreement(owner, workspace)


def test_a_deadline_closes_only_its_own_dispatch(
    owner: Connection, ctx: DomainContext, workspace: UUID, expire: Expire
) -> None:
    job, other = make_job(owner, ctx, items=2, wave_size=1), make_job(owner, ctx)
    hand_over(ctx, job)
    move_back(owner, "deadline_at", job, timedelta(hours=1))
    assert expire().closed_items == 1
    now = read_job(ctx, job)
    assert [item.status for item in now.items] == ["error", "pending"]
    assert (now.job.status, now.job.error_count, now.job.completed_at) == ("processing", 1, None)
    assert read_job(ctx, other).items[0].status == "pending"
    # What closed the wave called the next one of the oldest job.
    assert [event["dispatch"] for event in events_of(owner, workspace, "robot/job.submitted")] == [1, 1, 2]


def test_the_deadline_of_an_unknown_outcome_ends_it_too(
    owner: Connection, ctx: DomainContext, workspace: UUID, expire: Expire
) -> None:
    job = make_job(owner, ctx)
    claim(ctx, job)
    data_of(note_unknown(ctx, DispatchRef(job.job_id, 1)))
    move_back(owner, "deadline_at", job, timedelta(minutes=11, seconds=31))
    assert expire() == Expired(1, 0, 0)
    assert read_job(ctx, job).job.status == "failed"
    assert_agreement(owner, workspace)


def test_what_ends_in_one_workspace_moves_the_line_of_no_other_nor_waits_for_it(
    owner: Connection, ctx: DomainContext, expire: Expire
) -> None:
    """Naive: who sees every workspace calls a wave only where no robot works, and takes the turn from all others."""
    at_robot, called = (DomainContext(uuid7(), "test") for _ in range(2))
    for other in (at_robot, called):
        make_carrier_config(owner, other.workspace_id)
    hand_over(at_robot, make_job(owner, at_robot))
    waiting = make_job(owner, called)
    before = row_of_dispatch(owner, waiting)
    job = make_job(owner, ctx, items=2, wave_size=1)
    hand_over(ctx, job)
    move_back(owner, "deadline_at", job, timedelta(hours=1))
    assert expire().closed_items == 1
    assert row_of_dispatch(owner, job, 2)["called_at"] is not None
    assert before["called_at"] is not None
    assert row_of_dispatch(owner, waiting) == before


def test_what_is_due_is_done_in_every_workspace_while_there_is_time(
    owner: Connection, ctx: DomainContext, fresh_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: where many have something due, those with the lowest ids are seen to each minute, and the others never."""
    monkeypatch.setattr("shared.domain.jobs.expire.BATCH", 2)
    contexts = [ctx, *(DomainContext(uuid7(), "test") for _ in range(5))]
    overdue, late, lost, asleep, untold, _ = (make_job(owner, each, items=2) for each in contexts)
    for each, job in zip(contexts[1:3], (late, lost), strict=True):
        make_carrier_config(owner, each.workspace_id)
        claim(each, job)
    hand_over(ctx, overdue)
    data_of(note_unknown(contexts[1], DispatchRef(late.job_id, 1)))
    for job in (overdue, late):
        move_back(owner, "deadline_at", job, timedelta(hours=1))
    move_back(owner, "claimed_at", lost, timedelta(seconds=121))
    move_back(owner, "called_at", asleep, timedelta(seconds=301))
    owner.execute("UPDATE robot_job_dispatches SET called_at = NULL WHERE job_id = %s", [untold.job_id])
    with as_system(fresh_database, postgres):
        # It is asked before workspaces are looked for, and before each of them.
        for answers, done in (([False], Expired()), ([True, True, False], Expired(2)), ([True] * 7, Expired(2, 1, 2))):
            assert expire_dispatches(has_time=iter(answers).__next__) == done
        assert expire_dispatches() == Expired()
    for each in contexts:
        assert_agreement(owner, each.workspace_id)


def test_a_workspace_that_fails_stops_no_other(owner: Connection, ctx: DomainContext, expire: Expire) -> None:
    """Naive: one that can't be expired is the first in line every minute, and nothing of the others ever ends."""
    contexts = [ctx, *(DomainContext(UUID(int=ctx.workspace_id.int ^ bit), "test") for bit in (1, 2))]
    jobs = []
    for each in contexts:
        if each is not ctx:
            make_carrier_config(owner, each.workspace_id)
        jobs.append(make_job(owner, each, items=2))
        hand_over(each, jobs[-1])
        move_back(owner, "deadline_at", jobs[-1], timedelta(hours=1))
    failing = min(each.workspace_id for each in contexts)
    owner.execute("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$")
    owner.execute(
        "CREATE TRIGGER fail BEFORE UPDATE ON robot_job_items FOR EACH ROW"
        f" WHEN (NEW.workspace_id = '{failing}') EXECUTE FUNCTION fail()".encode()
    )
    with pytest.raises(psycopg.errors.RaiseException):
        expire()
    statuses = {each.workspace_id: read_job(each, job).job.status for each, job in zip(contexts, jobs, strict=True)}
    assert statuses == {
        each.workspace_id: "processing" if each.workspace_id == failing else "failed" for each in contexts
    }


def test_a_deadline_without_open_items_only_closes_the_dispatch(
    owner: Connection, ctx: DomainContext, workspace: UUID, expire: Expire
) -> None:
    job = make_job(owner, ctx)
    hand_over(ctx, job)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "completed")))
    move_back(owner, "deadline_at", job, timedelta(hours=1))
    assert expire() == Expired(0, 0, 0)
    assert row_of_dispatch(owner, job)["status"] == "closed"
    assert len(events_of(owner, workspace, "robot/job.completed")) == 1


@pytest.mark.usefixtures("kind")
def test_a_success_after_the_deadline_counts(
    owner: Connection, ctx: DomainContext, workspace: UUID, expire: Expire
) -> None:
    """Naive: it is dropped; the shipment exists and is made again."""
    job = make_job(owner, ctx)
    hand_over(ctx, job)
    move_back(owner, "deadline_at", job, timedelta(hours=1))
    expire()
    ended = read_job(ctx, job).job
    assert report_success(ctx, job.items[0].item_id, "T-9", dispatch=1) == "recorded"
    now = read_job(ctx, job).job
    assert (ended.status, now.status) == ("failed", "completed")
    # It says how the job ended, not when.
    assert now.completed_at == ended.completed_at is not None
    assert report_error(ctx, job.items[0].item_id) == "stale"
    assert_agreement(owner, workspace)


@pytest.mark.usefixtures("kind")
def test_a_claim_whose_caller_died_is_unknown_and_keeps_its_deadline(
    owner: Connection, ctx: DomainContext, expire: Expire
) -> None:
    """Naive: it is sent again, and perhaps shipped twice; or it stays claimed for ever."""
    job = make_job(owner, ctx, items=3, wave_size=2)
    claim(ctx, job)
    report_error(ctx, job.items[0].item_id)
    began_at = read_job(ctx, job).job.started_at
    deadline_at = row_of_dispatch(owner, job)["deadline_at"]
    move_back(owner, "claimed_at", job, timedelta(seconds=119))
    assert expire() == Expired(0, 0, 0)
    move_back(owner, "claimed_at", job, timedelta(seconds=2))
    assert expire() == Expired(0, 1, 0)
    row = row_of_dispatch(owner, job)
    assert (row["status"], row["deadline_at"]) == ("unknown", deadline_at)
    now = read_job(ctx, job)
    assert (now.job.status, [item.status for item in now.items]) == ("processing", ["error", "processing", "pending"])
    assert now.job.started_at == began_at
    assert [item.started_at is None for item in now.items[1:]] == [False, True]
    # The caller was not dead but slow: what it says now changes nothing.
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 1)))
    assert row_of_dispatch(owner, job)["status"] == "unknown"


@pytest.mark.parametrize("outcome", ["accepted", "unknown", "lost"])
def test_what_a_robot_gets_once_more_began_when_it_got_it_first(
    owner: Connection, ctx: DomainContext, expire: Expire, outcome: str
) -> None:
    """Naive: the retry of today has a job begin that has been at work since yesterday."""
    job = make_job(owner, ctx)
    hand_over(ctx, job)
    began = read_job(ctx, job)
    report_error(ctx, job.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    claim(ctx, job, 2)
    if outcome == "lost":
        move_back(owner, "claimed_at", job, timedelta(minutes=3))
        assert expire() == Expired(0, 1, 0)
    else:
        data_of((note_accepted if outcome == "accepted" else note_unknown)(ctx, DispatchRef(job.job_id, 2)))
    now = read_job(ctx, job)
    assert (now.job.status, now.items[0].status) == ("processing", "processing")
    assert (now.job.started_at, now.items[0].started_at) == (began.job.started_at, began.items[0].started_at)


def test_a_claim_whose_caller_died_begins_nothing_of_another_job(
    owner: Connection, ctx: DomainContext, expire: Expire
) -> None:
    """Naive: who sees every workspace begins whatever waits in a wave of the same number."""
    job, beside = make_job(owner, ctx), make_job(owner, ctx)
    theirs = DomainContext(uuid7(), "test")
    make_carrier_config(owner, theirs.workspace_id)
    make_job(owner, theirs)
    before = rows_of(owner, theirs.workspace_id)
    claim(ctx, job)
    move_back(owner, "claimed_at", job, timedelta(minutes=3))
    # The other job has its turn then.
    assert expire() == Expired(0, 1, 1)
    assert [read_job(ctx, each).items[0].status for each in (job, beside)] == ["processing", "pending"]
    assert [read_job(ctx, each).job.status for each in (job, beside)] == ["processing", "pending"]
    assert [read_job(ctx, each).job.started_at is None for each in (job, beside)] == [False, True]
    assert rows_of(owner, theirs.workspace_id) == before


def test_what_another_workspace_has_at_its_robot_keeps_no_turn_from_anyone(
    owner: Connection, ctx: DomainContext, expire: Expire
) -> None:
    """Naive: who sees every workspace lets one call, one wave or one account that is off stop all of them."""
    for hand, enabled in ((claim, True), (hand_over, True), (None, False)):
        theirs = DomainContext(uuid7(), "test")
        make_carrier_config(owner, theirs.workspace_id, is_enabled=enabled)
        at_robot = make_job(owner, theirs)
        if hand:
            hand(theirs, at_robot)
    ended, behind = make_job(owner, ctx), make_job(owner, ctx)
    hand_over(ctx, ended)
    move_back(owner, "deadline_at", ended, timedelta(hours=1))
    move_back(owner, "called_at", behind, timedelta(hours=1))
    owner.execute("UPDATE robot_job_dispatches SET called_at = NULL WHERE job_id = %s", [behind.job_id])
    assert expire().closed_items == 1
    assert row_of_dispatch(owner, behind)["called_at"] is not None


def test_a_robot_s_restart_is_noted_of_its_wave_alone_and_once(
    owner: Connection, ctx: DomainContext, fresh_database: str, postgres: Postgres
) -> None:
    """Naive: of a shipment that a robot still works on, a person may say that it was not made."""
    beside, job = (make_job(owner, ctx, items=2, wave_size=1) for _ in range(2))
    for dispatch, item in enumerate(beside.items, 1):
        hand_over(ctx, beside, dispatch)
        report_error(ctx, item.item_id)
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    hand_over(ctx, job, 2)
    wave = ctx.workspace_id, DispatchRef(job.job_id, 2)
    noted = []
    for _ in range(2):
        with as_system(fresh_database, postgres):
            note_restarted([wave])
        rows = owner.execute(
            "SELECT job_id, dispatch, restarted_at FROM robot_job_dispatches WHERE restarted_at IS NOT NULL"
        )
        noted.append(rows.fetchall())
    assert [each[:2] for each in noted[0]] == [(job.job_id, 2)]
    assert noted[0] == noted[1]


def test_a_wave_whose_message_is_lost_is_told_again(
    owner: Connection, ctx: DomainContext, workspace: UUID, expire: Expire
) -> None:
    """Naive: it waits for ever, and every newer job of the workspace behind it."""
    sent_back, behind = (make_job(owner, ctx, items=2) for _ in range(2))
    claim(ctx, sent_back)
    data_of(release_dispatch(ctx, DispatchRef(sent_back.job_id, 1), "busy", "another batch"))
    move_back(owner, "next_attempt_at", sent_back, timedelta(seconds=300))
    move_back(owner, "created_at", behind, timedelta(hours=1))
    assert expire() == Expired(0, 0, 0)
    move_back(owner, "next_attempt_at", sent_back, timedelta(seconds=6))
    assert expire() == Expired(0, 0, 1)
    [told] = events_of(owner, workspace, "robot/job.submitted")[2:]
    JobSubmitted.model_validate(told)
    assert (told["jobId"], told["dispatch"]) == (str(sent_back.job_id), 1)
    assert (told["orders"], told["ordersOmitted"]) == ([], 2)
    assert expire() == Expired(0, 0, 0)


def test_a_wave_that_was_never_tried_is_told_again(owner: Connection, ctx: DomainContext, expire: Expire) -> None:
    job = make_job(owner, ctx)
    move_back(owner, "called_at", job, timedelta(seconds=299))
    assert expire() == Expired(0, 0, 0)
    move_back(owner, "called_at", job, timedelta(seconds=2))
    assert expire() == Expired(0, 0, 1)
    assert expire() == Expired(0, 0, 0)


def test_a_turn_that_nobody_was_told_of_is_told(
    owner: Connection, ctx: DomainContext, workspace: UUID, expire: Expire
) -> None:
    """As after a migration: a wave waits, nothing is at the robot, and no event is under way."""
    job = make_job(owner, ctx)
    owner.execute("UPDATE robot_job_dispatches SET called_at = NULL WHERE job_id = %s", [job.job_id])
    assert expire() == Expired(0, 0, 1)
    assert len(events_of(owner, workspace, "robot/job.submitted")) == 2
    assert expire() == Expired(0, 0, 0)
    # At one carrier a wave waits for the one that is out; at the next one nothing is.
    hand_over(ctx, job)
    behind, other = make_job(owner, ctx), make_job(owner, ctx, carrier="other")
    owner.execute("UPDATE robot_job_dispatches SET called_at = NULL WHERE status = 'waiting'")
    assert expire() == Expired(0, 0, 1)
    assert [row_of_dispatch(owner, each)["called_at"] is None for each in (behind, other)] == [True, False]
    # A paused job's wave has no turn.
    data_of(pause_job(ctx, other.job_id))
    owner.execute("UPDATE robot_job_dispatches SET called_at = NULL WHERE status = 'waiting'")
    assert expire() == Expired(0, 0, 0)


def test_two_runs_at_once_close_everything_once(
    owner: Connection, ctx: DomainContext, workspace: UUID, fresh_database: str, postgres: Postgres
) -> None:
    """Naive: both count the same items, and the job ends twice."""
    job = make_job(owner, ctx, items=2)
    hand_over(ctx, job)
    move_back(owner, "deadline_at", job, timedelta(hours=1))
    with as_system(fresh_database, postgres), two_racers(owner) as (first, second):
        with holding(owner, "robot_jobs", job.job_id):
            one = first.start_blocked(expire_dispatches)
            # The first holds the workspace's line.
            two = second.start(expire_dispatches)
            assert results(two) == [Expired(0, 0, 0)]
        assert results(one) == [Expired(2, 0, 0)]
    assert_agreement(owner, workspace)


def test_a_success_on_its_way_is_not_expired(
    owner: Connection, ctx: DomainContext, workspace: UUID, fresh_database: str, postgres: Postgres
) -> None:
    """Naive: the timeout overwrites the success."""
    job = make_job(owner, ctx, items=2)
    hand_over(ctx, job)
    move_back(owner, "deadline_at", job, timedelta(hours=1))
    with two_racers(owner) as (recorder, _), as_system(fresh_database, postgres), two_racers(owner) as (first, _):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            success = recorder.start_blocked(report_success, ctx, job.items[0].item_id)
            # The workspace's line is held: the deadline is left to the next run.
            assert results(first.start(expire_dispatches)) == [Expired(0, 0, 0)]
        assert results(success) == ["recorded"]
        assert results(first.start(expire_dispatches)) == [Expired(1, 0, 0)]
    assert [item.status for item in read_job(ctx, job).items] == ["success", "error"]
    assert_agreement(owner, workspace)


def test_expiring_and_recording_at_once_do_not_deadlock(
    owner: Connection, ctx: DomainContext, workspace: UUID, fresh_database: str, postgres: Postgres
) -> None:
    """Naive: the one locks the wave and then the items, the other the items and then the wave that they end."""
    job = make_job(owner, ctx, items=4)
    hand_over(ctx, job)
    move_back(owner, "deadline_at", job, timedelta(hours=1))
    reports = [UpdateJobItemResultParams(item.item_id, "error") for item in job.items[:3]]
    with racers(owner, ()) as (recorder,), as_system(fresh_database, postgres), racers(owner, ()) as (expirer,):
        with holding(owner, "robot_jobs", job.job_id):
            recorded = recorder.start_blocked(update_job_item_results, ctx, reports)
            # The line is held: the deadline is left to the next run.
            assert results(expirer.start(expire_dispatches)) == [Expired(0, 0, 0)]
        assert {result.outcome for result in data_of(results(recorded)[0])} == {"recorded"}
        assert results(expirer.start(expire_dispatches)) == [Expired(1, 0, 0)]
    assert_agreement(owner, workspace)


def test_the_last_report_and_the_deadline_at_once_end_the_wave_once(
    owner: Connection, ctx: DomainContext, workspace: UUID, fresh_database: str, postgres: Postgres
) -> None:
    """Naive: both find the wave over, and the job's next one is made twice."""
    job = make_job(owner, ctx, items=3, wave_size=2)
    hand_over(ctx, job)
    report_success(ctx, job.items[0].item_id)
    move_back(owner, "deadline_at", job, timedelta(hours=1))
    with racers(owner, ()) as (recorder,), as_system(fresh_database, postgres), racers(owner, ()) as (expirer,):
        with holding(owner, "robot_jobs", job.job_id):
            expired = expirer.start_blocked(expire_dispatches)
            success = recorder.start_blocked(report_success, ctx, job.items[1].item_id, "T-9", 1)
        assert results(expired) == [Expired(1, 0, 1)]
        assert results(success) == ["recorded"]
    assert [event["dispatch"] for event in events_of(owner, workspace, "robot/job.submitted")] == [1, 2]
    assert row_of_dispatch(owner, job, 2)["status"] == "waiting"
    assert_agreement(owner, workspace)


def test_an_overdue_wave_leaves_what_a_retry_put_in_line(
    owner: Connection, ctx: DomainContext, workspace: UUID, expire: Expire
) -> None:
    job = make_job(owner, ctx, items=2)
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    move_back(owner, "deadline_at", job, timedelta(hours=1))
    assert expire() == Expired(1, 0, 1)
    now = read_job(ctx, job)
    assert [item.status for item in now.items] == ["pending", "error"]
    assert [item.item_id for item in claim(ctx, job, 2).items] == [job.items[0].item_id]
    assert_agreement(owner, workspace)


def test_the_program_s_own_role_expires_nothing(owner: Connection, ctx: DomainContext) -> None:
    """Row-level security shows it no workspace outside a workspace's transaction."""
    job = make_job(owner, ctx)
    hand_over(ctx, job)
    move_back(owner, "deadline_at", job, timedelta(hours=1))
    assert expire_dispatches() == Expired(0, 0, 0)
    assert row_of_dispatch(owner, job)["status"] == "accepted"


def test_a_database_that_goes_away_is_told_as_such(ctx: DomainContext, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ctx
    close_connection()
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(psycopg.OperationalError):
        expire_dispatches()
