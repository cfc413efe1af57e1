"""What the robot answers to a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """An HTTP status and the JSON object that goes with it."""

    status: int
    body: dict[str, object]


def refused(status: int, message: str) -> Answer:
    """A refusal, as robots word it."""
    return Answer(status, {"success": False, "message": message})
