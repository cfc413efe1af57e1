"""Guards behind guards: each statement keeps to its workspace and to the states that it moves, whoever calls it.

They are carried out as the superuser, whom row-level security does not hold, and without what the domain checks first.
"""

from collections.abc import Mapping
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection, sql

from shared.domain import CreatedJob, DomainContext, close_dispatches
from shared.domain.cursor import AFTER_ALL, BEFORE_ALL
from shared.domain.ids import uuid7
from shared.domain.jobs import (
    announce,
    attention,
    cancel,
    change,
    create,
    detail,
    errors_in_a_row,
    history,
    list_by_items,
    lock,
    parcels,
    pause,
    read,
    restored_sql,
    retry,
    status,
    turn_sql,
    wave_sql,
)
from shared.domain.jobs.close import close_items, close_open_items
from shared.domain.jobs.lock import Target
from shared.words import OPEN_STATUSES
from tests.factories import (
    data_of,
    hand_over,
    make_carrier_config,
    make_ended_job,
    make_job,
    report_error,
    report_success,
    row_of_dispatch,
    rows_of,
)

STEPS = {
    "claim": (wave_sql.CLAIM, {"waiting"}),
    "release": (wave_sql.RELEASE, {"claimed"}),
    "begin": (wave_sql.BEGIN, {"claimed"}),
    "close": (wave_sql.CLOSE, {"waiting", "claimed", "accepted", "unknown"}),
}
EXTRA = {
    "delay_s": 5,
    "refused_as": "busy",
    "last_error": "no",
    "status": "accepted",
    "named": None,
    "item_count": 1,
    "robot_url": "https://robot.example.com",
    "lifts_all": False,
    "priority": "urgent",
    "are_off": False,
    "restored_to": "2026-11-26T00:00:00+00:00",
    "words": "no",
}


def parameters(workspace_id: UUID, job: CreatedJob) -> Mapping[str, object]:
    return EXTRA | {
        "workspace_id": workspace_id,
        "job_id": job.job_id,
        "job_ids": [job.job_id],
        "dispatch": 1,
        "item_ids": [item.item_id for item in job.items],
        "order_ids": [item.order_id for item in job.items],
        "values": [None for _ in job.items],
        "after": None,
        "limit": None,
    }


@pytest.mark.parametrize("at", ["waiting", "claimed", "accepted", "unknown", "closed"])
@pytest.mark.parametrize("name", STEPS)
def test_a_step_of_a_hand_over_is_made_from_its_own_states_alone(
    owner: Connection, ctx: DomainContext, name: str, at: str
) -> None:
    job = make_job(owner, ctx)
    owner.execute(
        "UPDATE robot_job_dispatches SET status = %(at)s, claimed_at = now(), refused_since = now(),"
        " deadline_at = CASE WHEN %(at)s <> 'waiting' THEN now() END WHERE job_id = %(job_id)s",
        {"at": at, "job_id": job.job_id},
    )
    before = row_of_dispatch(owner, job)
    statement, states = STEPS[name]
    moved = owner.execute(statement, parameters(ctx.workspace_id, job)).rowcount
    assert moved == (1 if at in states else 0)
    assert (row_of_dispatch(owner, job) == before) == (at not in states)


@pytest.mark.parametrize("statement", [status._START_JOB, wave_sql.BEGIN_JOB], ids=["by hand", "by the robot"])
def test_a_job_is_started_only_while_it_waits(owner: Connection, ctx: DomainContext, statement: str) -> None:
    waiting, ended = make_job(owner, ctx), make_ended_job(owner, ctx, "success")
    assert owner.execute(statement, parameters(ctx.workspace_id, waiting)).rowcount == 1
    assert owner.execute(statement, parameters(ctx.workspace_id, waiting)).rowcount == 0
    assert owner.execute(statement, parameters(ctx.workspace_id, ended)).rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        *(step for step, _ in STEPS.values()),
        wave_sql.SELECT,
        wave_sql.BEGIN_ITEMS,
        wave_sql.CLAIM_ITEMS,
        wave_sql.RELEASE_ITEMS,
        wave_sql.FORGET_ATTEMPTS,
        parcels._SELECT_FAILED,
        parcels._SELECT_OPEN,
        wave_sql.BEGIN_JOB,
        wave_sql.PUT_BACK,
        wave_sql.SELECT_CALLED,
        turn_sql.MAKE_WAVES,
        turn_sql.CALL,
        turn_sql.CALL_NEW,
        pause._PAUSE,
        pause._RESUME,
        announce._NOTE_ANNOUNCED,
        change._SET_PRIORITY,
        cancel._CLOSE_WAITING,
        retry._REOPEN_ITEMS,
        retry.RELEASE_LIFTED,
        restored_sql.UNSETTLE_OPEN,
        restored_sql.CLOSE_WAVES,
        restored_sql.SELECT_FATES,
        restored_sql.KEEP_UNSETTLED,
        restored_sql.UNSETTLE_FAILED,
        status._START_JOB,
        lock._SELECT_JOB,
        read._SELECT_JOB,
        read._SELECT_ITEMS,
    ],
    ids=lambda statement: " ".join(statement.split()[:6]),
)
def test_a_statement_keeps_to_its_workspace(owner: Connection, ctx: DomainContext, statement: str) -> None:
    ours = uuid7()
    make_carrier_config(owner, ctx.workspace_id)
    for job in (make_job(owner, ctx, items=2), make_ended_job(owner, ctx, "error", "success")):
        before = rows_of(owner, ctx.workspace_id)
        row = {**parameters(ours, job), "status": None if "SELECT" in statement else EXTRA["status"]}
        assert owner.execute(statement, row).rowcount == 0
        assert rows_of(owner, ctx.workspace_id) == before


