"""Steps of the main job that several tests take."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx

from local.cli.api import RobotJobsApi
from local.cli.models import Job
from local.stack.state import Stack
from shared.domain.ids import uuid7

JOB_TIMEOUT_S = 60
CARRIER = "coordinadora"


def configure(api: RobotJobsApi, stack: Stack, workspace: UUID, **behaviour: Any) -> None:
    """Set the workspace's account up, and tell the robot how to behave for it."""
    account = {"portalUsername": "tienda", "portalPassword": "s3cret", "robotUrl": stack.robot_url, "isEnabled": True}
    api.put_carrier_config(CARRIER, account)
    settings = {"workspaceId": str(workspace), "secondsPerOrder": 0.02} | behaviour
    httpx.post(f"{stack.robot_url}/settings", json=settings, trust_env=False).raise_for_status()


def order(number: int, **fields: Any) -> dict[str, Any]:
    """Return an order that can be shipped, as `POST /orders` takes it."""
    return {
        "id": str(uuid7()),
        "name": f"P-{number}",
        "totalValue": 90000,
        "prepaid": True,
        "shippingAddress": f"Calle {number} # 10-20",
        "shippingCity": "Medellín",
        "shippingDepartment": "Antioquia",
        "contact": {"name": "Luz Marina Ospina", "phone": "3004567890", "identification": "43567890"},
    } | fields


def import_orders(api: RobotJobsApi, count: int) -> list[UUID]:
    """Import orders that can be shipped, and return their ids."""
    orders = [order(number) for number in range(count)]
    assert api.import_orders(orders) == count
    return [UUID(row["id"]) for row in orders]


def wait_until_ended(api: RobotJobsApi, job_id: UUID) -> Job:
    """Return the job when it has ended."""
    end = time.monotonic() + JOB_TIMEOUT_S
    while not (job := api.get_job(job_id)).has_ended:
        assert time.monotonic() < end, f"the job has not ended after {JOB_TIMEOUT_S} s: {job}"
        time.sleep(0.2)
    return job


def ledger(stack: Stack, workspace: UUID) -> Mapping[UUID, list[str]]:
    """Return the tracking numbers that the robot made, by order."""
    answer = httpx.get(f"{stack.robot_url}/ledger", params={"workspaceId": str(workspace)}, trust_env=False)
    made: dict[UUID, list[str]] = {}
    for shipment in answer.json()["shipments"]:
        made.setdefault(UUID(shipment["orderId"]), []).append(shipment["trackingNumber"])
    return made
