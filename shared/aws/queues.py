"""Queues: how much waits in one, what it says, and one message more."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from shared.aws.clients import client
from shared.events.source import SOURCE

if TYPE_CHECKING:
    from shared.events import Event

#: Source: SQS counts a message in exactly one of them.
_COUNTS: tuple[
    Literal[
        "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"
    ],
    ...,
] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
#: Source: SQS gives ten messages a call, and of a short queue not always all.
_AT_ONCE = 10
_ROUNDS = 20
#: Without it each round would be given the same messages; a person who redrives them just then waits so long as well.
_HIDDEN_FOR_S = 1


class QueueUnavailableError(Exception):
    """The queue did not answer, or did not take the message."""


def count_messages(queue_url: str) -> int:
    """Return about how many messages a queue holds: those that wait, that somebody works on, and that are delayed.

    Raises:
        QueueUnavailableError: the queue did not answer.
    """
    with _answering():
        answer = client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=list(_COUNTS))
    return sum(int(answer["Attributes"][name]) for name in _COUNTS)


def peek(queue_url: str, count: int) -> list[str]:
    """Return the bodies of so many messages, fewer where the queue does not show them; they stay where they are.

    Raises:
        QueueUnavailableError: the queue did not answer.
    """
    seen: dict[str, str] = {}
    for _ in range(_ROUNDS):
        with _answering():
            answer = client("sqs").receive_message(
                QueueUrl=queue_url, MaxNumberOfMessages=_AT_ONCE, VisibilityTimeout=_HIDDEN_FOR_S
            )
        seen |= {message["MessageId"]: message["Body"] for message in answer.get("Messages", [])}
        if len(seen) >= count:
            break
    return list(seen.values())


def send(queue_url: str, body: str, attributes: Mapping[str, str] | None = None) -> None:
    """Put a message into a queue.

    Raises:
        QueueUnavailableError: the queue did not take it, or nobody knows whether it did.
    """
    with _answering():
        client("sqs").send_message(
            QueueUrl=queue_url,
            MessageBody=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()
            },
        )


def send_event(queue_url: str, event: "Event") -> None:
    """Put an event into a queue as a rule of the bus would have delivered it.

    Raises:
        QueueUnavailableError: the queue did not take it, or nobody knows whether it did.

    Source: the structure of an event in the EventBridge guide.
    """
    with _answering():
        region = client("sqs").meta.region_name
    envelope = {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": event.detail_type,
        "source": SOURCE,
        # A queue's URL ends in its account and its name.
        "account": queue_url.split("/")[-2],
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [],
        "detail": json.loads(event.to_detail()),
    }
    send(queue_url, json.dumps(envelope, ensure_ascii=False))


@contextmanager
def _answering() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - boto3 is imported when it is needed

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise QueueUnavailableError(f"{type(error).__name__}: {error}") from error
