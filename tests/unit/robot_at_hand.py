"""A simulated robot over real HTTP, with somebody who listens to its reports."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from local.robot.ledger import Ledger
from local.robot.robot import Robot
from local.robot.server import RobotServer
from local.robot.settings import Settings
from tests.unit.test_robot import BATCH, PEDIDO, Receiver, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOKUP = "/api/buscar-guias"
WORKSPACE = "w"


def order(reference: str = "A-1", **pedido: Any) -> dict[str, Any]:
    """Return one order of a hand-over; its ids tell its reference."""
    return {
        "itemId": f"item of {reference}",
        "orderId": f"order {reference}",
        "pedidoInput": PEDIDO | {"referencia": reference} | pedido,
    }


class RobotAtHand:
    """What a robot can be asked, and what it reported."""

    def __init__(self, client: httpx.Client, receiver: Receiver) -> None:
        self._client = client
        self._receiver = receiver

    @property
    def host(self) -> tuple[str, int]:
        """Where it listens."""
        return self._client.base_url.host, self._client.base_url.port or 80

    @property
    def reports(self) -> list[dict[str, Any]]:
        """Every report, in the order in which they came."""
        return self._receiver.reports

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Return what a GET answers."""
        return dict(self._client.get(path, params=query).raise_for_status().json())

    def ask(self, method: str, path: str, **what: Any) -> httpx.Response:
        """Ask anything, and return the answer whatever it is."""
        return self._client.request(method, path, **what)

    def tell(self, path: str, **body: Any) -> dict[str, Any]:
        """Return what a POST answers."""
        return dict(self._client.post(path, json=body).raise_for_status().json())

    def refuse_reports(self, status: int) -> None:
        """Answer the reports that come from now on with this status."""
        self._receiver.status = status

    def hand_over(
        self, *orders: dict[str, Any], workspace: str = WORKSPACE, job: str | None = None, password: str | None = None
    ) -> httpx.Response:
        """Hand orders over, and return the robot's answer."""
        return self._client.post(BATCH, json=self._task(workspace, job, password) | {"orders": list(orders)})

    def ship(self, *orders: dict[str, Any], **task: Any) -> list[dict[str, Any]]:
        """Hand orders over, and return what was reported when the robot is idle again."""
        before = len(self.reports)
        assert self.hand_over(*orders, **task).status_code == 200
        self.wait_until_idle()
        return self.reports[before:]

    def look_up(
        self, *numbers: str, workspace: str = WORKSPACE, job: str | None = None, password: str | None = None
    ) -> httpx.Response:
        """Ask for guides, and return the robot's answer."""
        asked = [
            {"itemId": f"lookup of {number}", "orderId": f"order of {number}", "pedidoNumber": number}
            for number in numbers
        ]
        return self._client.post(LOOKUP, json=self._task(workspace, job, password) | {"pedidoNumbers": asked})

    def find_guides(self, *numbers: str, **task: Any) -> list[dict[str, Any]]:
        """Ask for guides, and return what was reported when the robot is idle again."""
        before = len(self.reports)
        assert self.look_up(*numbers, **task).status_code == 200
        self.wait_until_idle()
        return self.reports[before:]

    def wait_until_idle(self) -> None:
        """Wait until nothing is worked on and no report is on its way."""
        wait_until(lambda: bool(self.get("/journal")["idle"]))

    def made(self) -> dict[str, str]:
        """Return the ledger: the item that each number was made for."""
        return {made["trackingNumber"]: made["itemId"] for made in self.get("/ledger")["shipments"]}

    def numbers_in_portal(self, reference: str) -> list[str]:
        """Return what a person finds who searches for a reference."""
        return [pedido["numero"] for pedido in self.get("/portal/pedidos", referencia=reference)["pedidos"]]

    def _task(self, workspace: str, job: str | None, password: str | None) -> dict[str, Any]:
        return {
            "workspaceId": workspace,
            "jobId": job or str(uuid4()),
            "credentials": {"username": "u", "password": password or "p"},
            "callbackUrl": self._receiver.url,
            "callbackSecret": "secret",
        }


@contextmanager
def robot_at_hand() -> Iterator[RobotAtHand]:
    """Run a robot that takes no time, and a receiver of its reports."""
    robot = Robot(Ledger(), Settings(seconds_per_order=0, seconds_per_lookup=0))
    with Receiver() as receiver, RobotServer("127.0.0.1", 0, robot) as server:
        for each in (receiver, server):
            threading.Thread(target=each.serve_forever, args=(0.01,), daemon=True).start()
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            yield RobotAtHand(client, receiver)
        server.shutdown()
        receiver.shutdown()
