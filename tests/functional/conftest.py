"""AWS as moto plays it: a bus that keeps what it was given, a KMS key, the callback secret; and a shop."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

import boto3
import pytest
from moto import mock_aws
from psycopg import Connection

from functions.expire_items.app import handler as expire_items
from local.stack.postgres import Postgres
from shared.aws.secrets import forget_secrets
from shared.db.connection import close_connection
from shared.domain import DomainContext
from shared.words import JOB_KINDS, JobKind
from tests.factories import KIND
from tests.functional.page_browser import Browser
from tests.functional.record_queue import RecordQueue
from tests.functional.shop import Shop, open_shop
from tests.http_client import LambdaContext

CALLBACK_KEY = "current-" + "k" * 40


class Bus:
    """The event bus, with a queue that gets every event."""

    def __init__(self, aws: boto3.Session) -> None:
        self._sqs = aws.client("sqs")
        self._queue = self._sqs.create_queue(QueueName="everything")["QueueUrl"]
        events = aws.client("events")
        events.create_event_bus(Name="robot-jobs")
        events.put_rule(Name="everything", EventBusName="robot-jobs", EventPattern='{"source": ["robot-jobs"]}')
        queue = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        events.put_targets(
            Rule="everything", EventBusName="robot-jobs", Targets=[{"Id": "queue", "Arn": queue["QueueArn"]}]
        )

    def received(self, detail_type: str | None = None) -> list[dict[str, Any]]:
        """Return, and forget, the details that arrived: of one type, or of all."""
        details = []
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                event = json.loads(message["Body"])
                if detail_type in {None, event["detail-type"]}:
                    details.append(event["detail"])
        return details


class _OneClientEach(boto3.Session):
    """A client takes longer to make than most tests take, and remembers nothing."""

    client = cache(boto3.Session.client)


@pytest.fixture(scope="session")
def _session() -> boto3.Session:
    # One for all tests: each session reads the descriptions of the services anew.
    return _OneClientEach("testing", "testing", region_name="us-east-1")


@pytest.fixture
def aws(_session: boto3.Session) -> Iterator[boto3.Session]:
    """Play AWS, with the rows and the secrets of this test alone."""
    with mock_aws():
        forget_secrets()
        yield _session
        forget_secrets()


@pytest.fixture
def bus(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Bus:
    """Give the event bus that the program publishes to."""
    monkeypatch.setenv("EVENT_BUS_NAME", "robot-jobs")
    return Bus(aws)


@pytest.fixture
def record_queue(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> RecordQueue:
    """Give the queue of reports that the program uses, and its dead letters."""
    queue = RecordQueue(aws)
    monkeypatch.setenv("RECORD_QUEUE_URL", queue.url)
    monkeypatch.setenv("RECORD_DEAD_LETTER_QUEUE_URL", queue.dead_letters_url)
    return queue


@pytest.fixture
def kms_key(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the id of the key that seals portal passwords."""
    key_id: str = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    monkeypatch.setenv("KMS_KEY_ID", key_id)
    return key_id


@pytest.fixture
def callback_secret(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the key that signs callback tokens."""
    secret = json.dumps({"current": CALLBACK_KEY, "previous": ""})
    arn = aws.client("secretsmanager").create_secret(Name="callback", SecretString=secret)["ARN"]
    monkeypatch.setenv("CALLBACK_SECRET_ARN", arn)
    return CALLBACK_KEY


@pytest.fixture
def as_system(fresh_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give what connects the code as the system role from then on, to a database of the test's own."""

    def connect() -> None:
        close_connection()
        monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_system"))

    return connect


@pytest.fixture
def run_expire_items(fresh_database: str, postgres: Postgres) -> Callable[[], dict[str, int]]:
    """Give one run of expire_items, with the role that it has, on a database of the test's own."""

    def run() -> dict[str, int]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_system"))
            close_connection()
            done: dict[str, int] = expire_items({}, LambdaContext())
            close_connection()
        return done

    return run


@pytest.fixture(params=JOB_KINDS)
def kind(request: pytest.FixtureRequest) -> Iterator[JobKind]:
    """Run the test for each kind of job that `make_job` can make: what holds for one holds for the other."""
    token = KIND.set(request.param)
    yield request.param
    KIND.reset(token)


@pytest.fixture
def shop(owner: Connection, ctx: DomainContext) -> Iterator[Shop]:
    """Give a workspace that ships single orders; at the end nothing may be wrong with what it has."""
    shop = open_shop(owner, ctx)
    yield shop
    shop.assert_sound()


@pytest.fixture
def page_secret(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the key that seals the sessions of the page."""
    key = "page-" + "k" * 40
    secret = json.dumps({"current": key, "previous": ""})
    arn = aws.client("secretsmanager").create_secret(Name="page", SecretString=secret)["ARN"]
    monkeypatch.setenv("PAGE_SECRET_ARN", arn)
    return key


@pytest.fixture
def browser(database: str, bus: Bus, page_secret: str, workspace: UUID) -> Browser:
    """Give somebody who has signed in to the page with every scope."""
    assert database
    assert bus
    assert page_secret
    return Browser().sign_in(workspace)
