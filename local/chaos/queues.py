"""The queues of a chaos run: their depth, and what waits in the dead-letter queues."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from local.chaos.workers import VISIBILITY_S
from local.stack import aws
from local.stack.deploy import STACK_NAME
from shared.events import ALL_EVENTS

if TYPE_CHECKING:
    from local.stack.state import Stack

Depth = Literal[
    "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"
]

_QUEUES = ("Dispatch", "Record", "Complete")
_DEPTH: tuple[Depth, ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass
class DeadLetters:
    """What was found in the dead-letter queues: redriven, runs of schedules that failed, and the rest."""

    redriven: int = 0
    failed_runs: int = 0
    unexplained: list[str] = field(default_factory=list)


class Queues:
    """The stack's queues."""

    def __init__(self, stack: Stack) -> None:
        self._sqs = aws.session().client("sqs", endpoint_url=stack.aws_endpoint_url)
        formation = aws.session().client("cloudformation", endpoint_url=stack.aws_endpoint_url)
        outputs = formation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]["Outputs"]
        urls = {output["OutputKey"]: output["OutputValue"] for output in outputs}
        self._urls = {name: urls[f"{name}QueueUrl"] for name in _QUEUES}
        self._dead = {name: urls[f"{name}DeadLetterQueueUrl"] for name in (*_QUEUES, "Schedules")}

    def prepare(self) -> None:
        """Forget what earlier runs left, and let what a dead worker held come back in seconds."""
        for url in (*self._urls.values(), *self._dead.values()):
            self._sqs.purge_queue(QueueUrl=url)
        for url in self._urls.values():
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(VISIBILITY_S)})

    def depth(self) -> int:
        """How many messages wait, are worked on or are delayed."""
        return sum(map(self._depth, self._urls.values()))

    def empty_dead_letters(self) -> DeadLetters:
        """Do as the runbook says: redrive good messages, drop failed runs of the schedules; the rest is unexplained."""
        found = DeadLetters()
        for name, url in self._dead.items():
            while messages := self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    body = message["Body"]
                    if name == "Schedules":
                        found.failed_runs += 1
                    elif _is_good(body):
                        self._sqs.send_message(QueueUrl=self._urls[name], MessageBody=body)
                        found.redriven += 1
                    else:
                        found.unexplained.append(f"{name}: {body[:200]}")
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def _depth(self, url: str) -> int:
        attributes = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTH))["Attributes"]
        return sum(int(attributes[name]) for name in _DEPTH)


def _is_good(body: str) -> bool:
    try:
        event = json.loads(body)
        ALL_EVENTS[event["detail-type"]].model_validate(event["detail"])
    except (ValueError, KeyError, TypeError, ValidationError):
        return False
    return True
