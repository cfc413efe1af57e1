"""What a person at a desk has: the API and the carrier's portal. The robot's books are not among it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx

from local.cli.api import RobotJobsApi
from local.cli.connection import SCOPES
from local.cli.models import Item
from local.stack.tokens import issue_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from local.stack.state import Stack

_TOKEN_LIFETIME_S = 3600
_TIMEOUT_S = 60


class SeenItem(Item):
    """An item, with what is known of its shipments."""

    @property
    def numbers(self) -> set[str]:
        """Every number that it shows."""
        return {number for number in (self.tracking_number, *self.other_numbers) if number}


class Desk(RobotJobsApi):
    """The API as one workspace's operator uses it, and the portal of the workspace's account."""

    def __init__(self, stack: Stack, workspace: UUID) -> None:
        super().__init__(stack.api_url, issue_token(workspace, list(SCOPES), _TOKEN_LIFETIME_S))
        self._stack = stack
        self._workspace = workspace

    def look(self, job: UUID, status: str | None = None) -> list[SeenItem]:
        """The job's items, or those of one status."""
        params = {"limit": "500"} | ({"status": status} if status else {})
        return [SeenItem.model_validate(each) for each in self._get(f"robot-jobs/{job}", params=params).json()["items"]]

    def counts(self, job: UUID) -> dict[str, Any]:
        """How many items of the job are in which state."""
        return dict(self._get(f"robot-jobs/{job}", params={"limit": "1"}).json()["job"]["counts"])

    def say_found(self, job: UUID, found: Sequence[Mapping[str, object]], **options: object) -> int:
        """Settle items by what was found in the portal; how many that changed."""
        body = {"items": list(found), "note": "looked up in the portal"} | options
        return int(self._send("POST", f"robot-jobs/{job}/settle", body).json()["settledCount"])

    def write(self, order: UUID, **fields: object) -> None:
        """Change an order by hand."""
        self._send("PATCH", f"orders/{order}", fields)

    def stand_still(self) -> list[UUID]:
        """The newest jobs that are paused, by whomever."""
        return [job.id for job in self.list_jobs(limit=500).jobs if job.paused_at is not None]

    def waits_for(self, job: UUID) -> str | None:
        """Why the job stands still."""
        waiting = self.get_job(job).waiting
        return None if waiting is None else waiting.reason

    def end(self, job: UUID, status: str) -> None:
        """End a job by hand."""
        self._send("PATCH", f"robot-jobs/{job}", {"status": status})

    def retry_told(self, job: UUID, items: Sequence[UUID]) -> tuple[set[str], list[dict[str, Any]]]:
        """Retry; the items that are handed over again, and those that are skipped, each with its reason."""
        body = {"itemIds": [str(item) for item in items]} if items else {}
        answer = self._send("POST", f"robot-jobs/{job}/retry", body).json()
        return set(answer["itemIds"]), list(answer["skipped"])

    def search_portal(self, reference: str) -> list[dict[str, Any]]:
        """What the portal lists under a reference, oldest first."""
        query = {"workspaceId": str(self._workspace), "referencia": reference}
        answer = httpx.get(f"{self._stack.robot_url}/portal/pedidos", params=query, trust_env=False, timeout=_TIMEOUT_S)
        return list(reversed(answer.raise_for_status().json()["pedidos"]))

    def void_in_portal(self, number: str) -> None:
        """Void a shipment at the carrier."""
        url = f"{self._stack.robot_url}/portal/pedidos/{number}/anular"
        httpx.post(url, json={}, trust_env=False, timeout=_TIMEOUT_S).raise_for_status()


def now() -> float:
    """Seconds since 1970, as everything on this machine writes them down."""
    return time.time()
