"""The rules of the outbox: what is true is told, at least once, in its order."""

from collections.abc import Callable
from threading import Event
from uuid import UUID

import pytest
from psycopg import Connection

from shared.db import outbox
from shared.db.outbox import (
    MAX_ATTEMPTS,
    OutboxRow,
    lock_publishing,
    lock_waiting,
    mark_failed,
    mark_published,
    prune_published,
    take_unpublished,
)
from shared.db.transaction import system_transaction, transaction
from shared.domain import (
    DomainContext,
    RetryFailedItemsParams,
    UpdateJobStatusParams,
    cancel_job,
    retry_failed_items,
    update_job_status,
)
from shared.domain.ids import uuid7
from shared.events import ALL_EVENTS
from tests.factories import (
    data_of,
    make_carrier_config,
    make_ended_job,
    make_job,
    make_job_of,
    make_orders,
    report_error,
    report_success,
)
from tests.racing import results, two_racers

BEGINNING = UUID(int=0)


def take(workspace: UUID, limit: int = 100) -> list[OutboxRow]:
    with transaction(workspace) as conn:
        return take_unpublished(conn, [workspace], limit).rows


def test_every_event_validates_against_its_model(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_carrier_config(owner, workspace)
    order_ids = make_orders(owner, workspace, 3)
    job = make_job_of(ctx, order_ids, item_values={order_ids[0]: {"ciudad": None, "unidades": 1.5}})
    bare = make_orders(owner, workspace, name=None, total_value=None, contact_id=None, shipping_city=None)
    for item in (*job.items[:2], *make_job_of(ctx, bare).items):
        report_success(ctx, item.item_id, f"T-{item.item_id}")
    report_error(ctx, job.items[2].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    data_of(cancel_job(ctx, job.job_id))
    large = make_job_of(ctx, order_ids[2:], item_values={order_ids[2]: {"x": "y" * 900_000}})
    data_of(update_job_status(ctx, UpdateJobStatusParams(large.job_id, "failed")))
    make_ended_job(owner, ctx, "error")
    rows = take(workspace)
    assert {row.detail_type for row in rows} == {
        "robot/job.submitted",
        "robot/job.completed",
        "automation/field.changed",
        "automation/robot.coord.completed",
    }
    for row in rows:
        event = ALL_EVENTS[row.detail_type].model_validate_json(row.detail)
        assert str(workspace) in event.to_detail()


def test_events_are_taken_oldest_first_and_stay_until_they_are_published(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    jobs = [make_job(owner, ctx) for _ in range(3)]
    assert [str(job.job_id) in row.detail for job, row in zip(jobs, take(workspace), strict=True)] == [True] * 3
    first_two = take(workspace, limit=2)
    assert first_two == take(workspace)[:2]
    with transaction(workspace) as conn:
        mark_published(conn, [row.id for row in first_two])
    assert [str(jobs[2].job_id) in row.detail for row in take(workspace)] == [True]


def test_an_event_that_is_marked_but_not_committed_is_told_again(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: a "was sent" flag set before sending loses the event when the sender dies."""
    make_job(owner, ctx)

    def die_after_marking() -> None:
        with transaction(workspace) as conn:
            mark_published(conn, [row.id for row in take_unpublished(conn, [workspace]).rows])
            raise InterruptedError

    with pytest.raises(InterruptedError):
        die_after_marking()
    assert len(take(workspace)) == 1


def test_what_somebody_else_holds_is_left_to_them(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: one that marks slowly holds up all others, or its events are told twice."""
    for _ in range(3):
        make_job(owner, ctx)
    first, *others = take(workspace)
    with owner.transaction():
        owner.execute("SELECT FROM outbox WHERE id = %s FOR UPDATE", [first.id])
        with transaction(workspace) as conn:
            # Who would wait fails.
            conn.execute("SET LOCAL lock_timeout = '1s'")
            assert take_unpublished(conn, [workspace]).rows == others
    assert take(workspace) == [first, *others]


def test_large_events_are_taken_a_few_at_a_time_and_whether_there_are_more_is_told(
    owner: Connection, workspace: UUID
) -> None:
    """Naive: two hundred events of 900 kB are read into a function of 512 MB."""
    owner.execute(
        "INSERT INTO outbox (workspace_id, detail_type, detail)"
        " SELECT %s, 'x', jsonb_build_object('noise', (SELECT string_agg(md5(n::text || i), '')"
        "                                                FROM generate_series(1, 2400) AS n))"
        "   FROM generate_series(1, 6) AS i",
        [workspace],
    )
    batches = []
    with transaction(workspace) as conn:
        while True:
            taken = take_unpublished(conn, [workspace])
            batches.append((len(taken.rows), taken.has_more))
            if not taken.has_more:
                break
            mark_published(conn, [row.id for row in taken.rows])
    assert batches == [(3, True), (3, False)]


def test_there_may_be_more_after_a_full_batch(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    for _ in range(3):
        make_job(owner, ctx)
    with transaction(workspace) as conn:
        assert [take_unpublished(conn, [workspace], limit).has_more for limit in (2, 3, 4)] == [True, True, False]


def test_two_publishers_of_a_workspace_publish_one_after_the_other(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    """Naive: the second takes what the first has not, and a job's end leaves before its beginning."""
    for _ in range(4):
        make_job(owner, ctx)
    told: list[int] = []

    def publish_three() -> None:
        with transaction(workspace) as conn:
            lock_publishing(conn, workspace)
            rows = take_unpublished(conn, [workspace], 3).rows
            mark_published(conn, [row.id for row in rows])
            told.extend(row.id for row in rows)

    def publish_slowly() -> None:
        with transaction(workspace) as conn:
            lock_publishing(conn, workspace)
            rows = take_unpublished(conn, [workspace], 3).rows
            taken.set()
            assert begun.wait(20)
            told.extend(row.id for row in rows)
            mark_published(conn, [row.id for row in rows])

    taken, begun = Event(), Event()
    with two_racers(owner) as (first, second):
        slow = first.start(publish_slowly)
        assert taken.wait(20)
        waiting = second.start_blocked(publish_three)
        # The relay leaves the workspace alone meanwhile.
        with transaction(workspace) as conn:
            assert lock_waiting(conn, BEGINNING).workspace_ids == []
        begun.set()
        results(slow, waiting)
    assert len(told) == 4
    assert told == sorted(told)


def test_the_relay_gives_each_workspace_its_turn(owner: Connection, as_system: Callable[[], None]) -> None:
    """Naive: oldest first, and whoever has a backlog holds up everybody."""
    large, small = sorted(uuid7() for _ in range(2))
    for workspace, count in ((large, 300), (small, 3)):
        owner.execute(
            "INSERT INTO outbox (workspace_id, detail_type, detail) SELECT %s, 'x', '{}' FROM generate_series(1, %s)",
            [workspace, count],
        )
    as_system()
    with system_transaction() as conn:
        waiting = lock_waiting(conn, BEGINNING)
        assert (waiting.workspace_ids, waiting.next_after) == ([large, small], None)
        assert lock_waiting(conn, BEGINNING, limit=1).next_after == large
        assert [len(take_unpublished(conn, each).rows) for each in ([large, small], [large])] == [103, 200]


def test_the_relay_begins_with_the_first_workspace_whoever_wrote_first(
    owner: Connection, as_system: Callable[[], None]
) -> None:
    """Naive: it begins where the table does, and passes over every workspace before that one."""
    first, second, third = sorted(uuid7() for _ in range(3))
    for workspace in (third, first, second):
        owner.execute("INSERT INTO outbox (workspace_id, detail_type, detail) VALUES (%s, 'x', '{}')", [workspace])
    as_system()
    with system_transaction() as conn:
        # Read by the index they come in their order by chance.
        for way in ("indexscan", "indexonlyscan", "bitmapscan"):
            conn.execute(f"SET LOCAL enable_{way} = off")
        assert lock_waiting(conn, BEGINNING).workspace_ids == [first, second, third]


def test_an_event_that_the_bus_refuses_waits_twice_as_long_each_time_and_at_most_five_minutes(
    owner: Connection, ctx: DomainContext, workspace: UUID
) -> None:
    make_job(owner, ctx)
    [row] = take(workspace)
    waits = []
    for attempt in range(10):
        with transaction(workspace) as conn:
            mark_failed(conn, [(row.id, f"ThrottlingException {attempt}")])
        assert take(workspace) == []
        [(seconds, error)] = owner.execute(
            "SELECT extract(epoch FROM next_attempt_at - now())::float8, last_error FROM outbox WHERE id = %s", [row.id]
        ).fetchall()
        waits.append(round(seconds))
        assert error == f"ThrottlingException {attempt}"
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    owner.execute("UPDATE outbox SET next_attempt_at = now() WHERE id = %s", [row.id])
    assert take(workspace) == [row]
    with transaction(workspace) as conn:
        mark_published(conn, [row.id])
    assert owner.execute("SELECT attempts FROM outbox WHERE id = %s", [row.id]).fetchall() == [(11,)]


def test_an_event_that_is_refused_for_ever_is_set_aside(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    """Naive: a poison event is sent again for ever."""
    make_job(owner, ctx)
    [row] = take(workspace)
    owner.execute("UPDATE outbox SET attempts = %s WHERE id = %s", [MAX_ATTEMPTS - 2, row.id])
    for set_aside in (False, True):
        with transaction(workspace) as conn:
            mark_failed(conn, [(row.id, "x" * 5_000)])
        owner.execute("UPDATE outbox SET next_attempt_at = now() WHERE id = %s", [row.id])
        assert (take(workspace) == []) == set_aside
    [(attempts, error)] = owner.execute(
        "SELECT attempts, last_error FROM outbox WHERE set_aside_at IS NOT NULL AND id = %s", [row.id]
    ).fetchall()
    assert (attempts, len(error)) == (MAX_ATTEMPTS, 1_000)


def test_only_the_workspace_s_own_events_are_taken(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_job(owner, ctx)
    assert len(take(workspace)) == 1
    assert take(uuid7()) == []


def test_another_workspace_s_events_can_not_be_marked(owner: Connection, ctx: DomainContext, workspace: UUID) -> None:
    make_job(owner, ctx)
    rows = take(workspace)
    with transaction(uuid7()) as conn:
        mark_published(conn, [row.id for row in rows])
        mark_failed(conn, [(row.id, "no") for row in rows])
    assert take(workspace) == rows


def test_the_relay_takes_and_marks_every_workspace_s_events(
    owner: Connection, workspace: UUID, as_system: Callable[[], None]
) -> None:
    workspaces = [workspace, uuid7()]
    for each in workspaces:
        make_job(owner, DomainContext(each, "test"))
    as_system()
    with system_transaction() as conn:
        rows = take_unpublished(conn, workspaces).rows
        mark_failed(conn, [(rows[0].id, "no")])
        mark_published(conn, [rows[1].id])
    assert len(rows) == 2
    with system_transaction() as conn:
        assert take_unpublished(conn, workspaces).rows == []


def test_published_events_are_kept_seven_days(
    owner: Connection, workspace: UUID, as_system: Callable[[], None]
) -> None:
    ctx = DomainContext(workspace, "test")
    for _ in range(3):
        make_job(owner, ctx)
    unpublished, young, old = (row.id for row in take(workspace))
    update = "UPDATE outbox SET published_at = now() - %s * interval '1 hour' WHERE id = %s"
    owner.execute(update, [7 * 24 - 1, young])
    owner.execute(update, [7 * 24 + 1, old])
    as_system()
    with system_transaction() as conn:
        assert prune_published(conn) == 1
    assert owner.execute("SELECT id FROM outbox ORDER BY id").fetchall() == [(unpublished,), (young,)]


def test_pruning_takes_ten_thousand_at_once(owner: Connection, as_system: Callable[[], None]) -> None:
    owner.execute(
        "INSERT INTO outbox (workspace_id, detail_type, detail, published_at)"
        " SELECT gen_random_uuid(), 'x', '{}', now() - interval '8 days' FROM generate_series(1, 10003)"
    )
    as_system()
    with system_transaction() as conn:
        assert [prune_published(conn), prune_published(conn)] == [10_000, 3]


def test_pruning_begins_with_what_was_published_first(
    owner: Connection, workspace: UUID, as_system: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.execute(
        "INSERT INTO outbox (workspace_id, detail_type, detail, published_at)"
        " SELECT %s, 'x', to_jsonb(days), now() - days * interval '1 day' FROM unnest('{8, 10, 9}'::int[]) AS days",
        [workspace],
    )
    as_system()
    monkeypatch.setattr(outbox, "MAX_PRUNED", 1)
    with system_transaction() as conn:
        # Read by the index they come in their order by chance.
        for way in ("seqscan = on", "indexscan = off", "bitmapscan = off"):
            conn.execute(f"SET LOCAL enable_{way}")
        assert prune_published(conn) == 1
    assert owner.execute("SELECT detail FROM outbox ORDER BY id").fetchall() == [(8,), (9,)]
