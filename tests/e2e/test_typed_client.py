"""Somebody else's program does the main job by the client that is generated from the description of the API."""

import json
from uuid import UUID

import pytest

from local.cli.api import RobotJobsApi
from local.stack.state import Stack
from tests.e2e import steps
from tests.e2e.conftest import token
from tests.typed_client import PROGRAM, client_python, generated_client, run

pytestmark = pytest.mark.e2e


def test_the_main_job_is_done_and_each_refusal_has_its_type(api: RobotJobsApi, stack: Stack, workspace: UUID) -> None:
    steps.configure(api, stack, workspace)
    arguments = (stack.api_url, token(workspace), stack.robot_url)
    seen = json.loads(run(client_python(), PROGRAM, *arguments, PYTHONPATH=str(generated_client())))
    numbers = sorted(number for made in steps.ledger(stack, workspace).values() for number in made)
    assert seen.pop("numberOfOrder") in numbers
    assert seen == {
        "imported": 3,
        "existingJobId": True,
        "status": "completed",
        "counts": 3,
        "numbers": numbers,
        "attempts": ["accepted"],
        "jobs": 1,
        "unauthorized": True,
    }
