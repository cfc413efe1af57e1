"""SQS batches of EventBridge envelopes, as the event source mappings deliver them."""

import json
from typing import Any

from shared.events import SOURCE, Event


def sqs_batch(*events: Event | str, receives: int = 1) -> dict[str, Any]:
    """Return a batch with one message an event; a text is a message's body as it stands."""
    return {"Records": [_record(number, event, receives) for number, event in enumerate(events)]}


def _record(number: int, event: Event | str, receives: int) -> dict[str, Any]:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": event if isinstance(event, str) else envelope(event),
        "attributes": {"ApproximateReceiveCount": str(receives), "SentTimestamp": "1767225600000"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
        "awsRegion": "us-east-1",
    }


def envelope(event: Event) -> str:
    """Return an event as EventBridge puts it into a queue."""
    return json.dumps(
        {
            "version": "0",
            "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
            "detail-type": event.detail_type,
            "source": SOURCE,
            "account": "123456789012",
            "time": "2026-01-01T00:00:00Z",
            "region": "us-east-1",
            "resources": [],
            "detail": json.loads(event.to_detail()),
        }
    )


def failed_ids(answer: Any) -> list[str]:
    """Return the messages that a handler wants to see again."""
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
