"""dispatch_job when something of ours fails around the call: what is known is kept, and nothing is sent twice."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import BadStatusLine
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from psycopg import Connection

from functions.dispatch_job.app import handler
from shared.aws.passwords import seal_password
from shared.domain import CreatedJob, DomainContext, RetryableDatabaseError
from shared.events import JobSubmitted
from shared.workflow import hand_over
from tests.factories import make_carrier_config, make_due, make_job, read_job, row_of_dispatch
from tests.functional.conftest import Bus
from tests.http_client import LambdaContext
from tests.queues import failed_ids, sqs_batch
from tests.scripted_robot import ScriptedRobot

Deliver = Callable[[], list[str]]


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedRobot]:
    monkeypatch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "true")
    with ScriptedRobot().running() as robot:
        yield robot


@pytest.fixture
def queue_url(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> str:
    url: str = aws.client("sqs").create_queue(QueueName="dispatch")["QueueUrl"]
    monkeypatch.setenv("DISPATCH_QUEUE_URL", url)
    monkeypatch.setenv("CALLBACK_URL", "https://api.example.com/robot-callbacks")
    return url


@pytest.fixture
def job(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection,
    ctx: DomainContext,
    robot: ScriptedRobot,
    kms_key: str,
    callback_secret: str,
    bus: Bus,
    queue_url: str,
) -> CreatedJob:
    """Give a job whose robot listens."""
    assert all((kms_key, callback_secret, bus, queue_url))
    sealed = seal_password("s3cret", workspace_id=ctx.workspace_id, carrier="coordinadora")
    make_carrier_config(owner, ctx.workspace_id, robot_url=robot.url, portal_password_sealed=sealed)
    return make_job(owner, ctx, 2)


@pytest.fixture
def deliver(ctx: DomainContext, job: CreatedJob) -> Deliver:
    event = JobSubmitted(
        job_id=job.job_id, workspace_id=ctx.workspace_id, carrier="coordinadora", dispatch=1, orders=[]
    )
    return lambda: failed_ids(handler(sqs_batch(event), LambdaContext()))  # type: ignore[arg-type] # as much of a context as is read


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the pauses that were made, in seconds; nobody waits, but the clock goes on."""
    made: list[float] = []

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return sum(made)

        @staticmethod
        def sleep(seconds: float) -> None:
            made.append(seconds)

    monkeypatch.setattr(hand_over, "time", Clock)
    return made


def lost(monkeypatch: pytest.MonkeyPatch, name: str, times: int) -> None:
    """Make the database be away when an answer is noted, so many times."""
    note = getattr(hand_over, name)
    left = iter(range(times))

    def noted(*args: Any) -> Any:
        if next(left, None) is not None:
            raise RetryableDatabaseError("the server closed the connection unexpectedly")
        return note(*args)

    monkeypatch.setattr(hand_over, name, noted)


def delayed(aws: boto3.Session, queue_url: str) -> int:
    attributes = aws.client("sqs").get_queue_attributes(
        QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessagesDelayed"])


def test_busy_is_kept_although_the_database_is_away_for_a_moment(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection,
    job: CreatedJob,
    robot: ScriptedRobot,
    deliver: Deliver,
    aws: boto3.Session,
    queue_url: str,
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Naive: the claim stands, so what was only busy counts as unknown, and waits for a deadline."""
    robot.status = 409
    lost(monkeypatch, "release_dispatch", 3)
    assert deliver() == []
    assert row_of_dispatch(owner, job)["status"] == "waiting"
    assert delayed(aws, queue_url) == 1
    assert pauses == [0.5, 1, 2]
    assert len(robot.calls) == 1


@pytest.mark.parametrize(("status", "name"), [(409, "release_dispatch"), (200, "note_accepted")])
def test_what_can_not_be_noted_is_left_as_unknown(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection,
    ctx: DomainContext,
    job: CreatedJob,
    robot: ScriptedRobot,
    deliver: Deliver,
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    name: str,
) -> None:
    robot.status = status
    with monkeypatch.context() as patch:
        lost(patch, name, 10**6)
        assert deliver() == ["message-0"]
    assert 10 < sum(pauses) <= hand_over.NOTE_WITHIN_S
    assert row_of_dispatch(owner, job)["status"] == "claimed"
    owner.execute("UPDATE robot_job_dispatches SET claimed_at = claimed_at - %s", [timedelta(minutes=3)])
    assert deliver() == []
    assert len(robot.calls) == 1
    assert row_of_dispatch(owner, job)["status"] == "unknown"
    assert {item.status for item in read_job(ctx, job).items} == {"processing"}


@pytest.mark.parametrize("call", ["open_password", "sign_callback_token"])
def test_a_hand_over_that_could_not_be_prepared_is_made_later(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection,
    job: CreatedJob,
    robot: ScriptedRobot,
    deliver: Deliver,
    aws: boto3.Session,
    queue_url: str,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
) -> None:
    """Naive: KMS or Secrets Manager fail for a second, and a batch that nobody has waits days for its deadline."""

    def fail(*_args: object, **_kwargs: object) -> str:
        raise ClientError({"Error": {"Code": "KMSInternalException", "Message": "no"}}, "Decrypt")

    with monkeypatch.context() as patch:
        patch.setattr(hand_over, call, fail)
        assert deliver() == []
    row = row_of_dispatch(owner, job)
    assert (row["status"], row["refused_as"], robot.calls) == ("waiting", "unreachable", [])
    assert delayed(aws, queue_url) == 1
    make_due(owner, job)
    deliver()
    assert row_of_dispatch(owner, job)["status"] == "accepted"
    assert len(robot.calls) == 1


def test_an_answer_that_is_no_http_leaves_it_unknown(
    owner: Connection, job: CreatedJob, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def garbage(*_args: object) -> None:
        raise BadStatusLine("220 mail.example.com ESMTP")

    monkeypatch.setattr("shared.robot.client._exchange", garbage)
    assert deliver() == []
    assert row_of_dispatch(owner, job)["status"] == "unknown"


def test_an_address_that_can_not_be_looked_up_ends_the_items(
    owner: Connection, ctx: DomainContext, job: CreatedJob, deliver: Deliver
) -> None:
    owner.execute(
        "UPDATE carrier_configs SET robot_url = %s WHERE workspace_id = %s",
        [f"https://{'a' * 70}.example.com", ctx.workspace_id],
    )
    assert deliver() == []
    assert {item.error_type for item in read_job(ctx, job).items} == {"portal"}


def test_a_robot_that_is_now_busy_and_now_gone_is_given_up_after_a_day(
    owner: Connection, ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, deliver: Deliver
) -> None:
    """Naive: each change of the reason starts the time anew, and the batch waits for ever."""
    for hour in range(40):
        robot.status = 409 if hour % 2 else 503
        make_due(owner, job)
        deliver()
        if row_of_dispatch(owner, job)["status"] == "closed":
            break
        owner.execute(
            "UPDATE robot_job_dispatches SET refused_since = refused_since - interval '50 minutes',"
            " first_refused_at = first_refused_at - interval '50 minutes' WHERE job_id = %s",
            [job.job_id],
        )
    assert len(robot.calls) == 24 * 60 // 50 + 2
    assert {(item.error_type, (item.error_message or "")[:20]) for item in read_job(ctx, job).items} == {
        ("portal", "given up after 24 h:")
    }
