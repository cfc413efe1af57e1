"""What the robot answers to a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """An HTTP status and the JSON object that goes with it."""

    status: int
    body: dict[str, object]


@dataclass(frozen=True)
class Page:
    """A page of HTML, for the person who looks into the portal."""

    html: str


def refused(status: int, message: str) -> Answer:
    """A refusal, as robots word it."""
    return Answer(status, {"success": False, "message": message})
