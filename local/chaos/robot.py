"""The simulated robot as a chaos run sees it: its faults, its ledger, its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from local.stack.state import Stack

_TIMEOUT_S = 60
#: In earnest a minute.
SECONDS_PER_ORDER = 0.05
#: In earnest hours; long enough that a lookup right after a shipment finds none.
GUIDE_AFTER_S = 3


def ask_robot(stack: Stack, path: str) -> dict[str, Any]:
    """What the robot answers to a GET."""
    answer = httpx.get(f"{stack.robot_url}{path}", trust_env=False, timeout=_TIMEOUT_S)
    return dict(answer.raise_for_status().json())


def set_robot(stack: Stack, settings: Mapping[str, object]) -> None:
    """Tell the robot how to behave from now on."""
    answer = httpx.post(f"{stack.robot_url}/settings", json=settings, trust_env=False, timeout=_TIMEOUT_S)
    answer.raise_for_status()


def resend_reports(stack: Stack, workspace: UUID | None = None) -> int:
    """Let the robot report again what nobody confirmed, of one workspace or of all, as its operator would by hand."""
    body = {} if workspace is None else {"workspaceId": str(workspace)}
    answer = httpx.post(f"{stack.robot_url}/resend", json=body, trust_env=False, timeout=_TIMEOUT_S)
    return int(answer.raise_for_status().json()["resent"])


def restart_robot(stack: Stack, away_s: float = 1) -> None:
    """Restart the robot, as its owner would: whatever it works on dies, and nobody answers for a while."""
    answer = httpx.post(f"{stack.robot_url}/restart", json={"awaySeconds": away_s}, trust_env=False, timeout=_TIMEOUT_S)
    answer.raise_for_status()


def force_fault(stack: Stack, workspace: UUID, order: UUID, fault: str) -> None:
    """Let the robot meet a fault the next time that it works on this order."""
    body = {"order": str(order), "fault": fault, "workspaceId": str(workspace)}
    httpx.post(f"{stack.robot_url}/force", json=body, trust_env=False, timeout=_TIMEOUT_S).raise_for_status()
