"""What a command can fail with, each as one sentence for its user."""

from __future__ import annotations


class CommandError(Exception):
    """The command can't go on; the text says why and what to do."""


class ApiError(CommandError):
    """The API refused a request: its problem document, or what stands in for one."""

    def __init__(self, status: int, code: str | None, detail: str, members: dict[str, object]) -> None:
        super().__init__(f"{detail} ({code or status})")
        self.status = status
        self.code = code
        self.detail = detail
        self.members = members
