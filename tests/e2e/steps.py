"""Steps of the main job that several tests take."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest

from local.cli.api import RobotJobsApi
from local.cli.models import Job
from local.sample_order import sample_order
from local.stack import aws
from local.stack.deploy import STACK_NAME
from local.stack.state import Stack
from shared.robot import callback_token

JOB_TIMEOUT_S = 60
CARRIER = "coordinadora"


def configure(api: RobotJobsApi, stack: Stack, workspace: UUID, **behaviour: Any) -> None:
    """Set the workspace's account up, and tell the robot how to behave for it."""
    account = {"portalUsername": "tienda", "portalPassword": "s3cret", "robotUrl": stack.robot_url, "isEnabled": True}
    api.put_carrier_config(CARRIER, account)
    settings = {"workspaceId": str(workspace), "secondsPerOrder": 0.02} | behaviour
    httpx.post(f"{stack.robot_url}/settings", json=settings, trust_env=False).raise_for_status()


def import_orders(api: RobotJobsApi, count: int) -> list[UUID]:
    """Import orders that can be shipped, and return their ids."""
    orders = [sample_order(number) for number in range(count)]
    assert api.import_orders(orders) == count
    return [UUID(row["id"]) for row in orders]


def wait_until_ended(api: RobotJobsApi, job_id: UUID) -> Job:
    """Return the job when it has ended."""
    end = time.monotonic() + JOB_TIMEOUT_S
    while not (job := api.get_job(job_id)).has_ended:
        assert time.monotonic() < end, f"the job has not ended after {JOB_TIMEOUT_S} s: {job}"
        time.sleep(0.2)
    return job


def wait_for(holds: Callable[[], bool], timeout_s: float = 30) -> None:
    """Wait until something holds."""
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, f"it does not hold after {timeout_s} s"
        time.sleep(0.2)


def ledger(stack: Stack, workspace: UUID) -> Mapping[UUID, list[str]]:
    """Return the tracking numbers that the robot made, by order."""
    answer = httpx.get(f"{stack.robot_url}/ledger", params={"workspaceId": str(workspace)}, trust_env=False)
    made: dict[UUID, list[str]] = {}
    for shipment in answer.json()["shipments"]:
        made.setdefault(UUID(shipment["orderId"]), []).append(shipment["trackingNumber"])
    return made


def outputs(stack: Stack) -> Mapping[str, str]:
    """Return the outputs of the deployed template."""
    cloud = aws.session().client("cloudformation", endpoint_url=stack.aws_endpoint_url)
    described = cloud.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}


def callback_keys(stack: Stack) -> list[str]:
    """Return the keys that the stack signs callback secrets with."""
    secrets = aws.session().client("secretsmanager", endpoint_url=stack.aws_endpoint_url)
    kept = json.loads(secrets.get_secret_value(SecretId=outputs(stack)["CallbackSecretArn"])["SecretString"])
    return [key for key in (kept["current"], kept["previous"]) if key]


def callback_secret(stack: Stack, job_id: UUID, workspace: UUID, dispatch: int = 1) -> str:
    """Return what the robot gets with a hand-over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(callback_token, "callback_keys", lambda: callback_keys(stack))
        return callback_token.sign_callback_token(job_id=job_id, workspace_id=workspace, dispatch=dispatch)
