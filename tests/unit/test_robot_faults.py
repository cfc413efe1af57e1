"""What can go wrong with the simulated robot on purpose."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from local.robot.ledger import Ledger
from local.robot.robot import Robot
from local.robot.server import RobotServer
from local.robot.settings import Settings
from tests.unit.test_robot import PEDIDO, Receiver, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = "/api/crear-pedidos-batch"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def robot() -> Iterator[RobotServer]:
    with RobotServer("127.0.0.1", 0, Robot(Ledger(), Settings(seconds_per_order=0))) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def set_faults(robot: RobotServer, **faults: float) -> None:
    httpx.post(f"{robot.url}/settings", json={"faults": faults}, trust_env=False).raise_for_status()


def hand_over(robot: RobotServer, receiver: Receiver, *, orders: int = 3, job_id: str | None = None) -> httpx.Response:
    job_id = job_id or str(uuid4())
    body = {
        "workspaceId": "w",
        "jobId": job_id,
        "credentials": {"username": "u", "password": "p"},
        "callbackUrl": receiver.url,
        "callbackSecret": f"secret of {job_id}",
        "orders": [{"itemId": str(uuid4()), "orderId": str(uuid4()), "pedidoInput": PEDIDO} for _ in range(orders)],
    }
    return httpx.post(robot.url + BATCH, json=body, trust_env=False)


def journal(robot: RobotServer) -> dict[str, Any]:
    return dict(httpx.get(f"{robot.url}/journal", trust_env=False).json())


def wait_until_idle(robot: RobotServer) -> None:
    wait_until(lambda: bool(journal(robot)["idle"]))


def numbers(receiver: Receiver) -> list[str]:
    return [report["trackingNumber"] for report in receiver.reports]


def test_without_faults_each_order_is_reported_once(robot: RobotServer, receiver: Receiver) -> None:
    assert hand_over(robot, receiver).status_code == 200
    wait_until_idle(robot)
    assert numbers(receiver) == [made.tracking_number for made in robot.robot.ledger.shipments()]
    assert [asked["taken"] for asked in journal(robot)["asked"]] == ["accepted"]
    assert [reported["answer"] for reported in journal(robot)["reported"]] == [202] * 3


def test_it_refuses_for_now(robot: RobotServer, receiver: Receiver) -> None:
    set_faults(robot, refuseRate=1)
    assert {hand_over(robot, receiver).status_code for _ in range(30)} == {409, 429, 503}
    assert robot.robot.ledger.shipments() == []


def test_it_answers_500_and_ships_all_the_same(robot: RobotServer, receiver: Receiver) -> None:
    set_faults(robot, failAfterAcceptRate=1)
    assert hand_over(robot, receiver).status_code == 500
    wait_until_idle(robot)
    assert len(numbers(receiver)) == 3


def test_it_hangs_and_ships_meanwhile(robot: RobotServer, receiver: Receiver) -> None:
    set_faults(robot, hangRate=1, hangSeconds=0.3)
    began = time.monotonic()
    assert hand_over(robot, receiver).status_code == 200
    assert time.monotonic() - began >= 0.3
    wait_until_idle(robot)
    assert len(numbers(receiver)) == 3


def test_it_reports_twice(robot: RobotServer, receiver: Receiver) -> None:
    set_faults(robot, repeatRate=1)
    hand_over(robot, receiver)
    wait_until_idle(robot)
    made = [each.tracking_number for each in robot.robot.ledger.shipments()]
    assert sorted(numbers(receiver)) == sorted(made * 2)


def test_it_reports_in_another_order(robot: RobotServer, receiver: Receiver) -> None:
    set_faults(robot, reorderRate=1)
    hand_over(robot, receiver)
    wait_until_idle(robot)
    assert numbers(receiver) == [each.tracking_number for each in reversed(robot.robot.ledger.shipments())]


def test_it_reports_late(robot: RobotServer, receiver: Receiver) -> None:
    set_faults(robot, lateRate=1, lateSeconds=2)
    hand_over(robot, receiver)
    wait_until(lambda: len(robot.robot.ledger.shipments()) == 3)
    assert numbers(receiver) == []
    assert not journal(robot)["idle"]
    wait_until_idle(robot)
    assert len(numbers(receiver)) == 3


def test_it_reports_another_jobs_items(robot: RobotServer, receiver: Receiver) -> None:
    hand_over(robot, receiver)
    wait_until_idle(robot)
    first = {report["itemId"] for report in receiver.reports}
    set_faults(robot, foreignRate=1)
    hand_over(robot, receiver, orders=1)
    wait_until_idle(robot)
    made_up, real = receiver.reports[3:]
    assert made_up["itemId"] in first
    assert real["itemId"] not in first
    assert receiver.secrets[3] == receiver.secrets[4] != receiver.secrets[0]
    assert made_up["trackingNumber"] not in {each.tracking_number for each in robot.robot.ledger.shipments()}


def test_it_crashes_after_a_shipment_and_forgets_the_job(robot: RobotServer, receiver: Receiver) -> None:
    set_faults(robot, crashRate=1)
    hand_over(robot, receiver, job_id="j")
    wait_until_idle(robot)
    assert len(robot.robot.ledger.shipments()) == 1
    assert numbers(receiver) == []
    assert [crash["job_id"] for crash in journal(robot)["crashes"]] == ["j"]
    set_faults(robot)
    hand_over(robot, receiver, job_id="j")
    wait_until_idle(robot)
    assert len(robot.robot.ledger.shipments()) == 4
    assert [asked["taken"] for asked in journal(robot)["asked"]] == ["accepted", "accepted"]


def test_what_nobody_confirmed_is_reported_again_by_hand(robot: RobotServer, receiver: Receiver) -> None:
    receiver.status = 503
    hand_over(robot, receiver, orders=1)
    wait_until_idle(robot)
    receiver.status = 202
    stranger = {"workspaceId": "another"}
    assert httpx.post(f"{robot.url}/resend", json=stranger, trust_env=False).json() == {"resent": 0}
    assert httpx.post(f"{robot.url}/resend", json={}, trust_env=False).json() == {"resent": 1}
    assert httpx.post(f"{robot.url}/resend", json={}, trust_env=False).json() == {"resent": 0}
    assert len(numbers(receiver)) == 2
