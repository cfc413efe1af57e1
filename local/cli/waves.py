"""`robot-jobs pause`, `resume` and `urgent`: an operator who stays in control of a job that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from local.cli.connection import ApiUrl, Token, Workspace, connect
from local.cli.going_on import going_on
from local.cli.retrying import JobId  # noqa: TC001 - typer reads it when the program runs

if TYPE_CHECKING:
    from uuid import UUID

    from local.cli.api import RobotJobsApi


def pause(job_id: JobId, *, api_url: ApiUrl = None, token: Token = None, workspace: Workspace = None) -> None:
    """Start no further wave of a job; the robot finishes the one that it has."""
    with connect(api_url, token, workspace) as api:
        api.pause(job_id)
        wave = api.get_job(job_id).wave
    print("Paused." if wave is None else f"Paused; the robot finishes the {wave.size - wave.reported} orders it has.")


def resume(job_id: JobId, *, api_url: ApiUrl = None, token: Token = None, workspace: Workspace = None) -> None:
    """Let a paused job go on in its turn."""
    with connect(api_url, token, workspace) as api:
        api.resume(job_id)
        _print_state(api, job_id)


def urgent(
    job_id: JobId,
    *,
    normal: Annotated[bool, typer.Option("--normal", help="Back to its place among the others.")] = False,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Let a job go before the others, as soon as the robot has finished the wave it has."""
    with connect(api_url, token, workspace) as api:
        api.prioritise(job_id, "normal" if normal else "urgent")
        _print_state(api, job_id)


def _print_state(api: RobotJobsApi, job_id: UUID) -> None:
    print(going_on(api.get_job(job_id)) or "It goes on.")
