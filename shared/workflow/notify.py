"""Notifications to whoever subscribes to a stack's topic."""

import json
import os
from typing import Any
from uuid import UUID

from shared.aws.clients import client


def notify(message: dict[str, Any], *, workspace_id: UUID, status: str) -> None:
    """Notify subscribers, with attributes that they can filter by."""
    client("sns").publish(
        TopicArn=os.environ["NOTIFICATION_TOPIC_ARN"],
        Message=json.dumps(message, ensure_ascii=False, separators=(",", ":")),
        MessageAttributes={
            "workspaceId": {"DataType": "String", "StringValue": str(workspace_id)},
            "status": {"DataType": "String", "StringValue": status},
        },
    )
