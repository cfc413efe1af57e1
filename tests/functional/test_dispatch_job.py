"""dispatch_job: the hand-over, over real HTTP to a robot that speaks its contract."""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import boto3
import pytest
from psycopg import Connection

from functions.dispatch_job.app import handler
from shared.aws.passwords import seal_password
from shared.domain import (
    CreatedJob,
    CreateRobotJobParams,
    DomainContext,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    create_robot_job,
    get_job_with_items,
    retry_failed_items,
    update_job_item_result,
    update_job_item_results,
)
from shared.events import JobSubmitted
from shared.robot.callback_token import CallbackClaims, sign_callback_token, verify_callback_token
from tests.factories import make_carrier_config, make_due, make_orders
from tests.functional.conftest import Bus
from tests.functional.test_measures import measured
from tests.http_client import LambdaContext
from tests.queues import failed_ids, sqs_batch
from tests.scripted_robot import ScriptedRobot

CALLBACK_URL = "https://api.example.com/robot-callbacks"


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedRobot]:
    monkeypatch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "true")
    with ScriptedRobot().running() as robot:
        yield robot


@pytest.fixture(autouse=True)
def _secrets(kms_key: str, callback_secret: str, bus: Bus) -> None:
    assert kms_key
    assert callback_secret
    assert bus