def test_closing_keeps_to_its_workspace_and_to_what_is_open(owner: Connection, ctx: DomainContext) -> None:
    job, ended = make_job(owner, ctx, items=2), make_ended_job(owner, ctx, "success", "error")
    report_error(ctx, job.items[0].item_id)
    before = rows_of(owner, ctx.workspace_id)
    for workspace_id, each in ((uuid7(), job), (ctx.workspace_id, ended)):
        for dispatch in (None, 1):
            target = Target(workspace_id, each.job_id, dispatch)
            assert close_open_items(owner, [target], error_type="unknown", error_message="no") == 0
        assert close_items(owner, workspace_id, {item.item_id: "no" for item in each.items}) == 0
    assert rows_of(owner, ctx.workspace_id) == before


FINDS = {
    "the job of a key": create.SELECT_JOB_OF_KEY,
    "an item": history._SELECT_ITEM,
    "attempts": history._SELECT_ATTEMPTS,
    "reports": history._SELECT_REPORTS,
    "an end that nobody is told of": announce._SELECT_ANNOUNCED,
    "what is counted": detail._COUNT_ITEMS,
    "what needs a person": attention._SELECT,
    "orders in a job": list_by_items._LIST_IN_JOB,
    "orders that failed": list_by_items._LIST_FAILED,
    "rows of errors": errors_in_a_row._SELECT_JOBS,
    "a row of errors": errors_in_a_row._UPDATE_JOBS,
    "a shipment that a new one lifts": create._RELEASE_MADE,
}


def test_a_statement_finds_what_is_its_workspace_s(owner: Connection, ctx: DomainContext) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    job = make_job(owner, ctx, items=3, idempotency_key="k", wave_size=2)
    hand_over(ctx, job)
    report_error(ctx, job.items[0].item_id)
    report_success(ctx, job.items[1].item_id)
    # Nobody is to be told of its end, for either reason.
    data_of(close_dispatches(ctx, job.job_id, 1))
    owner.execute("UPDATE robot_jobs SET is_automatic = true WHERE id = %s", [job.job_id])
    row = {
        **parameters(ctx.workspace_id, job),
        "key": "k",
        "item_id": job.items[0].item_id,
        "at_most": 10,
        "failed_from": BEFORE_ALL,
        "open": list(OPEN_STATUSES),
        "search": None,
        "before": AFTER_ALL,
        "limit": 10,
        "default_stop": 5,
        "counts": [1],
        "words": ["no"],
        "messages": [None],
    }
    before = rows_of(owner, ctx.workspace_id)
    found = {name: owner.execute(each, row | {"workspace_id": uuid7()}).rowcount for name, each in FINDS.items()}
    assert found == dict.fromkeys(FINDS, 0)
    assert rows_of(owner, ctx.workspace_id) == before
    assert all(owner.execute(statement, row).rowcount > 0 for statement in FINDS.values())


IMPOSSIBLE = {
    "robot_jobs_status_check": "UPDATE robot_jobs SET status = 'done'",
    "robot_jobs_counts_check": "UPDATE robot_jobs SET error_count = -1",
    "robot_jobs_ended_check": "UPDATE robot_jobs SET status = 'completed', completed_at = now()",
    "robot_jobs_completed_at_check": "UPDATE robot_jobs SET completed_at = now()",
    "robot_job_items_status_check": "UPDATE robot_job_items SET status = 'done', holds = false",
    "robot_job_items_number_check": "UPDATE robot_job_items SET tracking_number = 'T-1'",
    "robot_job_items_error_check": "UPDATE robot_job_items SET error_type = 'portal'",
    "robot_job_items_completed_at_check": "UPDATE robot_job_items SET completed_at = now()",
    "robot_job_items_error_type_check": (
        "UPDATE robot_job_items SET status = 'error', completed_at = now(), error_type = 'weather'"
    ),
    "robot_job_dispatches_status_check": "UPDATE robot_job_dispatches SET status = 'done'",
    "robot_job_dispatches_deadline_check": "UPDATE robot_job_dispatches SET status = 'accepted'",
}


@pytest.mark.parametrize("constraint", IMPOSSIBLE)
def test_the_database_refuses_what_can_not_be(owner: Connection, ctx: DomainContext, constraint: str) -> None:
    make_job(owner, ctx, items=2)
    query = sql.SQL("{} WHERE workspace_id = %s").format(sql.SQL(IMPOSSIBLE[constraint]))
    with pytest.raises(psycopg.errors.CheckViolation) as violation:
        owner.execute(query, [ctx.workspace_id])
    assert violation.value.diag.constraint_name == constraint
