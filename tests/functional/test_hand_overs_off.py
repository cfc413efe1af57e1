"""The parameter HandOvers: off holds every wave back, on wakes them; a restored database needs that."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import Connection

from local.stack.postgres import Postgres
from shared.db.audit import audit
from shared.db.connection import close_connection
from shared.domain import (
    DispatchRef,
    DomainContext,
    GetJobPageParams,
    NoHandOver,
    SubmitJobParams,
    claim_dispatch,
    expire_dispatches,
    get_job_page,
    note_accepted,
    release_dispatch,
    submit_job,
)
from tests.factories import (
    claim,
    data_of,
    events_of,
    failure_of,
    hand_over,
    make_carrier_config,
    make_job,
    make_orders,
    report_success,
    row_of_dispatch,
    rows_of,
)

Expire = Callable[[], int]


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID, owner: Connection) -> DomainContext:
    assert fresh_database
    make_carrier_config(owner, workspace)
    return DomainContext(workspace, "test")


@pytest.fixture
def expire(fresh_database: str, postgres: Postgres) -> Expire:
    """Give one run of the schedule; how many waves it called."""

    def run() -> int:
        with pytest.MonkeyPatch.context() as patch:
            close_connection()
            patch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_system"))
            done = expire_dispatches()
            close_connection()
        return done.woken

    return run


@pytest.fixture
def _off(ctx: DomainContext, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ctx
    monkeypatch.setenv("HAND_OVERS", "off")


def switch(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HAND_OVERS", value)


def sound(owner: Connection, *, are_off: bool) -> bool:
    return audit(owner, hand_overs_are_off=are_off) == []


def test_a_wave_that_was_called_before_is_not_handed_over(
    owner: Connection, ctx: DomainContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: what was under way when it was switched off goes out all the same."""
    job = make_job(owner, ctx)
    assert row_of_dispatch(owner, job)["called_at"] is not None
    switch(monkeypatch, "off")
    assert data_of(claim_dispatch(ctx, DispatchRef(job.job_id, 1))) == NoHandOver("hand-overs are off")
    row = row_of_dispatch(owner, job)
    assert (row["status"], row["called_at"], row["parked_at"] is not None) == ("waiting", None, True)
    assert sound(owner, are_off=True)


def test_the_schedule_parks_what_was_called_and_on_again_calls_it(
    owner: Connection,
    ctx: DomainContext,
    expire: Expire,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Naive: a wave whose event came while it was off waits for ever."""
    job = make_job(owner, ctx)
    switch(monkeypatch, "off")
    for _ in range(2):
        assert expire() == 0
    assert row_of_dispatch(owner, job)["called_at"] is None
    switch(monkeypatch, "on")
    assert expire() == 1
    assert [event["dispatch"] for event in events_of(owner, ctx.workspace_id, "robot/job.submitted")] == [1, 1]
    claim(ctx, job)
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 1)))
    assert sound(owner, are_off=False)


def test_what_is_out_is_reported_and_the_next_wave_waits(
    owner: Connection, ctx: DomainContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(owner, ctx, items=2, wave_size=1)
    hand_over(ctx, job)
    switch(monkeypatch, "off")
    assert report_success(ctx, job.items[0].item_id) == "recorded"
    assert row_of_dispatch(owner, job, 2)["called_at"] is None
    assert sound(owner, are_off=True)


def test_the_time_while_it_is_off_does_not_count_to_giving_up(
    owner: Connection,
    ctx: DomainContext,
    expire: Expire,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = make_job(owner, ctx)
    claim(ctx, job)
    switch(monkeypatch, "off")
    released = data_of(release_dispatch(ctx, DispatchRef(job.job_id, 1), "unreachable", "refused"))
    assert isinstance(released, NoHandOver)
    owner.execute(
        "UPDATE robot_job_dispatches SET parked_at = now() - interval '2 days',"
        " refused_since = now() - interval '2 days', first_refused_at = now() - interval '2 days'"
    )
    switch(monkeypatch, "on")
    expire()
    row = row_of_dispatch(owner, job)
    assert row["called_at"] - row["first_refused_at"] < timedelta(minutes=1)


def test_a_job_says_that_it_is_held(owner: Connection, ctx: DomainContext, monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job(owner, ctx)
    switch(monkeypatch, "off")
    data_of(claim_dispatch(ctx, DispatchRef(job.job_id, 1)))
    shown = data_of(get_job_page(ctx, GetJobPageParams(job.job_id))).job
    assert shown.waiting is not None
    assert (shown.waiting.reason, shown.waiting.since) == (
        "carrier_not_ready",
        row_of_dispatch(owner, job)["parked_at"],
    )


@pytest.mark.usefixtures("_off")
def test_no_new_job_is_taken_and_its_key_is_not_used_up(
    owner: Connection, ctx: DomainContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: an order is submitted again that was shipped in what the database has forgotten."""
    params = SubmitJobParams(make_orders(owner, ctx.workspace_id), idempotency_key="k")
    before = rows_of(owner, ctx.workspace_id)
    refused = failure_of(submit_job(ctx, params), "INVALID", "carrier_not_configured")
    assert "hand-overs are switched off for everybody" in refused.error
    assert rows_of(owner, ctx.workspace_id) == before
    switch(monkeypatch, "on")
    assert data_of(submit_job(ctx, params)).item_count == 1
