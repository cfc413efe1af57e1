"""A deadline waits for reports that have come and are not recorded, for an hour at most."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import Connection

from shared.aws.clients import forget_clients
from shared.aws.queues import count_messages
from shared.domain import CreatedJob, DomainContext
from shared.domain.ids import uuid7
from shared.events import ItemCompleted
from tests.factories import KIND, hand_over, make_carrier_config, make_job, read_job
from tests.functional.conftest import Bus
from tests.functional.record_queue import RecordQueue
from tests.template import resources

Expire = Callable[[], dict[str, int]]

pytestmark = pytest.mark.usefixtures("kind")


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID, owner: Connection, bus: Bus, record_queue: RecordQueue) -> DomainContext:
    assert all((fresh_database, bus, record_queue))
    make_carrier_config(owner, workspace)
    return DomainContext(workspace, "test")


@pytest.fixture
def expire(run_expire_items: Expire) -> Expire:
    return run_expire_items


@pytest.fixture
def job(owner: Connection, ctx: DomainContext) -> CreatedJob:
    """Give a job that the robot has, and whose deadline has just passed."""
    return overdue(owner, ctx)


def overdue(owner: Connection, ctx: DomainContext, by: timedelta = timedelta(seconds=1)) -> CreatedJob:
    job = make_job(owner, ctx)
    hand_over(ctx, job)
    pass_deadline(owner, job, by)
    return job


def pass_deadline(owner: Connection, job: CreatedJob, by: timedelta) -> None:
    owner.execute("UPDATE robot_job_dispatches SET deadline_at = now() - %s WHERE job_id = %s", [by, job.job_id])


def report(ctx: DomainContext, job: CreatedJob) -> ItemCompleted:
    return ItemCompleted(
        job_id=job.job_id,
        item_id=job.items[0].item_id,
        workspace_id=ctx.workspace_id,
        dispatch=1,
        status="success",
        tracking_number="T1",
    )


def someone_s_report() -> ItemCompleted:
    return ItemCompleted(job_id=uuid7(), item_id=uuid7(), workspace_id=uuid7(), dispatch=1, status="error")


def in_the_queue(queue: RecordQueue, message: ItemCompleted) -> None:
    queue.put(message)


def in_flight(queue: RecordQueue, message: ItemCompleted) -> None:
    queue.put(message)
    assert queue.messages(queue.url)


def delayed(queue: RecordQueue, message: ItemCompleted) -> None:
    queue.put(message, delay_s=600)


def dead(queue: RecordQueue, message: ItemCompleted) -> None:
    queue.bury(someone_s_report(), message)


@pytest.mark.parametrize("put", [in_the_queue, in_flight, delayed, dead])
def test_a_deadline_waits_while_a_report_is_not_recorded(
    ctx: DomainContext,
    job: CreatedJob,
    expire: Expire,
    record_queue: RecordQueue,
    put: Callable[[RecordQueue, ItemCompleted], None],
) -> None:
    """Naive: an outage of half an hour ends every item as a timeout, with its number in the mail."""
    put(record_queue, report(ctx, job))
    assert expire()["closed_items"] == 0
    assert read_job(ctx, job).items[0].status == "processing"


def test_what_was_in_the_mail_counts_and_the_rest_is_closed_then(
    owner: Connection, ctx: DomainContext, job: CreatedJob, expire: Expire, record_queue: RecordQueue
) -> None:
    other = DomainContext(uuid7(), "test")
    make_carrier_config(owner, other.workspace_id)
    silent = overdue(owner, other)
    record_queue.put(report(ctx, job))
    assert expire()["closed_items"] == 0
    assert record_queue.deliver() == []
    done = expire()
    assert (done["closed_items"], done["closed_despite_mail"]) == (1, 0)
    assert read_job(ctx, job).items[0].tracking_number == "T1"
    assert read_job(other, silent).items[0].error_type == "timeout"


def test_dead_letters_of_another_workspace_hold_up_nothing_of_ours(
    owner: Connection, ctx: DomainContext, job: CreatedJob, expire: Expire, record_queue: RecordQueue
) -> None:
    """Naive: one workspace's poison lets every other one's batches stand still."""
    other = DomainContext(uuid7(), "test")
    make_carrier_config(owner, other.workspace_id)
    theirs = overdue(owner, other)
    # More than a receive gives.
    record_queue.bury(report(other, theirs), *[someone_s_report() for _ in range(24)])
    done = expire()
    assert (done["closed_items"], done["closed_despite_mail"]) == (1, 0)
    assert read_job(ctx, job).items[0].error_type == "timeout"
    assert read_job(other, theirs).items[0].status == "processing"
    assert record_queue.counts() == (0, 25)
    # Only its own letters make it one that somebody has to look at.
    pass_deadline(owner, theirs, timedelta(hours=1, seconds=1))
    done = expire()
    assert (done["closed_items"], done["closed_despite_mail"]) == (1, 1)


@pytest.mark.usefixtures("ctx")
def test_the_log_says_that_reports_wait_and_of_how_many_workspaces(
    expire: Expire, record_queue: RecordQueue, caplog: pytest.LogCaptureFixture
) -> None:
    said = "reports wait to be recorded"
    expire()
    assert said not in caplog.text
    record_queue.bury(someone_s_report(), someone_s_report())
    expire()
    [record] = [each for each in caplog.records if each.message == said]
    assert (record.is_anyones, record.workspaces) == (False, 2)  # type: ignore[attr-defined] # the log's own keys


@pytest.mark.parametrize("body", ["not json", "[]", "{}", '{"detail": {"workspaceId": 1}}'])
def test_a_dead_letter_that_names_no_workspace_may_be_anyone_s(
    ctx: DomainContext, job: CreatedJob, expire: Expire, record_queue: RecordQueue, body: str
) -> None:
    record_queue.bury(someone_s_report(), body)
    assert expire()["closed_items"] == 0
    assert read_job(ctx, job).items[0].status == "processing"


def test_a_dead_letter_that_somebody_holds_may_be_anyone_s(
    ctx: DomainContext, job: CreatedJob, expire: Expire, record_queue: RecordQueue
) -> None:
    """Naive: while an operator looks at the letters, or moves them, there seem to be none."""
    record_queue.bury(someone_s_report())
    assert record_queue.messages(record_queue.dead_letters_url)
    assert expire()["closed_items"] == 0
    assert read_job(ctx, job).items[0].status == "processing"


def test_more_dead_letters_than_are_looked_at_may_be_anyone_s(
    ctx: DomainContext,
    job: CreatedJob,
    expire: Expire,
    record_queue: RecordQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.aws.queues._ROUNDS", 2)
    record_queue.bury(*[someone_s_report() for _ in range(21)])
    assert expire()["closed_items"] == 0
    assert read_job(ctx, job).items[0].status == "processing"


@contextmanager
def queues_that_do_not_answer() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECORD_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/gone")
        yield


@contextmanager
def queues_of_no_account() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_DEFAULT_REGION")
        forget_clients()
        yield
    forget_clients()


@contextmanager
def queues_that_nothing_names() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RECORD_DEAD_LETTER_QUEUE_URL")
        yield


@pytest.mark.parametrize("away", [queues_that_do_not_answer, queues_of_no_account, queues_that_nothing_names])
def test_queues_that_can_not_be_asked_may_hold_anyone_s(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection,
    ctx: DomainContext,
    job: CreatedJob,
    expire: Expire,
    caplog: pytest.LogCaptureFixture,
    away: Callable[[], AbstractContextManager[None]],
) -> None:
    """Naive: what can't be asked counts as empty, or as a reason to do nothing at all any more."""
    with away():
        assert expire()["closed_items"] == 0
        assert "the queues of reports can't be asked" in caplog.text
        assert read_job(ctx, job).items[0].status == "processing"
        pass_deadline(owner, job, timedelta(hours=1, seconds=1))
        assert expire()["closed_items"] == 1


