"""An operator who stays in control of a large batch, on the deployed stack and against the simulated robot."""

import io
from uuid import UUID

import pytest
from rich.console import Console

from local.cli.api import RobotJobsApi
from local.demo.robot import ask
from local.demo.waves import run_waves
from local.stack.state import Stack
from tests.e2e import steps

pytestmark = pytest.mark.e2e


def test_a_batch_is_paused_overtaken_and_cancelled_within_the_wave(
    api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    """What `make demo ORDERS=…` shows, with its own verdict."""
    said = io.StringIO()
    assert run_waves(stack, workspace, api, Console(file=said, width=200), 100) == []
    assert "paused; `robot-jobs resume` lets it go on" in said.getvalue()
    assert "orders are cancelled" in said.getvalue()


def test_a_wrong_password_costs_one_wave(api: RobotJobsApi, stack: Stack, workspace: UUID) -> None:
    """The robot says so of each order; after five of them the job is paused, and nothing is lost of the others."""
    steps.configure(api, stack, workspace)
    settings = {"workspaceId": str(workspace), "secondsPerOrder": 0.02, "faults": {}, "portalErrorRate": 0}
    ask("POST", f"{stack.robot_url}/settings", json=settings | {"portalPassword": "another one"})
    made = api.submit(steps.import_orders(api, 20), wave_size=8)
    steps.wait_for(lambda: api.get_job(made.job_id).waiting is not None)
    job = api.get_job(made.job_id)
    assert (job.success_count, job.error_count) == (0, 8)
    assert job.waiting is not None
    assert job.waiting.reason == "paused"
    assert job.waiting.message is not None
    assert "Login fallido" in job.waiting.message
    ask("POST", f"{stack.robot_url}/settings", json=settings | {"portalPassword": None})
    api.resume(made.job_id)
    api.retry(made.job_id)
    ended = steps.wait_until_ended(api, made.job_id)
    assert (ended.status, ended.success_count) == ("completed", 20)
    assert all(len(numbers) == 1 for numbers in steps.ledger(stack, workspace).values())
