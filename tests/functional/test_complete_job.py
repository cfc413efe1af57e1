"""complete_job: the notification of an ended job, and of one that errors paused."""

import json
from typing import Any
from uuid import UUID

import boto3
import pytest
from psycopg import Connection

from functions.complete_job.app import handler
from shared.domain import (
    CreatedJob,
    DomainContext,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    close_dispatches,
    pause_job,
    resume_job,
    retry_failed_items,
)
from shared.domain import update_job_item_results as record
from shared.events import JobCompleted, JobPaused
from shared.workflow import complete
from tests.factories import data_of, events_of, make_ended_job, make_job, report_error, row_of_dispatch
from tests.http_client import LambdaContext
from tests.queues import failed_ids, sqs_batch

pytestmark = pytest.mark.usefixtures("kind")


@pytest.fixture
def notifications(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the URL of a queue that subscribes to the notifications of completed jobs."""
    return subscribed(aws, monkeypatch, "completed")


def subscribed(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch, status: str) -> str:
    """Subscribe a queue to the notifications of this status, and return its URL."""
    topic = aws.client("sns").create_topic(Name="job-notifications")["TopicArn"]
    monkeypatch.setenv("NOTIFICATION_TOPIC_ARN", topic)
    sqs = aws.client("sqs")
    url: str = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"FilterPolicy": json.dumps({"status": [status]})},
    )
    return url


def received(aws: boto3.Session, url: str) -> list[Any]:
    messages = aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(json.loads(message["Body"])["Message"]) for message in messages]


def completed(ctx: DomainContext, job_id: UUID, status: str = "completed", dispatch: int = 1) -> JobCompleted:
    return JobCompleted.model_validate(
        {
            "jobId": job_id,
            "workspaceId": ctx.workspace_id,
            "status": status,
            "dispatch": dispatch,
            "successCount": 1,
            "errorCount": 1,
        }
    )


def deliver(event: JobCompleted | JobPaused) -> list[str]:
    return failed_ids(handler(sqs_batch(event), LambdaContext()))  # type: ignore[arg-type] # as much of a context as is read


def dispatches(owner: Connection, job_id: UUID) -> list[str]:
    rows = owner.execute("SELECT status FROM robot_job_dispatches WHERE job_id = %s ORDER BY dispatch", [job_id])
    return [status for (status,) in rows]


def test_listeners_are_told_by_status_and_the_dispatch_is_closed(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, notifications: str
) -> None:
    job, other = make_job(owner, ctx, 1), make_job(owner, ctx, 1)
    record(ctx, [UpdateJobItemResultParams(job.items[0].item_id, "success", "T1")])
    assert deliver(completed(ctx, job.job_id)) == []
    assert deliver(completed(ctx, other.job_id, "failed")) == []
    assert [message["jobId"] for message in received(aws, notifications)] == [str(job.job_id)]
    assert dispatches(owner, job.job_id) == ["closed"]


def test_a_repeated_event_tells_nobody_again(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, notifications: str
) -> None:
    """Naive: each delivery is a notification, and the workspace hears of one job several times."""
    job = make_ended_job(owner, ctx, "success", "error")
    for _ in range(3):
        assert deliver(completed(ctx, job.job_id)) == []
    assert len(received(aws, notifications)) == 1
    assert dispatches(owner, job.job_id) == ["closed"]
    # Two deliveries at one moment both come to this; when it was told first stands.
    announced = row_of_dispatch(owner, job)
    data_of(close_dispatches(ctx, job.job_id, 1))
    assert announced["announced_at"] is not None
    assert row_of_dispatch(owner, job) == announced


def test_each_end_of_a_job_is_told(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, notifications: str
) -> None:
    """Naive: a job is told once, and the end of its retry is not; or the first of a workspace, and no other."""
    job, other = make_ended_job(owner, ctx, "success", "error"), make_ended_job(owner, ctx, "error")
    for each in (job, other):
        deliver(completed(ctx, each.job_id))
    retry_failed_items(ctx, RetryFailedItemsParams(job.job_id))
    record(ctx, [UpdateJobItemResultParams(job.items[1].item_id, "success", "T2")])
    deliver(completed(ctx, job.job_id, dispatch=2))
    told = [(message["jobId"], message["dispatch"]) for message in received(aws, notifications)]
    assert told == [(str(job.job_id), 1), (str(other.job_id), 1), (str(job.job_id), 2)]
    assert dispatches(owner, job.job_id) == ["closed", "closed"]


def test_a_death_before_the_clean_up_tells_it_again_rather_than_not(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, notifications: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: noted before it was told, the end of the job is never heard of."""
    job = make_ended_job(owner, ctx, "success")

    def die(*_args: object, **_kwargs: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(complete, "notify", die)
        assert deliver(completed(ctx, job.job_id)) == ["message-0"]
    with monkeypatch.context() as patch:
        patch.setattr(complete, "close_dispatches", die)
        assert deliver(completed(ctx, job.job_id)) == ["message-0"]
    assert deliver(completed(ctx, job.job_id)) == []
    assert len(received(aws, notifications)) == 2


def test_an_event_that_a_retry_has_overtaken_leaves_the_new_dispatch_open(
    owner: Connection, ctx: DomainContext, notifications: str
) -> None:
    assert notifications
    job = make_job(owner, ctx, 1)
    report_error(ctx, job.items[0].item_id)
    retry_failed_items(ctx, RetryFailedItemsParams(job.job_id))
    deliver(completed(ctx, job.job_id, "failed"))
    assert dispatches(owner, job.job_id) == ["closed", "waiting"]


def test_the_end_of_a_retry_is_told_whatever_late_event_tells_of_the_end_before(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, notifications: str
) -> None:
    """Naive: that the job's end was told is noted for all of its dispatches, and nobody hears how the retry ended."""
    job = make_ended_job(owner, ctx, "success", "error")
    retry_failed_items(ctx, RetryFailedItemsParams(job.job_id))
    deliver(completed(ctx, job.job_id))
    record(ctx, [UpdateJobItemResultParams(job.items[1].item_id, "success", "T2")])
    deliver(completed(ctx, job.job_id, dispatch=2))
    assert [message["dispatch"] for message in received(aws, notifications)] == [1, 2]


def test_a_job_that_nobody_has_is_told_and_forgotten(ctx: DomainContext, notifications: str) -> None:
    assert notifications
    assert deliver(completed(ctx, UUID(int=7))) == []


def test_a_notification_that_is_refused_is_tried_again(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aws
    job = make_job(owner, ctx, 1)
    monkeypatch.setenv("NOTIFICATION_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:none")
    assert deliver(completed(ctx, job.job_id)) == ["message-0"]


# --- A job that errors paused --------------------------------------------------------------------------------------
@pytest.fixture
def pauses(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the URL of a queue that subscribes to the notifications of paused jobs."""
    return subscribed(aws, monkeypatch, "paused")


def pause_events(owner: Connection, ctx: DomainContext) -> list[JobPaused]:
    return [JobPaused.model_validate(each) for each in events_of(owner, ctx.workspace_id, "robot/job.paused")]


def make_paused_job(owner: Connection, ctx: DomainContext, words: str) -> CreatedJob:
    job = make_job(owner, ctx, 6)
    for item in job.items[:5]:
        report_error(ctx, item.item_id, words)
    return job


@pytest.mark.parametrize(
    ("words", "es", "en"),
    [
        (
            "Login fallido en el portal de Coordinadora",
            "corrija la contraseña del portal",
            "correct the portal's password",
        ),
        ("Sin saldo", "corrija la causa", "correct the cause"),
    ],
)
def test_a_pause_by_errors_is_told_in_words_that_say_what_to_do(  # noqa: PLR0913, PLR0917 - fixtures and cases
    owner: Connection, ctx: DomainContext, aws: boto3.Session, pauses: str, words: str, es: str, en: str
) -> None:
    job = make_paused_job(owner, ctx, words)
    [event] = pause_events(owner, ctx)
    assert deliver(event) == []
    [message] = received(aws, pauses)
    assert (message["jobId"], message["reason"], message["message"]) == (str(job.job_id), "errors", words)
    assert message["text"] == {
        "es": f"Trabajo en pausa después de 5 errores seguidos: {words}; {es} y luego reanude el trabajo.",
        "en": f"Paused after 5 errors in a row: {words}; {en}, then resume.",
    }


def test_a_pause_by_errors_without_words_is_told_without_them(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, pauses: str
) -> None:
    make_paused_job(owner, ctx, "")
    [event] = pause_events(owner, ctx)
    assert event.message is None
    assert deliver(event) == []
    [message] = received(aws, pauses)
    assert message["text"] == {
        "es": "Trabajo en pausa después de 5 errores seguidos: sin palabras del robot;"
        " corrija la causa y luego reanude el trabajo.",
        "en": "Paused after 5 errors in a row: no words of the robot; correct the cause, then resume.",
    }


def test_an_operator_s_own_pause_is_told_to_nobody(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, pauses: str
) -> None:
    data_of(pause_job(ctx, make_job(owner, ctx, 1).job_id))
    assert [deliver(event) for event in pause_events(owner, ctx)] == [[]]
    assert received(aws, pauses) == []


def test_one_pause_after_another_is_told_for_what_it_was(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, pauses: str
) -> None:
    """Naive: the late message of an operator's pause tells once more of the errors that came after it."""
    job = make_job(owner, ctx, 6)
    data_of(pause_job(ctx, job.job_id))
    data_of(resume_job(ctx, job.job_id))
    for item in job.items[:5]:
        report_error(ctx, item.item_id, "Sin saldo")
    assert [deliver(event) for event in pause_events(owner, ctx)] == [[], []]
    assert len(received(aws, pauses)) == 1


def test_a_pause_that_is_over_is_told_no_more(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, pauses: str
) -> None:
    """Naive: a message that comes late says of a running job that it stands still."""
    data_of(resume_job(ctx, make_paused_job(owner, ctx, "Sin saldo").job_id))
    assert [deliver(event) for event in pause_events(owner, ctx)] == [[]]
    assert received(aws, pauses) == []
