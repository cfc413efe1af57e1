"""The dead-letter queues of a stack: what is in them, and how it gets back to where it failed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from types_boto3_lambda import LambdaClient
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

#: While a message is looked at, and while it is moved, nobody else is given it.
SHOW_FOR_S = 30
MOVE_WITHIN_S = 300
_BATCH = 10
#: Long enough that every server of the queue is asked.
_WAIT_S = 1


@dataclass(frozen=True)
class DeadLetterQueue:
    """A dead-letter queue by its outputs in the template; what failed in `works_for` ends there."""

    name: str
    output: str
    #: The queue that its messages go back to and the events that they hold; none for the schedules' queue.
    works_for: str | None = None
    detail_types: tuple[str, ...] = ()


QUEUES = (
    DeadLetterQueue("dispatch", "DispatchDeadLetterQueueUrl", "DispatchQueueUrl", ("robot/job.submitted",)),
    DeadLetterQueue("record", "RecordDeadLetterQueueUrl", "RecordQueueUrl", ("robot/item.completed",)),
    DeadLetterQueue(
        "complete", "CompleteDeadLetterQueueUrl", "CompleteQueueUrl", ("robot/job.completed", "robot/job.paused")
    ),
    DeadLetterQueue("schedules", "SchedulesDeadLetterQueueUrl"),
)
#: The outputs with the names of the functions that run every minute.
SCHEDULED = ("RelayEventsFunctionName", "ExpireItemsFunctionName")


class NotRedrivableError(Exception):
    """The message can't go back; the text says why."""


@dataclass(frozen=True)
class DeadLetter:
    """A message as its dead-letter queue gives it.

    Source: EventBridge puts the event itself in the body and why it gave up in attributes (RULE_ARN, TARGET_ARN,
    ERROR_CODE …). From a queue comes the message as it was, without them. A failed run of a function, sent by Lambda,
    has its request and the function's name in the body.
    """

    id: str
    receipt: str
    sent_at: datetime
    received: int
    body: str
    attributes: Mapping[str, str]

    @property
    def came_from(self) -> str:
        """Who gave up on it."""
        if "RULE_ARN" in self.attributes:
            return "rule"
        return "function" if isinstance(self.content.get("requestContext"), dict) else "queue"

    @property
    def content(self) -> dict[str, Any]:
        """The body as JSON; empty where it is no JSON object."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


@dataclass
class Redriven:
    """What became of a queue's messages."""

    moved: int = 0
    left: list[tuple[DeadLetter, str]] = field(default_factory=list)


class DeadLetters:
    """Every dead-letter queue of one deployed stack."""

    def __init__(self, outputs: Mapping[str, str], sqs: SQSClient, functions: LambdaClient) -> None:
        self._outputs = outputs
        self._sqs = sqs
        self._functions = functions
        self._has_run: set[str] = set()

    def count(self, queue: DeadLetterQueue) -> tuple[int, int]:
        """How many messages wait, and how many somebody looks at or moves just now; both about right."""
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=self._outputs[queue.output],
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return (
            int(attributes["ApproximateNumberOfMessages"]),
            int(attributes["ApproximateNumberOfMessagesNotVisible"]),
        )

    def look(self, queue: DeadLetterQueue, limit: int) -> list[DeadLetter]:
        """Some of a queue's messages; they stay in it."""
        letters = list(self._take(queue, limit, SHOW_FOR_S))
        self._put_back(queue, letters)
        return letters

    def redrive(self, queue: DeadLetterQueue, limit: int) -> Redriven:
        """Move messages to where they failed, one by one: sent first, deleted then.

        Whoever stops between the two leaves a message in both places, and the next redrive sends it again; what takes
        it there is safe to repeat. What can't go back stays.
        """
        done = Redriven()
        try:
            for letter in self._take(queue, limit, MOVE_WITHIN_S):
                try:
                    self._repeat(queue, letter)
                except NotRedrivableError as why:
                    done.left.append((letter, str(why)))
                    continue
                self._sqs.delete_message(QueueUrl=self._outputs[queue.output], ReceiptHandle=letter.receipt)
                done.moved += 1
        finally:
            self._put_back(queue, [letter for letter, _ in done.left])
        return done

    def _take(self, queue: DeadLetterQueue, limit: int, hold_s: int) -> Iterator[DeadLetter]:
        taken: set[str] = set()
        while len(taken) < limit:
            messages = self._sqs.receive_message(
                QueueUrl=self._outputs[queue.output],
                MaxNumberOfMessages=min(_BATCH, limit - len(taken)),
                VisibilityTimeout=hold_s,
                WaitTimeSeconds=_WAIT_S,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            new = [message for message in messages if message["MessageId"] not in taken]
            if not new:
                return
            taken |= {message["MessageId"] for message in new}
            yield from map(_letter, new)

    def _put_back(self, queue: DeadLetterQueue, letters: list[DeadLetter]) -> None:
        for letter in letters:
            self._sqs.change_message_visibility(
                QueueUrl=self._outputs[queue.output], ReceiptHandle=letter.receipt, VisibilityTimeout=0
            )

    def _repeat(self, queue: DeadLetterQueue, letter: DeadLetter) -> None:
        if queue.works_for is None:
            self._run(letter)
            return
        # A rule's letter and a queue's are the same event; what is none would only come back.
        is_event = letter.content.get("detail-type") in queue.detail_types
        if not is_event or not isinstance(letter.content.get("detail"), dict):
            raise NotRedrivableError(f"it is no {' or '.join(queue.detail_types)} event")
        self._sqs.send_message(QueueUrl=self._outputs[queue.works_for], MessageBody=letter.body)

    def _run(self, letter: DeadLetter) -> None:
        name = _function_of(letter)
        if name not in {self._outputs[output] for output in SCHEDULED}:
            raise NotRedrivableError("it does not name a function that this stack runs every minute")
        if name in self._has_run:
            return  # one run does all the work that the failed ones left
        answer = self._functions.invoke(FunctionName=name, InvocationType="RequestResponse", Payload=b"{}")
        if answer.get("FunctionError"):
            raise NotRedrivableError(f"{name} failed again: {answer['Payload'].read().decode(errors='replace')[:500]}")
        self._has_run.add(name)


def _letter(message: MessageTypeDef) -> DeadLetter:
    attributes: Mapping[str, str] = {str(name): value for name, value in message.get("Attributes", {}).items()}
    return DeadLetter(
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        sent_at=datetime.fromtimestamp(int(attributes.get("SentTimestamp", "0")) / 1000, UTC),
        received=int(attributes.get("ApproximateReceiveCount", "0")),
        body=message["Body"],
        attributes={
            name: value.get("StringValue", "") for name, value in sorted(message.get("MessageAttributes", {}).items())
        },
    )


def _function_of(letter: DeadLetter) -> str:
    """The name of the function whose run failed; a schedule's rule has its function's name."""
    context, resources = letter.content.get("requestContext"), letter.content.get("resources")
    if isinstance(context, dict):
        parts = str(context.get("functionArn", "")).split(":")
        return parts[6] if len(parts) > 6 else ""  # noqa: PLR2004 - arn:aws:lambda:region:account:function:name
    if isinstance(resources, list) and resources:
        return str(resources[0]).rpartition("/")[2]
    return ""


def reasons(left: list[tuple[DeadLetter, str]]) -> list[tuple[str, int]]:
    """Why messages stayed, and how many for each reason."""
    return Counter(why for _, why in left).most_common()
