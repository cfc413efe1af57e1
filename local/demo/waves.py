"""`make demo ORDERS=500`: a large batch with a brake. Waves, a pause, an urgent job that overtakes, a cancel."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg

from local.cli.errors import CommandError
from local.cli.going_on import going_on
from local.cli.progress import watch_job
from local.cli.tables import jobs_table
from local.demo.robot import ask, shipments_of
from local.demo.tell import CARRIER, tell
from local.sample_order import sample_order
from shared.db.audit import audit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from local.cli.api import RobotJobsApi
    from local.cli.models import Job
    from local.stack.state import Stack

#: A robot that takes a minute an order takes this instead.
SECONDS_PER_ORDER = 0.05
WAVES = 20
MAX_WAVE_SIZE = 500
URGENT = 3
#: The wave in which the batch is paused, and the one in which it is cancelled.
PAUSED_IN, CANCELLED_IN = 2, 4
TIMEOUT_S = 120


def run_waves(stack: Stack, workspace: UUID, api: RobotJobsApi, console: Console, count: int) -> list[str]:
    """Ship a batch of `count` orders with an operator who stays in control, and return what went wrong.

    Raises:
        CommandError: the API, the robot or a step takes too long, or refuses.
    """
    settings = {"workspaceId": str(workspace), "secondsPerOrder": SECONDS_PER_ORDER, "faults": {}}
    ask("POST", f"{stack.robot_url}/settings", json=settings | {"portalErrorRate": 0, "validationErrorRate": 0})
    orders = [sample_order(number) for number in range(count + URGENT)]
    account = {"portalUsername": "demo", "portalPassword": secrets.token_urlsafe(), "robotUrl": stack.robot_url}
    api.put_carrier_config(CARRIER, account | {"isEnabled": True})
    api.import_orders(orders)
    ids = [UUID(order["id"]) for order in orders]
    size = min(MAX_WAVE_SIZE, max(1, count // WAVES))

    tell(console, f"Submit {count} orders, in waves of {size}")
    batch = api.submit(ids[:count], wave_size=size).job_id
    _wait(api, batch, lambda job: _is_out(job, PAUSED_IN), "a wave at the robot", console)

    tell(console, f"Pause it while wave {PAUSED_IN} is with the robot")
    api.pause(batch)
    _wait(api, batch, lambda job: job.waiting is not None, "a standstill", console)

    tell(console, f"Submit {URGENT} urgent orders, and let the batch go on")
    urgent = api.submit(ids[count:], priority="urgent").job_id
    api.resume(batch)
    first = watch_job(api, urgent, console, timeout_s=TIMEOUT_S)
    console.print(f"The urgent job has ended; the batch: {_line(api.get_job(batch))}")

    tell(console, f"Cancel it in wave {CANCELLED_IN}")
    _wait(api, batch, lambda job: _is_out(job, CANCELLED_IN), "the next waves", console)
    console.print(f"{api.cancel(batch)} orders are cancelled; the robot finishes those that it has.")
    last = watch_job(api, batch, console, timeout_s=TIMEOUT_S)
    console.print(jobs_table([last, first]))
    return _faults(stack, workspace, [first, last], size, console)


def _is_out(job: Job, wave: int) -> bool:
    return job.has_ended or (job.wave is not None and job.wave.dispatch >= wave)


def _wait(api: RobotJobsApi, job_id: UUID, reached: Callable[[Job], bool], what: str, console: Console) -> None:
    until = time.monotonic() + TIMEOUT_S
    while not reached(job := api.get_job(job_id)):
        if time.monotonic() > until:
            raise CommandError(f"Waited {TIMEOUT_S} s for {what} of job {job_id}; it is {_line(job)}.")
        time.sleep(0.1)
    console.print(_line(job))


def _line(job: Job) -> str:
    return f"{job.success_count} of {job.total_items} shipped; {going_on(job) or job.status}"


def _faults(stack: Stack, workspace: UUID, jobs: Sequence[Job], size: int, console: Console) -> list[str]:
    tell(console, "Check")
    shipped = [each["orderId"] for each in shipments_of(stack.robot_url, workspace)]
    faults = [
        f"order {order} was shipped {shipped.count(order)} times" for order in set(shipped) if shipped.count(order) > 1
    ]
    if len(shipped) != (told := sum(job.success_count for job in jobs)):
        faults.append(f"the robot made {len(shipped)} shipments, the jobs tell of {told}")
    urgent, batch = jobs
    if urgent.success_count != URGENT:
        faults.append(f"{urgent.success_count} of {URGENT} urgent orders were shipped")
    if not CANCELLED_IN - 1 <= batch.success_count / size <= CANCELLED_IN + 1:
        faults.append(f"the cancel did not take effect within a wave: {batch.success_count} were shipped")
    with psycopg.connect(stack.database_url, autocommit=True) as owner:
        faults += [finding.sentence for finding in audit(owner, workspace_id=workspace)]
    if not faults:
        console.print(f"All {len(shipped)} shipments exist exactly once. The audit finds nothing wrong.", style="green")
    return faults
