"""What the demo asks of the simulated robot beside its contract: its behaviour for one workspace, and its ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from local.cli.errors import CommandError

if TYPE_CHECKING:
    from uuid import UUID

SECONDS_PER_ORDER = 0.3
PORTAL_ERROR_RATE = 0.1
#: With it the portal fails on the 7th and the 15th of the workspace's orders, and on none of the 25 after them.
SEED = 134


def behave_as_in_the_demo(robot_url: str, workspace: UUID) -> None:
    """Give the robot the demo's speed and luck, for this workspace alone.

    Raises:
        CommandError: the robot does not answer.
    """
    settings = {
        "workspaceId": str(workspace),
        "secondsPerOrder": SECONDS_PER_ORDER,
        "portalErrorRate": PORTAL_ERROR_RATE,
        "validationErrorRate": 0,
        "seed": SEED,
    }
    _ask("POST", f"{robot_url}/settings", json=settings)


def shipments_of(robot_url: str, workspace: UUID) -> list[dict[str, Any]]:
    """Every shipment that the robot has made for the workspace.

    Raises:
        CommandError: the robot does not answer.
    """
    answer = _ask("GET", f"{robot_url}/ledger", params={"workspaceId": str(workspace)})
    shipments: list[dict[str, Any]] = answer.json()["shipments"]
    return shipments


def _ask(method: str, url: str, **what: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
    try:
        with httpx.Client(trust_env=False) as client:
            return client.request(method, url, **what).raise_for_status()
    except httpx.HTTPError as error:
        raise CommandError(f"The simulated robot at {url} does not answer as it should: {error}.") from error
