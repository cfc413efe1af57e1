"""What invokes a handler: the sample events with a benchmark's own ids in them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from local.stack.paths import CHECKOUT

Event = dict[str, Any]


def sample(name: str) -> Event:
    """Return the sample event of this name."""
    event: Event = json.loads((CHECKOUT / "events" / f"{name}.json").read_bytes())
    return event


def form() -> dict[str, Any]:
    """Return what the robot is handed of one order."""
    envelope = json.loads(sample("dispatch_job")["Records"][0]["body"])
    form: dict[str, Any] = envelope["detail"]["orders"][0]["pedidoInput"]
    return form


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
