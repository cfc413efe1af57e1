"""A workspace with what the demo leaves: orders, a job with failures, and what nobody knows the outcome of."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from local.cli.api import RobotJobsApi
from local.cli.order_files import read_orders
from local.demo.robot import behave_as_in_the_demo
from local.stack.state import Stack
from tests.e2e import steps

ORDERS = Path(__file__).parents[3] / "local" / "samples" / "orders.csv"


@dataclass(frozen=True)
class DemoData:
    """Where it is."""

    workspace: UUID
    job_id: UUID


def set_up(api: RobotJobsApi, stack: Stack, workspace: UUID, *, seconds_per_order: float = 0.02) -> None:
    """Set the carrier's account up, with a robot that behaves as in the demo."""
    steps.configure(api, stack, workspace)
    behave_as_in_the_demo(stack.robot_url, workspace, seconds_per_order=seconds_per_order)


def ship_the_samples(api: RobotJobsApi, stack: Stack, workspace: UUID) -> DemoData:
    """Ship the sample orders once: 20 of 23 are shipped, one failed, of two nobody knows."""
    set_up(api, stack, workspace)
    rows = read_orders(ORDERS, workspace).orders
    api.import_orders([row.body for row in rows])
    made = api.submit([row.id for row in rows], idempotency_key="batch 1")
    steps.wait_until_ended(api, made.job_id)
    return DemoData(workspace, made.job_id)
