"""Jobs that were open before there were waves go on to their end, whoever owns the tables."""

from collections.abc import Callable, Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import namedtuple_row

from local.stack.postgres import Postgres
from shared.db.audit import audit
from shared.db.connection import close_connection
from shared.domain import (
    CreatedJob,
    DomainContext,
    RetryFailedItemsParams,
    cancel_job,
    expire_dispatches,
    pause_job,
    retry_failed_items,
)
from shared.domain.ids import uuid7
from tests.factories import (
    data_of,
    hand_over,
    make_carrier_config,
    make_ended_job,
    make_job,
    read_job,
    report_error,
    report_success,
)
from tests.functional.owned import owned_database
from tests.functional.test_migrations import downgrade, upgrade

BEFORE = "0006"
Row = dict[str, object]


@pytest.fixture
def name(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give a migrated database, and of its owner, who is no superuser; the program uses it as the functions' role."""
    with owned_database(postgres, "head") as url:
        name = str(conninfo_to_dict(url)["dbname"])
        close_connection()
        monkeypatch.setenv("DATABASE_URL", postgres.url(name, "robot_jobs_app"))
        yield name
        close_connection()


@pytest.fixture
def conn(name: str, postgres: Postgres) -> Iterator[Connection]:
    """Give a connection that sees everything."""
    with psycopg.connect(postgres.url(name), autocommit=True) as conn:
        yield conn


@pytest.fixture
def go(name: str, postgres: Postgres) -> Callable[[str], None]:
    """Give what migrates as the owner."""

    def migrate(revision: str) -> None:
        close_connection()
        (upgrade if revision == "head" else downgrade)(postgres.url(name, name), revision)

    return migrate


def new_context(conn: Connection) -> DomainContext:
    """Give a workspace that is ready to ship."""
    ctx = DomainContext(uuid7(), "test")
    make_carrier_config(conn, ctx.workspace_id)
    return ctx


def with_robot(conn: Connection, job: CreatedJob, status: str, minutes_ago: int) -> None:
    """Make the job's first dispatch one that was handed over before there were waves."""
    row: Row = {"job": job.job_id, "status": status, "ago": f"{minutes_ago} minutes"}
    for statement in _WITH_ROBOT:
        conn.execute(statement.encode(), row)


def retry_beside(conn: Connection, job: CreatedJob, item_id: UUID) -> None:
    """Put an item that failed into a dispatch of its own, beside the first, as a retry did before there were waves."""
    for statement in _RETRY:
        assert conn.execute(statement.encode(), {"job": job.job_id, "item": item_id}).rowcount == 1


def dispatches(conn: Connection, job: CreatedJob) -> dict[int, str]:
    """Return how far each dispatch of a job is."""
    rows = conn.execute(
        "SELECT dispatch, status FROM robot_job_dispatches WHERE job_id = %s ORDER BY dispatch", [job.job_id]
    )
    return dict(rows.fetchall())


def items(conn: Connection, job: CreatedJob) -> list[tuple[int | None, str]]:
    """Return in which dispatch each item of a job is, and how far it is."""
    rows = conn.execute("SELECT dispatch, status FROM robot_job_items WHERE job_id = %s ORDER BY id", [job.job_id])
    return rows.fetchall()


def test_of_what_is_with_a_robot_the_latest_stays(conn: Connection, go: Callable[[str], None]) -> None:
    ctx = new_context(conn)
    called, older, latest, elsewhere = (make_job(conn, ctx, items=2) for _ in range(4))
    other = new_context(conn)
    alone = make_job(conn, other)
    go(BEFORE)
    with_robot(conn, called, "claimed", 9)
    with_robot(conn, older, "accepted", 8)
    with_robot(conn, latest, "accepted", 7)
    with_robot(conn, alone, "accepted", 9)
    conn.execute("UPDATE robot_job_dispatches SET carrier = 'x' WHERE job_id = %s", [elsewhere.job_id])
    with_robot(conn, elsewhere, "accepted", 9)
    go("head")
    assert [dispatches(conn, job)[1] for job in (called, older, latest, elsewhere, alone)] == [
        "unknown",
        "unknown",
        "accepted",
        "accepted",
        "accepted",
    ]
    assert items(conn, called) == [(1, "processing")] * 2
    assert read_job(ctx, called).job.status == "processing"
    assert audit(conn) == []


def test_what_had_nothing_open_is_closed_and_its_retry_waits(conn: Connection, go: Callable[[str], None]) -> None:
    ctx = new_context(conn)
    job = make_ended_job(conn, ctx, "error")
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    go(BEFORE)
    conn.execute(
        "UPDATE robot_job_dispatches SET status = 'accepted', closed_at = NULL, claimed_at = now(),"
        " accepted_at = now(), deadline_at = now() + interval '1 hour' WHERE job_id = %s AND dispatch = 1",
        [job.job_id],
    )
    go("head")
    assert dispatches(conn, job) == {1: "closed", 2: "waiting"}
    assert items(conn, job) == [(2, "pending")]
    assert audit(conn) == []


def test_of_what_waits_the_first_stays_and_the_others_are_in_line(conn: Connection, go: Callable[[str], None]) -> None:
    ctx = new_context(conn)
    waiting, out = make_job(conn, ctx, items=3), make_job(conn, ctx, items=3)
    for job in (waiting, out):
        report_error(ctx, job.items[1].item_id)
    go(BEFORE)
    with_robot(conn, out, "accepted", 9)
    for job in (waiting, out):
        retry_beside(conn, job, job.items[1].item_id)
    go("head")
    assert (dispatches(conn, waiting), dispatches(conn, out)) == (
        {1: "waiting", 2: "closed"},
        {1: "accepted", 2: "closed"},
    )
    assert items(conn, waiting) == [(1, "pending"), (None, "pending"), (1, "pending")]
    assert items(conn, out) == [(1, "processing"), (None, "pending"), (1, "processing")]
    assert audit(conn) == []


def test_a_job_larger_than_a_wave_stays_as_it_is(conn: Connection, go: Callable[[str], None]) -> None:
    ctx = new_context(conn)
    job = make_job(conn, ctx, items=30, wave_size=30)
    go(BEFORE)
    conn.execute("UPDATE robot_job_dispatches SET updated_at = now() - interval '1 hour'")
    conn.execute("UPDATE robot_jobs SET updated_at = now() - interval '1 hour'")
    go("head")
    assert dispatches(conn, job) == {1: "waiting"}
    assert read_job(ctx, job).job.wave_size == 25
    assert audit(conn) == []


def test_a_carrier_that_is_not_enabled_has_a_time_since(conn: Connection, go: Callable[[str], None]) -> None:
    ctx, other = new_context(conn), new_context(conn)
    go(BEFORE)
    conn.execute("UPDATE carrier_configs SET is_enabled = false WHERE workspace_id = %s", [ctx.workspace_id])
    go("head")
    since = "SELECT disabled_at = updated_at FROM carrier_configs WHERE workspace_id = %s"
    assert conn.execute(since, [ctx.workspace_id]).fetchone() == (True,)
    assert conn.execute(since, [other.workspace_id]).fetchone() == (None,)


def test_open_jobs_go_on_to_their_end(
    conn: Connection, go: Callable[[str], None], name: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = new_context(conn)
    older, latest, waiting = (make_job(conn, ctx, items=3) for _ in range(3))
    for job in (latest, waiting):
        report_error(ctx, job.items[1].item_id)
    go(BEFORE)
    with_robot(conn, older, "accepted", 9)
    with_robot(conn, latest, "accepted", 8)
    for job in (latest, waiting):
        retry_beside(conn, job, job.items[1].item_id)
    go("head")
    for number, place in enumerate((0, 2)):
        report_success(ctx, latest.items[place].item_id, f"L-{number}", dispatch=1)
    assert dispatches(conn, latest) == {1: "closed", 2: "closed", 3: "waiting"}
    with monkeypatch.context() as patch:
        close_connection()
        patch.setenv("DATABASE_URL", postgres.url(name, "robot_jobs_system"))
        expire_dispatches()
        close_connection()
    while called := called_wave(conn, ctx):
        job = next(each for each in (latest, waiting) if each.job_id == called.job_id)
        hand_over(ctx, job, called.dispatch)
        for item_id in open_items(conn, called.job_id, called.dispatch):
            report_success(ctx, item_id, str(item_id), dispatch=called.dispatch)
        assert audit(conn) == []
    for item in older.items:
        report_success(ctx, item.item_id, str(item.item_id), dispatch=1)
    assert {read_job(ctx, job).job.status for job in (older, latest, waiting)} == {"completed"}
    assert audit(conn) == []


def test_what_is_in_line_goes_out_in_one_hand_over_where_waves_are_taken_back(
    conn: Connection, go: Callable[[str], None]
) -> None:
    ctx = new_context(conn)
    job, cancelled, paused = (make_job(conn, ctx, items=3, wave_size=1) for _ in range(3))
    data_of(cancel_job(ctx, cancelled.job_id))
    data_of(pause_job(ctx, paused.job_id))
    go(BEFORE)
    assert dispatches(conn, job) == {1: "waiting", 2: "waiting"}
    assert items(conn, job) == [(1, "pending"), (2, "pending"), (2, "pending")]
    assert dispatches(conn, cancelled) == {1: "closed"}
    assert items(conn, cancelled) == [(1, "error")] * 3
    go("head")
    assert items(conn, job) == [(1, "pending"), (None, "pending"), (None, "pending")]
    assert read_job(ctx, paused).job.paused_at is None
    assert audit(conn) == []


class _Wave:
    """A wave whose turn it is."""

    job_id: UUID
    dispatch: int


def called_wave(conn: Connection, ctx: DomainContext) -> _Wave | None:
    """Return the wave whose turn it is."""
    return conn.cursor(row_factory=namedtuple_row).execute(_CALLED, [ctx.workspace_id]).fetchone()  # type: ignore[return-value] # a row of these columns


def open_items(conn: Connection, job_id: UUID, dispatch: int) -> list[UUID]:
    """Return what is open of a wave."""
    return [item_id for (item_id,) in conn.execute(_OPEN, [job_id, dispatch])]


_WITH_ROBOT = (
    """
    UPDATE robot_job_dispatches
       SET status = %(status)s, claimed_at = now() - %(ago)s::interval, attempts = 1, robot_url = 'https://r.example.com',
           accepted_at = CASE WHEN %(status)s = 'accepted' THEN now() - %(ago)s::interval END,
           deadline_at = now() + interval '1 hour'
     WHERE job_id = %(job)s
    """,
    """
    UPDATE robot_job_items
       SET shipment = 'possible', status = CASE WHEN %(status)s = 'accepted' THEN 'processing' ELSE 'pending' END,
           started_at = CASE WHEN %(status)s = 'accepted' THEN now() END
     WHERE job_id = %(job)s AND status = 'pending'
    """,
    """
    INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id)
    SELECT id, dispatch, job_id, workspace_id FROM robot_job_items WHERE job_id = %(job)s
    """,
    """
    UPDATE robot_jobs
       SET status = CASE WHEN %(status)s = 'accepted' THEN 'processing' ELSE 'pending' END,
           started_at = coalesce(started_at, now())
     WHERE id = %(job)s
    """,
)

_RETRY = (
    """
    INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
    SELECT id, 2, workspace_id, carrier, 1 FROM robot_jobs WHERE id = %(job)s
    """,
    """
    UPDATE robot_job_items
       SET status = 'pending', shipment = 'none', holds = true, dispatch = 2, retry_count = 1, last_retry_at = now(),
           closed_by = NULL, error_type = NULL, error_message = NULL, completed_at = NULL
     WHERE id = %(item)s
    """,
    "UPDATE robot_jobs SET dispatch = 2, error_count = 0 WHERE id = %(job)s",
    """
    INSERT INTO outbox (workspace_id, detail_type, detail)
    SELECT workspace_id, detail_type, detail::jsonb || '{"dispatch": 2}' FROM outbox
     WHERE detail_type = 'robot/job.submitted' AND detail ->> 'jobId' = %(job)s::text
    """,
)

_CALLED = """
SELECT job_id, dispatch FROM robot_job_dispatches
 WHERE workspace_id = %s AND status = 'waiting' AND called_at IS NOT NULL
"""

_OPEN = """
SELECT id FROM robot_job_items WHERE job_id = %s AND dispatch = %s AND status IN ('pending', 'processing')
"""
