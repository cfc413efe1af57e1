"""The samples of events/ drive their handlers, in the order in which things happen to a job."""

import importlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from psycopg import Connection

from local.stack.postgres import Postgres
from shared.db.connection import close_connection
from tests.functional.conftest import Bus
from tests.functional.logins import keep_logins
from tests.functional.record_queue import RecordQueue
from tests.http_client import LambdaContext
from tests.samples import CALLBACK_KEY, envelopes, sample
from tests.scripted_robot import ScriptedRobot


class Context(LambdaContext):
    """An invocation with a minute to go."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture(autouse=True)
def deployed(  # noqa: PLR0913, PLR0917 - all that there is on AWS
    aws: boto3.Session,
    bus: Bus,
    record_queue: RecordQueue,
    kms_key: str,
    fresh_database: str,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Set up what the functions find on AWS, with the key that signed the samples' callback tokens."""
    assert all((bus, record_queue, kms_key, fresh_database))
    keys = json.dumps({"current": CALLBACK_KEY, "previous": ""})
    secret = aws.client("secretsmanager").create_secret(Name="sample", SecretString=keys)
    monkeypatch.setenv("CALLBACK_SECRET_ARN", secret["ARN"])
    monkeypatch.setenv("CALLBACK_URL", "https://api.example.com/robot-callbacks")
    monkeypatch.setenv("DISPATCH_QUEUE_URL", aws.client("sqs").create_queue(QueueName="dispatch")["QueueUrl"])
    monkeypatch.setenv("NOTIFICATION_TOPIC_ARN", aws.client("sns").create_topic(Name="jobs")["TopicArn"])
    keep_logins(aws, postgres, fresh_database, monkeypatch)
    monkeypatch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "true")


@pytest.fixture
def robot() -> Iterator[ScriptedRobot]:
    with ScriptedRobot().running() as robot:
        yield robot


def play(function: str, event: dict[str, Any]) -> Any:
    """Give an event to a function's handler."""
    return importlib.import_module(f"functions.{function}.app").handler(event, Context())


def ids_of_the_samples() -> list[str]:
    """Return the ids of the samples' job and items, which a program chooses itself."""
    (submitted,) = [envelope["detail"] for envelope in envelopes("dispatch_job")]
    return [submitted["jobId"], *(order["itemId"] for order in submitted["orders"])]


def told_of(answer: dict[str, Any], status: int) -> Any:
    assert answer["statusCode"] == status, answer
    return json.loads(answer["body"])


def test_the_samples_take_orders_to_their_end(  # noqa: PLR0913, PLR0917 - one story, told in one go
    robot: ScriptedRobot,
    bus: Bus,
    owner: Connection,
    postgres: Postgres,
    fresh_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert told_of(play("manage_orders", sample("manage_orders_import")), 200) == {"imported": 3}
    assert told_of(play("manage_orders", sample("manage_orders_get")), 200)["contact"]["isClient"] is False
    told_of(play("manage_orders", sample("manage_orders_patch")), 200)
    told_of(play("manage_orders", sample("manage_orders_put_client_activation")), 200)
    assert told_of(play("manage_orders", sample("manage_orders_get_client_activation")), 200)["isEnabled"] is True
    config = sample("manage_carriers_put_config")
    config["body"] = config["body"].replace("https://robot.example.com", robot.url)
    told_of(play("manage_carriers", config), 200)
    assert told_of(play("manage_carriers", sample("manage_carriers_get_config")), 200)["hasPassword"] is True
    assert told_of(play("manage_carriers", sample("manage_carriers_coverage")), 200)["totalCities"] > 0
    checked = told_of(play("manage_carriers", sample("manage_carriers_coverage_validate")), 200)
    assert (checked["validCount"], checked["invalidCount"]) == (2, 1)

    job = told_of(play("submit_job", sample("submit_job")), 201)
    assert (job["itemCount"], job["rejected"]) == (3, [])
    chosen = dict(zip(ids_of_the_samples(), [job["jobId"], *(i["itemId"] for i in job["items"])], strict=True))
    told = with_ids(chosen)
    (submitted,) = bus.received("robot/job.submitted")
    (of_the_sample,) = [json.loads(record["body"])["detail"] for record in told("dispatch_job")["Records"]]
    del submitted["credentials"]["password"], of_the_sample["credentials"]["password"]
    assert submitted == of_the_sample

    assert play("dispatch_job", told("dispatch_job")) == {"batchItemFailures": []}
    (call,) = robot.calls
    assert call["json"]["orders"] == submitted["orders"]
    told_of(play("manage_jobs", told("manage_jobs_patch")), 200)

    # The tokens name the samples' own job, so that their reports end at the bus.
    for name in ("receive_callback_success", "receive_callback_error"):
        assert told_of(play("receive_callback", sample(name)), 202) == {"received": True}
    published = bus.received("robot/item.completed")
    assert published[0].items() <= envelopes("record_results")[0]["detail"].items()
    assert published[1] == envelopes("record_results")[1]["detail"]

    assert play("record_results", told("record_results")) == {"batchItemFailures": []}
    (ended,) = bus.received("robot/job.completed")
    assert ended == json.loads(told("complete_job")["Records"][0]["body"])["detail"]
    assert play("complete_job", told("complete_job")) == {"batchItemFailures": []}
    shown = told_of(play("manage_jobs", told("manage_jobs_get")), 200)
    assert [item["trackingNumber"] for item in shown["items"]] == ["52830019274", None, "52830019289"]

    assert told_of(play("manage_jobs", told("manage_jobs_retry")), 202)["retriedCount"] == 1
    assert len(told_of(play("manage_jobs", sample("manage_jobs_list")), 200)["jobs"]) == 1
    assert told_of(play("manage_jobs", told("manage_jobs_cancel")), 202) == {"cancelledCount": 1}
    assert told_of(play("manage_jobs", sample("manage_jobs_openapi")), 200)["openapi"].startswith("3.1")

    assert play("migrate_database", sample("migrate_database"))["before"] is not None

    close_connection()
    monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_system"))
    owner.execute("UPDATE outbox SET published_at = NULL WHERE detail_type = 'robot/job.completed'")
    assert play("relay_events", sample("relay_events"))["published"] == 2
    play("expire_items", sample("expire_items"))


def with_ids(chosen: dict[str, str]) -> Callable[[str], dict[str, Any]]:
    """Return what gives a sample with the ids that the program chose."""

    def told(name: str) -> dict[str, Any]:
        text = json.dumps(sample(name))
        for of_the_sample, real in chosen.items():
            text = text.replace(of_the_sample, real)
        event: dict[str, Any] = json.loads(text)
        return event

    return told
