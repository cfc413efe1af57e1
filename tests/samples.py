"""The sample events of events/, as data."""

import json
from typing import Any

from local.stack.samples import CALLBACK_KEY, DIRECTORY, sample_names

__all__ = ["CALLBACK_KEY", "DIRECTORY", "NAMES", "envelopes", "is_http", "is_queue", "is_refused", "sample"]
NAMES = sample_names()


def sample(name: str) -> dict[str, Any]:
    """Return the sample of a name, `submit_job`."""
    loaded: dict[str, Any] = json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def is_refused(name: str) -> bool:
    """Tell whether a sample shows a refusal of its content."""
    return name.endswith("_refused")


def is_http(name: str) -> bool:
    """Tell whether a sample is an HTTP API event."""
    return "routeKey" in sample(name)


def is_queue(name: str) -> bool:
    """Tell whether a sample is an SQS batch."""
    return "Records" in sample(name)


def envelopes(name: str) -> list[dict[str, Any]]:
    """Return the bus events that an SQS sample carries."""
    return [json.loads(record["body"]) for record in sample(name)["Records"]]