def test_after_an_hour_an_item_is_closed_as_possible_and_somebody_is_told(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection,
    ctx: DomainContext,
    job: CreatedJob,
    expire: Expire,
    record_queue: RecordQueue,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Naive: a letter that nobody deals with lets a batch stand for ever; or the item counts as not shipped."""
    record_queue.put(report(ctx, job))
    pass_deadline(owner, job, timedelta(minutes=59))
    assert expire()["closed_items"] == 0
    pass_deadline(owner, job, timedelta(hours=1, seconds=1))
    capsys.readouterr()
    done = expire()
    assert (done["closed_items"], done["closed_despite_mail"]) == (1, 1)
    row = owner.execute("SELECT status, shipment, closed_by FROM robot_job_items WHERE job_id = %s", [job.job_id])
    # A lookup makes no shipment.
    assert row.fetchone() == ("error", "possible" if KIND.get() == "shipment" else None, "deadline")
    alarm = resources("AWS::CloudWatch::Alarm")["ItemsClosedDespiteMailAlarm"]
    assert f'"{alarm["MetricName"]}":[1' in capsys.readouterr().out.replace(" ", "")
    assert record_queue.deliver() == []
    assert read_job(ctx, job).items[0].tracking_number == "T1"


def test_what_is_redriven_while_it_is_looked_for_is_seen(
    ctx: DomainContext,
    job: CreatedJob,
    expire: Expire,
    record_queue: RecordQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Naive: the queue was asked before the redrive and its dead letters after it: in neither there was a report."""
    record_queue.bury(report(ctx, job))
    asked: list[str] = []

    def count(url: str) -> int:
        if url == record_queue.dead_letters_url:
            [letter] = record_queue.messages(url)
            record_queue.put(letter["Body"])
            record_queue.sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
        asked.append(url)
        return count_messages(url)

    monkeypatch.setattr("shared.workflow.expire.count_messages", count)
    assert expire()["closed_items"] == 0
    assert len(asked) == 3
