"""The rules of hand-overs: claimed at most once, noted by what came of the call."""

from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    DispatchRef,
    DomainContext,
    HandOver,
    NoHandOver,
    Postponed,
    UpdateJobStatusParams,
    claim_dispatch,
    close_dispatches,
    note_accepted,
    note_refused,
    note_unknown,
    release_dispatch,
    update_job_status,
)
from shared.domain.ids import uuid7
from shared.words import RefusedAs
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    events_of,
    failure_of,
    hand_over,
    make_carrier_config,
    make_due,
    make_ended_job,
    make_job,
    make_job_of,
    make_orders,
    read_job,
    report_error,
    report_success,
    row_of_dispatch,
    rows_of,
)


@pytest.fixture(autouse=True)
def _carrier(owner: Connection, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)


def first(job_id: UUID) -> DispatchRef:
    return DispatchRef(job_id, 1)


def test_a_claim_gives_what_to_send_where(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    order_ids = make_orders(owner, workspace, 2)
    job = make_job_of(ctx, order_ids, item_values={order_ids[0]: {"ciudad": "CALI (VALLE)"}})
    claimed = claim(ctx, job)
    assert (claimed.job_id, claimed.dispatch) == (job.job_id, 1)
    assert (claimed.robot_url, claimed.username) == ("https://robot.example.com", "tienda")
    assert claimed.password_sealed == "c2VhbGVk"
    assert [(item.item_id, item.order_id) for item in claimed.items] == [
        (job.items[0].item_id, order_ids[0]),
        (job.items[1].item_id, order_ids[1]),
    ]
    given, made = (item.pedido_input for item in claimed.items)
    assert given == {"ciudad": "CALI (VALLE)"}
    assert (made["ciudad"], made["celular"]) == ("MEDELLIN (ANT)", "3004567890")
    # While nobody knows whether the robot takes it, the job waits.
    assert read_job(ctx, job).job.status == "pending"


@pytest.mark.usefixtures("kind")
def test_a_dispatch_is_claimed_at_most_once(owner: Connection, ctx: DomainContext) -> None:
    """Naive: a redelivered message hands the batch over twice."""
    job = make_job(owner, ctx)
    claim(ctx, job)
    assert data_of(claim_dispatch(ctx, first(job.job_id))) == NoHandOver("the dispatch is claimed")
    data_of(note_accepted(ctx, first(job.job_id)))
    assert data_of(claim_dispatch(ctx, first(job.job_id))) == NoHandOver("the dispatch is accepted")


def test_a_dispatch_that_does_not_exist_is_nothing(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    theirs = make_job(owner, DomainContext(uuid7(), "test"))
    for ref in (DispatchRef(job.job_id, 2), DispatchRef(uuid7(), 1), first(theirs.job_id)):
        assert data_of(claim_dispatch(ctx, ref)) == NoHandOver("there is no such dispatch")


def test_only_open_items_of_the_dispatch_are_sent(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=4)
    report_success(ctx, job.items[0].item_id)
    report_error(ctx, job.items[1].item_id)
    owner.execute(
        "INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)"
        " VALUES (%s, 2, %s, 'coordinadora', 1)",
        [job.job_id, ctx.workspace_id],
    )
    owner.execute("UPDATE robot_job_items SET dispatch = 2 WHERE id = %s", [job.items[2].item_id])
    assert [item.item_id for item in claim(ctx, job).items] == [job.items[3].item_id]


@pytest.mark.usefixtures("kind")
def test_a_dispatch_without_open_items_is_closed(owner: Connection, ctx: DomainContext) -> None:
    job = make_ended_job(owner, ctx, "success", "error")
    assert row_of_dispatch(owner, job)["status"] == "closed"
    assert data_of(claim_dispatch(ctx, first(job.job_id))) == NoHandOver("the dispatch is closed")


@pytest.mark.parametrize(
    "columns",
    [
        None,
        {"portal_username": None},
        {"portal_password_sealed": None},
        {"robot_url": None},
    ],
)
def test_without_a_complete_carrier_the_items_end_as_errors(
    owner: Connection, ctx: DomainContext, workspace: UUID, columns: dict[str, object] | None
) -> None:
    make_carrier_config(owner, uuid7())
    owner.execute("DELETE FROM carrier_configs WHERE workspace_id = %s", [workspace])
    if columns is not None:
        make_carrier_config(owner, workspace, **columns)
    job = make_job(owner, ctx, items=2)
    assert data_of(claim_dispatch(ctx, first(job.job_id))) == NoHandOver("the carrier is not configured")
    now = read_job(ctx, job)
    assert {(item.status, item.error_type, item.error_message) for item in now.items} == {
        ("error", "validation", "carrier not configured")
    }
    assert now.job.status == "failed"
    assert row_of_dispatch(owner, job)["status"] == "closed"
    assert len(events_of(owner, workspace, "robot/job.completed")) == 1
    assert_agreement(owner, workspace)


def test_what_waits_elsewhere_stops_nobody(owner: Connection, ctx: DomainContext) -> None:
    make_job(owner, DomainContext(uuid7(), "test"))
    make_job(owner, ctx, carrier="servientrega")
    claim(ctx, make_job(owner, ctx))


@pytest.mark.usefixtures("kind")
def test_acceptance_starts_job_items_and_deadline(owner: Connection, ctx: DomainContext) -> None:
    job, beside = make_job(owner, ctx, items=3), make_job(owner, ctx)
    claim(ctx, job)
    owner.execute(
        "UPDATE robot_job_dispatches SET claimed_at = claimed_at - interval '20 s' WHERE job_id = %s", [job.job_id]
    )
    data_of(note_accepted(ctx, first(job.job_id)))
    now = read_job(ctx, job)
    assert now.job.status == "processing"
    assert now.job.started_at is not None
    assert {(item.status, item.started_at is not None) for item in now.items} == {("processing", True)}
    waits = read_job(ctx, beside)
    assert (waits.job.status, waits.items[0].status) == ("pending", "pending")
    row = row_of_dispatch(owner, job)
    assert row["status"] == "accepted"
    assert row["deadline_at"] - row["accepted_at"] == timedelta(minutes=10, seconds=3 * 90)


@pytest.mark.usefixtures("kind")
def test_an_unknown_outcome_is_never_sent_again_and_its_deadline_runs_from_the_claim(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: a timeout after sending is tried again by itself."""
    job = make_job(owner, ctx, items=2)
    claim(ctx, job)
    data_of(note_unknown(ctx, first(job.job_id)))
    assert data_of(claim_dispatch(ctx, first(job.job_id))) == NoHandOver("the dispatch is unknown")
    now = read_job(ctx, job)
    assert (now.job.status, {item.status for item in now.items}) == ("processing", {"processing"})
    row = row_of_dispatch(owner, job)
    assert (row["status"], row["accepted_at"]) == ("unknown", None)
    assert row["deadline_at"] - row["claimed_at"] == timedelta(minutes=10, seconds=2 * 90)


@pytest.mark.usefixtures("kind")
def test_a_refusal_for_good_ends_the_items_with_the_robot_s_words(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    job = make_job(owner, ctx, items=2)
    report_success(ctx, job.items[0].item_id)
    claim(ctx, job)
    data_of(note_refused(ctx, first(job.job_id), "HTTP 400: sin saldo 🎁\0" + "x" * 3_000))
    now = read_job(ctx, job)
    assert [(item.status, item.error_type) for item in now.items] == [("success", None), ("error", "portal")]
    assert (now.items[1].error_message or "").startswith("HTTP 400: sin saldo 🎁x")
    assert len(now.items[1].error_message or "") == 2_000
    assert now.job.status == "completed"
    assert row_of_dispatch(owner, job)["status"] == "closed"
    assert_agreement(owner, workspace)


def test_a_refusal_for_now_is_tried_again_after_5_s_doubling_to_120_s(owner: Connection, ctx: DomainContext) -> None:
    """Naive: a busy robot fails the whole job."""
    job = make_job(owner, ctx)
    delays = []
    for _ in range(8):
        make_due(owner, job)
        claim(ctx, job)
        delays.append(data_of(release_dispatch(ctx, first(job.job_id), "busy", "another batch")))
        row = row_of_dispatch(owner, job)
        assert (row["status"], row["claimed_at"], row["deadline_at"]) == ("waiting", None, None)
        # A wave that no robot has is not counted among any robot's.
        assert row["robot_url"] is None
        assert row["next_attempt_at"] > row["updated_at"]
        assert read_job(ctx, job).job.status == "pending"
    assert delays == [Postponed(delay) for delay in (5, 10, 20, 40, 80, 120, 120, 120)]
    assert row_of_dispatch(owner, job)["last_error"] == "another batch"


@pytest.mark.parametrize(("early_s", "is_due"), [(0.5, True), (1.9, False)])
def test_a_message_that_comes_a_second_early_is_on_time(
    owner: Connection, ctx: DomainContext, early_s: float, *, is_due: bool
) -> None:
    """Naive: the queue's clock is ahead of the database's, its message is dropped, and no other comes."""
    job = make_job(owner, ctx)
    claim(ctx, job)
    data_of(release_dispatch(ctx, first(job.job_id), "busy", "another batch"))
    owner.execute(
        "UPDATE robot_job_dispatches SET next_attempt_at = clock_timestamp() + make_interval(secs => %s)"
        " WHERE job_id = %s",
        [early_s, job.job_id],
    )
    claimed = data_of(claim_dispatch(ctx, first(job.job_id)))
    assert isinstance(claimed, HandOver) == is_due
    assert is_due or claimed == NoHandOver("another message waits for its next try")


@pytest.mark.parametrize(("refused_as", "hours"), [("busy", 24), ("unreachable", 1)])
def test_a_hand_over_is_given_up_in_the_end(
    owner: Connection, ctx: DomainContext, workspace: UUID, refused_as: RefusedAs, hours: int
) -> None:
    job = make_job(owner, ctx, items=2)
    move = "UPDATE robot_job_dispatches SET refused_since = now() - %s * interval '1 second' WHERE job_id = %s"
    for seconds, given_up in ((0, False), (hours * 3600 - 60, False), (hours * 3600 + 0.1, True)):
        make_due(owner, job)
        claim(ctx, job)
        owner.execute(move, [seconds, job.job_id])
        owner.execute("UPDATE robot_job_dispatches SET refused_as = %s WHERE job_id = %s", [refused_as, job.job_id])
        outcome = data_of(release_dispatch(ctx, first(job.job_id), refused_as, "not\0 now"))
        assert (outcome == NoHandOver("given up")) == given_up
    now = read_job(ctx, job)
    assert {(item.status, item.error_type, item.error_message) for item in now.items} == {
        ("error", "portal", f"given up after {hours} h: not now")
    }
    assert now.job.status == "failed"
    assert row_of_dispatch(owner, job)["status"] == "closed"
    assert_agreement(owner, workspace)


def test_the_robot_s_words_are_cut_where_those_of_giving_up_come_before_them(
    owner: Connection, ctx: DomainContext
) -> None:
    job = make_job(owner, ctx)
    claim(ctx, job)
    owner.execute(
        "UPDATE robot_job_dispatches SET refused_as = 'busy', refused_since = now() - interval '25 h'"
        " WHERE job_id = %s",
        [job.job_id],
    )
    assert data_of(release_dispatch(ctx, first(job.job_id), "busy", "x" * 2000)) == NoHandOver("given up")
    begin = "given up after 24 h: "
    words = begin + "x" * (2000 - len(begin))
    assert read_job(ctx, job).items[0].error_message == row_of_dispatch(owner, job)["last_error"] == words


def test_each_reason_to_wait_has_a_time_of_its_own(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx)
    claim(ctx, job)
    data_of(release_dispatch(ctx, first(job.job_id), "busy", "another batch"))
    owner.execute(
        "UPDATE robot_job_dispatches SET refused_since = now() - interval '23 h' WHERE job_id = %s", [job.job_id]
    )
    make_due(owner, job)
    claim(ctx, job)
    assert isinstance(data_of(release_dispatch(ctx, first(job.job_id), "unreachable", "refused")), Postponed)
    make_due(owner, job)
    claim(ctx, job)
    assert isinstance(data_of(release_dispatch(ctx, first(job.job_id), "unreachable", "refused")), Postponed)


def test_what_is_not_claimed_cannot_be_noted(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    waiting = make_job(owner, ctx)
    before = rows_of(owner, workspace)
    for ref in (first(waiting.job_id), DispatchRef(waiting.job_id, 2), first(uuid7())):
        data_of(note_accepted(ctx, ref))
        data_of(note_unknown(ctx, ref))
        data_of(note_refused(ctx, ref, "no"))
        assert data_of(release_dispatch(ctx, ref, "busy", "no")) == NoHandOver("the dispatch is not claimed")
    assert rows_of(owner, workspace) == before
    hand_over(ctx, waiting)
    before = rows_of(owner, workspace)
    data_of(note_refused(ctx, first(waiting.job_id), "no"))
    assert data_of(release_dispatch(ctx, first(waiting.job_id), "busy", "no")) == NoHandOver(
        "the dispatch is not claimed"
    )
    assert rows_of(owner, workspace) == before


def test_another_workspace_s_claim_cannot_be_noted(owner: Connection, ctx: DomainContext) -> None:
    other = DomainContext(uuid7(), "test")
    job = make_job(owner, ctx)
    claim(ctx, job)
    data_of(note_accepted(other, first(job.job_id)))
    data_of(note_refused(other, first(job.job_id), "no"))
    data_of(release_dispatch(other, first(job.job_id), "busy", "no"))
    assert row_of_dispatch(owner, job)["status"] == "claimed"


@pytest.mark.usefixtures("kind")
def test_a_claim_without_a_result_is_lost_after_two_minutes(owner: Connection, ctx: DomainContext) -> None:
    """Naive: whoever finds the claim hands over again; the one who died may have done it."""
    job = make_job(owner, ctx)
    claim(ctx, job)
    move = "UPDATE robot_job_dispatches SET claimed_at = claimed_at - %s * interval '1 s' WHERE job_id = %s"
    owner.execute(move, [118, job.job_id])
    assert data_of(claim_dispatch(ctx, first(job.job_id))) == NoHandOver("the dispatch is claimed")
    owner.execute(move, [2.5, job.job_id])
    lost = data_of(claim_dispatch(ctx, first(job.job_id)))
    assert lost == NoHandOver("the claim was lost; the robot may have the orders")
    assert row_of_dispatch(owner, job)["status"] == "unknown"
    assert read_job(ctx, job).items[0].status == "processing"


def test_an_ended_job_is_not_started_by_an_acceptance(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    job = make_job(owner, ctx)
    claim(ctx, job)
    data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
    data_of(note_accepted(ctx, first(job.job_id)))
    assert read_job(ctx, job).job.status == "failed"
    assert_agreement(owner, workspace)


def test_closing_a_job_s_dispatches_spares_those_with_open_items(owner: Connection, ctx: DomainContext) -> None:
    ended, running = make_ended_job(owner, ctx, "success"), make_job(owner, ctx, items=2)
    report_error(ctx, running.items[0].item_id)
    for job in (ended, running, ended):
        assert data_of(close_dispatches(ctx, job.job_id)).job_id == job.job_id
    assert row_of_dispatch(owner, ended)["status"] == "closed"
    assert row_of_dispatch(owner, running)["status"] == "waiting"
    failure_of(close_dispatches(ctx, uuid7()), "NOT_FOUND", "job_not_found")
    failure_of(close_dispatches(DomainContext(uuid7(), "test"), ended.job_id), "NOT_FOUND", "job_not_found")


def test_the_largest_wave_is_claimed_whole(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=500, wave_size=500)
    claimed = data_of(claim_dispatch(ctx, first(job.job_id)))
    assert isinstance(claimed, HandOver)
    assert [item.item_id for item in claimed.items] == [item.item_id for item in job.items]
