"""What invokes a handler: the sample events with a benchmark's own ids in them, and the context."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from local.stack.paths import CHECKOUT

Event = dict[str, Any]


class Context:
    """What the handlers read of an invocation's context."""

    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """As if every invocation had just begun."""
        return 30_000


def sample(name: str) -> Event:
    """Return the sample event of this name."""
    event: Event = json.loads((CHECKOUT / "events" / f"{name}.json").read_bytes())
    return event


def request(name: str, workspace_id: UUID, path: Mapping[str, object] | None = None, body: object = None) -> Event:
    """Return the sample HTTP event of this name as a workspace's own, with another path or body where one is given."""
    event = sample(name) | dict(path or {}) | ({} if body is None else {"body": json.dumps(body)})
    event["requestContext"]["authorizer"]["jwt"]["claims"]["workspace_id"] = str(workspace_id)
    event["requestContext"]["http"]["path"] = event["rawPath"]
    return event


def messages(name: str, details: Sequence[Mapping[str, object]]) -> Event:
    """Return the sample batch of this name with these details in it, a message each."""
    record: Event = sample(name)["Records"][0]
    envelope = json.loads(record["body"])
    return {
        "Records": [
            record | {"messageId": str(number), "body": json.dumps(envelope | {"detail": dict(detail)})}
            for number, detail in enumerate(details)
        ]
    }