@pytest.fixture(autouse=True)
def queue_url(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> str:
    url: str = aws.client("sqs").create_queue(QueueName="dispatch")["QueueUrl"]
    monkeypatch.setenv("DISPATCH_QUEUE_URL", url)
    monkeypatch.setenv("CALLBACK_URL", CALLBACK_URL)
    return url


@pytest.fixture
def job(owner: Connection, ctx: DomainContext, robot: ScriptedRobot) -> CreatedJob:
    """Give a job of two orders whose robot listens."""
    sealed = seal_password("s3cret", workspace_id=ctx.workspace_id, carrier="coordinadora")
    make_carrier_config(owner, ctx.workspace_id, robot_url=robot.url, portal_password_sealed=sealed)
    order_ids = make_orders(owner, ctx.workspace_id, 2)
    values = {order_id: {"ciudad": "MEDELLIN (ANT)"} for order_id in order_ids}
    result = create_robot_job(ctx, CreateRobotJobParams(order_ids, item_values=values))
    assert result.success
    return result.data


def submitted(ctx: DomainContext, job: CreatedJob, dispatch: int = 1) -> JobSubmitted:
    return JobSubmitted(
        job_id=job.job_id, workspace_id=ctx.workspace_id, carrier="coordinadora", dispatch=dispatch, orders=[]
    )


def deliver(ctx: DomainContext, job: CreatedJob, dispatch: int = 1) -> list[str]:
    return failed_ids(handler(sqs_batch(submitted(ctx, job, dispatch)), LambdaContext()))  # type: ignore[arg-type] # as much of a context as is read


def states(ctx: DomainContext, job: CreatedJob) -> tuple[str, list[str]]:
    result = get_job_with_items(ctx, job.job_id)
    assert result.success
    return result.data.job.status, [item.status for item in result.data.items]


def delays(aws: boto3.Session, queue_url: str) -> int:
    attributes = aws.client("sqs").get_queue_attributes(
        QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessagesDelayed"])


def test_the_robot_gets_the_orders_as_the_contract_says(
    ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot
) -> None:
    assert deliver(ctx, job) == []
    [call] = robot.calls
    sent = call["json"]
    secret = sent.pop("callbackSecret")
    assert call["path"] == "/api/crear-pedidos-batch"
    assert sent == {
        "workspaceId": str(ctx.workspace_id),
        "jobId": str(job.job_id),
        "credentials": {"username": "tienda", "password": "s3cret"},
        "callbackUrl": CALLBACK_URL,
        "orders": [
            {
                "itemId": str(item.item_id),
                "orderId": str(item.order_id),
                "pedidoInput": {"ciudad": "MEDELLIN (ANT)"},
            }
            for item in job.items
        ],
    }
    assert verify_callback_token(secret) == CallbackClaims(job.job_id, ctx.workspace_id, 1)
    assert states(ctx, job) == ("processing", ["processing", "processing"])


def test_a_redelivered_event_hands_over_once(
    ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(ctx, job)
    deliver(ctx, job)
    assert len(robot.calls) == 1
    assert measured(capsys.readouterr().out) == {"HandOversAccepted": 1, "HandOversNeedless": 1}


def test_a_retry_has_a_job_id_that_the_robot_has_not_seen(
    ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot
) -> None:
    deliver(ctx, job)
    update_job_item_result(ctx, UpdateJobItemResultParams(job.items[0].item_id, "success", "T1"))
    update_job_item_result(ctx, UpdateJobItemResultParams(job.items[1].item_id, "error", error_type="portal"))
    retry_failed_items(ctx, RetryFailedItemsParams(job.job_id))
    deliver(ctx, job, dispatch=2)
    assert robot.calls[1]["json"]["jobId"] == f"{job.job_id}.2"
    assert [order["itemId"] for order in robot.calls[1]["json"]["orders"]] == [str(job.items[1].item_id)]
    assert verify_callback_token(robot.calls[1]["json"]["callbackSecret"]).dispatch == 2


def test_a_busy_robot_gets_the_batch_later_and_loses_nothing(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection, ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, aws: boto3.Session, queue_url: str
) -> None:
    robot.status = 409
    assert deliver(ctx, job) == []
    assert states(ctx, job) == ("pending", ["pending", "pending"])
    assert delays(aws, queue_url) == 1
    robot.status = 200
    # A repeat of the first message does not try it beside the one that waits.
    deliver(ctx, job)
    assert len(robot.calls) == 1
    make_due(owner, job)
    deliver(ctx, job)
    assert states(ctx, job)[0] == "processing"
    assert len(robot.calls) == 2


def test_a_refusal_for_good_ends_the_items_with_the_robots_words(
    ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, bus: Bus
) -> None:
    robot.body = b'{"success": false, "message": "credenciales invalidas"}'
    deliver(ctx, job)
    result = get_job_with_items(ctx, job.job_id)
    assert result.success
    assert result.data.job.status == "failed"
    assert {(item.error_type, item.error_message) for item in result.data.items} == {
        ("portal", "credenciales invalidas")
    }
    assert [event["status"] for event in bus.received("robot/job.completed")] == ["failed"]


def test_an_unknown_outcome_is_never_sent_again(
    ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, aws: boto3.Session, queue_url: str
) -> None:
    robot.status = 500
    deliver(ctx, job)
    robot.status = 200
    deliver(ctx, job)
    assert len(robot.calls) == 1
    assert states(ctx, job) == ("processing", ["processing", "processing"])
    assert delays(aws, queue_url) == 0


def test_a_crash_after_the_claim_is_never_sent_again(
    ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, monkeypatch: pytest.MonkeyPatch, owner: Connection
) -> None:
    class CrashError(BaseException):
        """The process is gone."""

    def crash(*_args: object) -> None:
        raise CrashError

    with monkeypatch.context() as patch:
        patch.setattr("shared.workflow.hand_over.call_robot", crash)
        with pytest.raises(CrashError):
            deliver(ctx, job)
    owner.execute(
        "UPDATE robot_job_dispatches SET claimed_at = claimed_at - %s WHERE job_id = %s",
        [timedelta(minutes=3), job.job_id],
    )
    deliver(ctx, job)
    assert robot.calls == []
    assert states(ctx, job) == ("processing", ["processing", "processing"])


def test_only_open_items_are_sent(ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot) -> None:
    update_job_item_result(ctx, UpdateJobItemResultParams(job.items[0].item_id, "success", "T1"))
    deliver(ctx, job)
    assert [order["itemId"] for order in robot.calls[0]["json"]["orders"]] == [str(job.items[1].item_id)]


def test_nothing_is_sent_when_no_item_is_open(ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot) -> None:
    update_job_item_results(ctx, [UpdateJobItemResultParams(item.item_id, "error") for item in job.items])
    deliver(ctx, job)
    assert robot.calls == []


def test_without_credentials_the_items_end_with_the_reason(
    owner: Connection, ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot
) -> None:
    owner.execute("UPDATE carrier_configs SET portal_username = NULL WHERE workspace_id = %s", [ctx.workspace_id])
    deliver(ctx, job)
    result = get_job_with_items(ctx, job.job_id)
    assert result.success
    assert robot.calls == []
    assert {(item.error_type, item.error_message) for item in result.data.items} == {
        ("validation", "carrier not configured")
    }


def test_a_password_that_can_t_be_opened_is_named_and_not_shown(
    owner: Connection, ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot
) -> None:
    other = seal_password("s3cret", workspace_id=UUID(int=1), carrier="coordinadora")
    owner.execute(
        "UPDATE carrier_configs SET portal_password_sealed = %s WHERE workspace_id = %s", [other, ctx.workspace_id]
    )
    deliver(ctx, job)
    result = get_job_with_items(ctx, job.job_id)
    assert result.success
    assert robot.calls == []
    assert "can't be opened" in (result.data.items[0].error_message or "")


def test_a_dispatch_that_the_database_does_not_hold_is_ignored(
    ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot
) -> None:
    assert deliver(ctx, job, dispatch=7) == []
    assert robot.calls == []


def test_a_message_that_is_no_event_goes_back_alone(ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot) -> None:
    answer = handler(sqs_batch("not json", json.dumps({"detail": {}}), submitted(ctx, job)), LambdaContext())  # type: ignore[arg-type] # as much of a context as is read
    assert failed_ids(answer) == ["message-0", "message-1"]
    assert len(robot.calls) == 1


@pytest.mark.parametrize("status", [400, 409, 500])
def test_a_robot_that_repeats_what_it_was_sent_gives_no_secret_away(  # noqa: PLR0913, PLR0917 - fixtures
    ctx: DomainContext,
    job: CreatedJob,
    robot: ScriptedRobot,
    owner: Connection,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    """Naive: its words are logged, stored and shown, and with them the password and the callback secret."""
    said: list[str] = []
    monkeypatch.setattr("shared.workflow.hand_over.logger.info", lambda *words, **more: said.append(f"{words} {more}"))
    token = sign_callback_token(job_id=job.job_id, workspace_id=ctx.workspace_id, dispatch=1)
    robot.status, robot.body = status, json.dumps({"got": {"password": "s3cret", "callbackSecret": token}}).encode()
    deliver(ctx, job)
    assert "s3cret" in json.dumps(robot.calls)
    for table in ("robot_job_dispatches", "robot_job_items", "robot_job_item_reports", "outbox"):
        said += [row for (row,) in owner.execute(f"SELECT to_jsonb(t)::text FROM {table} AS t")]  # noqa: S608 - our own
    assert any("got" in text for text in said)
    assert not [text for text in said if "s3cret" in text or token in text]
