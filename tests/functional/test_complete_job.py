"""complete_job: the notification of an ended job, and of one that errors paused."""

import json
from typing import Any
from uuid import UUID

import boto3
import pytest
from psycopg import Connection

from functions.complete_job.app import handler
from shared.domain import DomainContext, RetryFailedItemsParams, UpdateJobItemResultParams, retry_failed_items
from shared.domain import update_job_item_results as record
from shared.events import JobCompleted
from shared.workflow import complete
from tests.factories import make_ended_job, make_job, report_error
from tests.http_client import LambdaContext
from tests.queues import failed_ids, sqs_batch


@pytest.fixture
def notifications(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the URL of a queue that subscribes to the notifications of completed jobs."""
    topic = aws.client("sns").create_topic(Name="job-notifications")["TopicArn"]
    monkeypatch.setenv("NOTIFICATION_TOPIC_ARN", topic)
    sqs = aws.client("sqs")
    url: str = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"FilterPolicy": json.dumps({"status": ["completed"]})},
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


def deliver(event: JobCompleted) -> list[str]:
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


def test_each_end_of_a_job_is_told(
    owner: Connection, ctx: DomainContext, aws: boto3.Session, notifications: str
) -> None:
    """Naive: a job is told once, and the end of its retry is not."""
    job = make_ended_job(owner, ctx, "success", "error")
    deliver(completed(ctx, job.job_id))
    retry_failed_items(ctx, RetryFailedItemsParams(job.job_id))
    record(ctx, [UpdateJobItemResultParams(job.items[1].item_id, "success", "T2")])
    deliver(completed(ctx, job.job_id, dispatch=2))
    assert [message["dispatch"] for message in received(aws, notifications)] == [1, 2]
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
