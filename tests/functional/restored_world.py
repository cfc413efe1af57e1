"""A workspace, its robot and its carrier; the database can be set back to an earlier moment, and they can not."""

from __future__ import annotations

import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import httpx
import psycopg
from psycopg import sql

from local.robot.ledger import Ledger
from local.robot.robot import Robot
from local.robot.server import RobotServer
from local.robot.settings import Settings
from local.stack.postgres import programs
from shared.db.connection import close_connection
from shared.domain import (
    DomainContext,
    UpdateJobItemResultParams,
    expire_dispatches,
    update_job_item_result,
)
from shared.events import JobSubmitted
from shared.robot.callback_token import verify_callback_token
from shared.workflow.hand_over import hand_over
from tests.factories import data_of, make_orders
from tests.unit.test_robot import Receiver, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from local.stack.postgres import Postgres


@dataclass
class World:
    """What the workspace has, by the names of its orders."""

    postgres: Postgres
    patch: pytest.MonkeyPatch
    database: str
    ctx: DomainContext
    robot: Robot
    robot_url: str
    receiver: Receiver
    orders: dict[str, UUID] = field(default_factory=dict)
    recorded: int = 0

    def connect(self, database: str, role: str = "robot_jobs_app") -> None:
        """Have the program use this database from now on."""
        close_connection()
        self.database = database
        self.patch.setenv("DATABASE_URL", self.postgres.url(database, role))

    def expire(self) -> None:
        """Do what the schedule does each minute."""
        self.connect(self.database, "robot_jobs_system")
        expire_dispatches()
        self.connect(self.database)

    def owner(self) -> psycopg.Connection:
        """Connect as who sees everything."""
        return psycopg.connect(self.postgres.url(self.database), autocommit=True)

    def order(self, name: str) -> UUID:
        """Make an order of this name."""
        with self.owner() as conn:
            [self.orders[name]] = make_orders(conn, self.ctx.workspace_id, 1, name=name)
        return self.orders[name]

    def force(self, name: str, fault: str, times: int = 1) -> None:
        """Have the robot fail with an order, the next times."""
        body = {"order": name, "fault": fault, "times": times}
        httpx.post(f"{self.robot_url}/force", json=body, trust_env=False).raise_for_status()

    def hand_over_called(self) -> bool:
        """Do what the event of the wave in turn asks for, and tell whether there was one."""
        with self.owner() as conn:
            found = conn.execute(_CALLED, [self.ctx.workspace_id]).fetchone()
        if found is None:
            return False
        self.deliver(*found)
        return True

    def deliver(self, job_id: UUID, dispatch: int) -> None:
        """Deliver the event that asks for a hand-over, and let the robot work until it is idle."""
        hand_over(
            JobSubmitted(
                job_id=job_id,
                workspace_id=self.ctx.workspace_id,
                carrier="coordinadora",
                dispatch=dispatch,
                orders=[],
            )
        )
        wait_until(lambda: self.robot.is_idle)

    def waves(self) -> list[tuple[UUID, int]]:
        """Return every wave that the database knows of."""
        with self.owner() as conn:
            return conn.execute(_WAVES, [self.ctx.workspace_id]).fetchall()

    def record(self) -> None:
        """Record what the robot has reported since the last time."""
        for report, secret in zip(
            self.receiver.reports[self.recorded :], self.receiver.secrets[self.recorded :], strict=True
        ):
            claims = verify_callback_token(secret or "")
            params = UpdateJobItemResultParams(
                UUID(report["itemId"]),
                report["status"],
                report.get("trackingNumber"),
                error_type=report.get("errorType"),
                error_message=report.get("errorMessage"),
                dispatch=claims.dispatch,
                job_id=claims.job_id,
            )
            data_of(update_job_item_result(self.ctx, params))
        self.recorded = len(self.receiver.reports)

    def go_on(self) -> None:
        """Hand over and record until nothing waits."""
        self.record()
        while self.hand_over_called():
            self.record()

    def in_portal(self) -> dict[str, list[str]]:
        """Return the numbers at the carrier that stand, by the order's name."""
        found: dict[str, list[str]] = {name: [] for name in self.orders}
        for pedido in self.robot.portal.pedidos(str(self.ctx.workspace_id), None):
            found[pedido.referencia].append(pedido.numero)
        return found

    @contextmanager
    def restored(self, dump: Path) -> Iterator[None]:
        """Use a database that is made of a dump."""
        name = f"restored_{uuid4().hex}"
        with psycopg.connect(self.postgres.url(), autocommit=True) as conn:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                run("pg_restore", "--dbname", self.postgres.url(name), str(dump))
                self.connect(name)
                yield
            finally:
                close_connection()
                conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def dump(self, file: Path) -> Path:
        """Keep the database as it is now, as a backup does."""
        run("pg_dump", "--format", "custom", "--file", str(file), self.postgres.url(self.database))
        return file


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs."""
    command = [str(programs() / program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a test's own words
    assert done.returncode == 0, done.stderr


@contextmanager
def world(postgres: Postgres, patch: pytest.MonkeyPatch, database: str, ctx: DomainContext) -> Iterator[World]:
    """Give a workspace whose robot is at work."""
    robot = Robot(Ledger(), Settings(seconds_per_order=0))
    with Receiver() as receiver, RobotServer("127.0.0.1", 0, robot) as server:
        for each in (receiver, server):
            threading.Thread(target=each.serve_forever, args=(0.01,), daemon=True).start()
        patch.setenv("CALLBACK_URL", receiver.url)
        patch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "true")
        yield World(postgres, patch, database, ctx, robot, server.url, receiver)
        server.shutdown()
        receiver.shutdown()


_CALLED = """
SELECT job_id, dispatch FROM robot_job_dispatches
 WHERE workspace_id = %s AND status = 'waiting' AND called_at IS NOT NULL
"""

_WAVES = "SELECT job_id, dispatch FROM robot_job_dispatches WHERE workspace_id = %s ORDER BY job_id, dispatch"
