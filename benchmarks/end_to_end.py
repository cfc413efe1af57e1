"""500 orders on a local stack of its own, with a robot that takes no time: API, bus, queues, functions, reports.

Then 500 in 20 waves: how long it takes from the last report of a wave to the next hand-over.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg

from benchmarks.measure import RUNS, Bar, Figures, Row
from benchmarks.robot import Robot, robot
from local.cli.api import RobotJobsApi
from local.cli.connection import SCOPES
from local.sample_order import sample_order
from local.stack.down import bring_down
from local.stack.postgres import Postgres
from local.stack.state import Stack
from local.stack.tokens import issue_token
from local.stack.up import ensure_up
from shared.domain.ids import uuid7

_STATE = ".local/bench-stack"
_CARRIER = "coordinadora"
_ORDERS = 500
_WAVES, _WAVE_SIZE = 20, 25
#: Reports under way at a time: with more of them the emulator takes no more a second.
_REPORTERS = 4
#: No run is begun later than this after the first.
_LAST_START_S = 40
_TIMEOUT_S = 60


def run(_server: Postgres) -> Iterator[Row]:
    """Measure."""
    with (
        _stack() as stack,
        psycopg.connect(stack.database_url, autocommit=True) as owner,
        robot(_REPORTERS) as instant,
    ):
        _run(stack, owner, instant, 100)  # Every function has then started, as often as it is needed at a time.
        runs: list[tuple[float, float, float]] = []
        begin = time.monotonic()
        while not runs or (len(runs) < RUNS and time.monotonic() - begin < _LAST_START_S):
            runs.append(_run(stack, owner, instant, _ORDERS))
        _run(stack, owner, instant, _WAVES * _WAVE_SIZE, wave_size=_WAVE_SIZE)
        gaps = [gap * 1000 for (gap,) in owner.execute(_BETWEEN_WAVES, [_WAVES])]
    submitted, ended, rates = (Figures(values) for values in zip(*runs, strict=True))
    yield Row("end-to-end", f"{_ORDERS:,} orders, the request to submit them", "ms", submitted)
    yield Row("end-to-end", f"{_ORDERS:,} orders, submit to completed event", "ms", ended)
    yield Row("end-to-end", "callbacks recorded a second", "reports/s", rates)
    yield Row(
        "end-to-end", f"last report of a wave to the next hand-over, {len(gaps)} times", "ms", Figures(tuple(gaps))
    )
    yield Row("end-to-end", "the longest of them", "ms", Figures((max(gaps),)), bar=Bar("<=", 5_000))


@contextmanager
def _stack() -> Iterator[Stack]:
    before = os.environ.get("ROBOT_JOBS_STATE_DIR")
    os.environ["ROBOT_JOBS_STATE_DIR"] = _STATE
    try:
        yield ensure_up()
    finally:
        bring_down()
        os.environ.pop("ROBOT_JOBS_STATE_DIR")
        if before is not None:
            os.environ["ROBOT_JOBS_STATE_DIR"] = before


def _run(
    stack: Stack, owner: psycopg.Connection, instant: Robot, count: int, wave_size: int = 500
) -> tuple[float, float, float]:
    workspace_id = uuid7()
    with RobotJobsApi(stack.api_url, issue_token(workspace_id, list(SCOPES), 600, None)) as api:
        account = {"portalUsername": "tienda", "portalPassword": "s3cret", "robotUrl": instant.url}
        api.put_carrier_config(_CARRIER, account)
        orders = [sample_order(number) for number in range(count)]
        api.import_orders(orders)
        begin = time.perf_counter()
        api.submit([UUID(order["id"]) for order in orders], carrier=_CARRIER, wave_size=wave_size)
        submitted = time.perf_counter()
        waves = [instant.wait(_TIMEOUT_S) for _ in range(0, count, wave_size)]
        if refused := sum(wave.refused for wave in waves):
            # The robot never reports again, and the job would not end before its deadline.
            raise RuntimeError(f"{refused} of {count} reports were not taken")
        _wait_for_the_event(owner, workspace_id)
        ended = time.perf_counter()
    [(last,)] = owner.execute(_LAST_RECORDED, [workspace_id]).fetchall()
    rate = count / (last.timestamp() - waves[0].first_at)
    return (submitted - begin) * 1000, (ended - begin) * 1000, rate


def _wait_for_the_event(owner: psycopg.Connection, workspace_id: UUID) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while not owner.execute(_IS_PUBLISHED, [workspace_id]).fetchone():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the job has not ended after {_TIMEOUT_S} s")
        time.sleep(0.02)


_IS_PUBLISHED = """
SELECT 1 FROM outbox
 WHERE workspace_id = %s AND detail_type = 'robot/job.completed' AND published_at IS NOT NULL
"""

# Of the job that had so many waves.
_BETWEEN_WAVES = """
SELECT extract(epoch FROM next.claimed_at - max(report.received_at))::float8
  FROM robot_jobs AS job
  JOIN robot_job_dispatches AS next ON next.job_id = job.id AND next.dispatch > 1
  JOIN robot_job_item_attempts AS attempt ON attempt.job_id = job.id AND attempt.dispatch = next.dispatch - 1
  JOIN robot_job_item_reports AS report ON report.item_id = attempt.item_id AND report.dispatch = attempt.dispatch
 WHERE job.dispatch = %s
 GROUP BY next.dispatch, next.claimed_at
"""

_LAST_RECORDED = "SELECT max(received_at) FROM robot_job_item_reports WHERE workspace_id = %s"
