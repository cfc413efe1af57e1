"""What the demo asks of the simulated robot beside its contract: its behaviour for one workspace, and its ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

from local.cli.errors import CommandError

if TYPE_CHECKING:
    from uuid import UUID

SECONDS_PER_ORDER = 0.3
#: Hours in earnest.
GUIDE_AFTER_SECONDS = 1
#: What these sample orders meet, the first time alone. Two end with the same words, and only one of them is shipped.
FAULTS: Final = {
    "A-1007": "answer_lost",  # the portal saves it, and its answer is lost
    "A-1015": "no_answer",  # the portal does not save it, and does not answer
    "A-1019": "refusal",  # the portal refuses it
}


def behave_as_in_the_demo(robot_url: str, workspace: UUID, *, seconds_per_order: float = SECONDS_PER_ORDER) -> None:
    """Give the robot the demo's speed and faults, for this workspace alone.

    Raises:
        CommandError: the robot does not answer.
    """
    settings = {
        "workspaceId": str(workspace),
        "secondsPerOrder": seconds_per_order,
        "secondsPerLookup": seconds_per_order,
        "guideAfterSeconds": GUIDE_AFTER_SECONDS,
    }
    ask("POST", f"{robot_url}/settings", json=settings | {"portalErrorRate": 0, "validationErrorRate": 0, "faults": {}})
    for reference, fault in FAULTS.items():
        ask("POST", f"{robot_url}/force", json={"workspaceId": str(workspace), "order": reference, "fault": fault})


def shipments_of(robot_url: str, workspace: UUID) -> list[dict[str, Any]]:
    """Every shipment that the robot has made for the workspace, from its ledger: for the verdict alone.

    Raises:
        CommandError: the robot does not answer.
    """
    answer = ask("GET", f"{robot_url}/ledger", params={"workspaceId": str(workspace)})
    shipments: list[dict[str, Any]] = answer.json()["shipments"]
    return shipments


def ask(method: str, url: str, **what: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
    """The answer of the simulated robot, or of the portal beside it.

    Raises:
        CommandError: it does not answer as it should.
    """
    try:
        with httpx.Client(trust_env=False) as client:
            return client.request(method, url, **what).raise_for_status()
    except httpx.HTTPError as error:
        raise CommandError(f"The simulated robot at {url} does not answer as it should: {error}.") from error
