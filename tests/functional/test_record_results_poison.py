"""What can't be recorded waits for as long as an outage lasts; what never can be leaves the queue soon."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from psycopg import Connection

from shared.db.connection import close_connection
from shared.domain import CreatedJob, DomainContext
from shared.events import ItemCompleted
from tests.factories import make_job, read_job
from tests.functional.conftest import Bus
from tests.functional.record_queue import RecordQueue
from tests.queues import envelope


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID, bus: Bus, record_queue: RecordQueue) -> DomainContext:
    assert all((fresh_database, bus, record_queue))
    return DomainContext(workspace, "test")


def reports(ctx: DomainContext, job: CreatedJob, *numbers: str) -> list[ItemCompleted]:
    return [
        ItemCompleted(
            job_id=job.job_id,
            item_id=item.item_id,
            workspace_id=ctx.workspace_id,
            dispatch=1,
            status="success",
            tracking_number=number,
        )
        for item, number in zip(job.items, numbers, strict=True)
    ]


def numbers(ctx: DomainContext, job: CreatedJob) -> set[str | None]:
    return {item.tracking_number for item in read_job(ctx, job).items}


@contextmanager
def without_database() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", "postgresql://robot_jobs_app@127.0.0.1:1/none")
        close_connection()
        yield


def test_reports_wait_for_the_end_of_an_outage_and_are_recorded_then(
    owner: Connection, ctx: DomainContext, record_queue: RecordQueue
) -> None:
    """Naive: after five receives they are in the dead letters, their items time out, and people retry."""
    job = make_job(owner, ctx, 2)
    record_queue.put(*reports(ctx, job, "T1", "T2"))
    with without_database():
        for _ in range(60):
            assert len(record_queue.deliver()) == 2
    assert record_queue.counts() == (2, 0)
    assert record_queue.deliver() == []
    assert numbers(ctx, job) == {"T1", "T2"}
    assert record_queue.counts() == (0, 0)


@pytest.mark.parametrize("body", ["not json", "[]", '{"detail": {"itemId": 1}}', "[" * 100_000])
def test_what_is_no_report_leaves_at_its_third_receive_and_the_others_are_recorded(
    owner: Connection, ctx: DomainContext, record_queue: RecordQueue, body: str
) -> None:
    """Naive: a queue that is patient with outages gives poison back for days, and each deadline waits for it."""
    job = make_job(owner, ctx, 1)
    record_queue.put(body, *reports(ctx, job, "T1"))
    assert [len(record_queue.deliver()) for _ in range(3)] == [1, 1, 0]
    assert numbers(ctx, job) == {"T1"}
    assert record_queue.counts() == (0, 1)
    [letter] = record_queue.messages(record_queue.dead_letters_url)
    assert letter["Body"] == body
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NotAReport"


@pytest.mark.parametrize(
    ("number", "error"), [("with a NUL \0 in it", "ReportRefusedError"), ("forbidden", "CheckViolation")]
)
def test_a_report_that_is_refused_alone_leaves_alone_and_whole(
    owner: Connection, ctx: DomainContext, record_queue: RecordQueue, number: str, error: str
) -> None:
    job = make_job(owner, ctx, 2)
    owner.execute("ALTER TABLE robot_job_items ADD CHECK (tracking_number <> 'forbidden')")
    good, bad = reports(ctx, job, "T1", "T2")
    poison = json.loads(envelope(bad))
    poison["detail"]["trackingNumber"] = number
    record_queue.put(good, json.dumps(poison))
    assert [len(record_queue.deliver()) for _ in range(3)] == [1, 1, 0]
    assert numbers(ctx, job) == {"T1", None}
    [letter] = record_queue.messages(record_queue.dead_letters_url)
    assert json.loads(letter["Body"]) == poison
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == error


def test_poison_that_can_not_be_set_aside_stays(
    owner: Connection, ctx: DomainContext, record_queue: RecordQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: it counts as done, and a number may be nowhere."""
    job = make_job(owner, ctx, 1)
    record_queue.put("not json", *reports(ctx, job, "T1"))
    with monkeypatch.context() as patch:
        patch.setenv("RECORD_DEAD_LETTER_QUEUE_URL", record_queue.url + "-gone")
        assert [len(record_queue.deliver()) for _ in range(5)] == [1] * 5
    assert numbers(ctx, job) == {"T1"}
    assert record_queue.counts() == (1, 0)
    assert record_queue.deliver() == []
    assert record_queue.counts() == (0, 1)


def test_a_report_that_breaks_a_unique_rule_is_made_again_until_it_is_recorded(
    owner: Connection, ctx: DomainContext, record_queue: RecordQueue
) -> None:
    """Naive: what two transactions do at once ends in the dead letters, with a shipment's number."""
    job = make_job(owner, ctx, 2)
    owner.execute("CREATE UNIQUE INDEX breakable ON robot_job_items (tracking_number)")
    record_queue.put(*reports(ctx, job, "T1", "T1"))
    assert [len(record_queue.deliver()) for _ in range(8)] == [1] * 8
    assert record_queue.counts() == (1, 0)
    owner.execute("DROP INDEX breakable")
    assert record_queue.deliver() == []
    assert read_job(ctx, job).job.success_count == 2
    assert record_queue.counts() == (0, 0)


@pytest.mark.parametrize(
    ("trouble", "end"),
    [
        ("REVOKE UPDATE ON robot_job_items FROM robot_jobs_app", "GRANT UPDATE ON robot_job_items TO robot_jobs_app"),
        (
            "ALTER TABLE robot_job_item_reports RENAME TO elsewhere",
            "ALTER TABLE elsewhere RENAME TO robot_job_item_reports",
        ),
    ],
)
def test_a_database_that_is_not_as_the_program_needs_it_is_no_fault_of_a_report(
    owner: Connection, ctx: DomainContext, record_queue: RecordQueue, trouble: str, end: str
) -> None:
    """Naive: a deployment whose migration is under way throws the numbers of those minutes into the dead letters."""
    job = make_job(owner, ctx, 1)
    record_queue.put(*reports(ctx, job, "T1"))
    owner.execute(trouble)
    assert [len(record_queue.deliver()) for _ in range(8)] == [1] * 8
    assert record_queue.counts() == (1, 0)
    owner.execute(end)
    assert record_queue.deliver() == []
    assert numbers(ctx, job) == {"T1"}
