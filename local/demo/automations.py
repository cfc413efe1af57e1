"""The automations of one workspace, heard as a customer's own program would hear them: a rule and a queue."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.cli.errors import CommandError
from local.stack.environment import without_users_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from types_boto3_sqs import SQSClient

    from local.stack.state import Stack

PREFIX = "automation/"


class Subscription:
    """A queue that receives the workspace's automation events."""

    def __init__(self, sqs: SQSClient, queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    def drain(self, expected: int, timeout_s: float = 10) -> dict[str, list[dict[str, Any]]]:
        """The details received, by detail type; it waits for `expected` events or until the time is up.

        A repeat of an event is left out: delivery is at least once.
        """
        fired: dict[str, dict[str, dict[str, Any]]] = {}
        end = time.monotonic() + timeout_s
        while True:
            enough = sum(map(len, fired.values())) >= expected
            messages = self._sqs.receive_message(
                QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0 if enough else 1
            ).get("Messages", [])
            for message in messages:
                event = json.loads(message["Body"])
                detail = event["detail"]
                fired.setdefault(event["detail-type"], {})[json.dumps(detail, sort_keys=True)] = detail
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
            if not messages and (enough or time.monotonic() > end):
                return {detail_type: list(details.values()) for detail_type, details in sorted(fired.items())}


@contextmanager
def subscribed(stack: Stack, workspace: UUID) -> Iterator[Subscription]:
    """Subscribe to the workspace's automations for as long as the block runs.

    Raises:
        CommandError: the emulator does not answer as it should, then or inside the block.
    """
    name, bus = f"demo-{workspace}", stack.event_bus_name
    with without_users_settings():
        session = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator takes any key
            region_name=stack.aws_region,
        )
        sqs = session.client("sqs", endpoint_url=stack.aws_endpoint_url)
        events = session.client("events", endpoint_url=stack.aws_endpoint_url)
    try:
        with ExitStack() as cleanup:
            queue_url = sqs.create_queue(QueueName=name)["QueueUrl"]
            cleanup.callback(sqs.delete_queue, QueueUrl=queue_url)
            attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
            pattern = {"detail-type": [{"prefix": PREFIX}], "detail": {"workspaceId": [str(workspace)]}}
            events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))
            cleanup.callback(events.delete_rule, Name=name, EventBusName=bus)
            queue_arn = attributes["QueueArn"]
            events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": queue_arn}])
            cleanup.callback(events.remove_targets, Rule=name, EventBusName=bus, Ids=["queue"])
            yield Subscription(sqs, queue_url)
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            f"The AWS emulator at {stack.aws_endpoint_url} does not answer as it should: {error}."
        ) from error
