"""The simulated robot over real HTTP: it keeps the contract of robots that can't be changed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from local.robot.ledger import Ledger
from local.robot.robot import Robot
from local.robot.server import RobotServer
from local.robot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_S = 10
BATCH = "/api/crear-pedidos-batch"
PEDIDO = {
    "identificacion": "1020745318",
    "nombres": "Valentina",
    "apellidos": "Rojas",
    "direccion": "Calle 72 # 10-34",
    "ciudad": "BOGOTA (C/MARCA)",
    "departamento": "C/MARCA",
    "celular": "3104528817",
    "email": "",
    "referencia": "A-1",
    "unidades": 1,
    "totalConIva": 189900,
    "valorDeclarado": 50000,
    "esRecaudoContraentrega": True,
    "peso": 1.5,
    "alto": 10,
    "largo": 10,
    "ancho": 10,
}


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


class Receiver(ThreadingHTTPServer):
    """Collects what the robot reports and answers with the status that a test sets."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ReceiverHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/robot-callbacks"
        self.reports: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.status = 202


class _ReceiverHandler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.secrets.append(self.headers["X-Callback-Secret"])
        self.server.reports.append(json.loads(self.rfile.read(length)))
        self.send_response(self.server.status)
        self.send_header("Location", self.server.url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield from (server for _ in serving(server))


@pytest.fixture
def robot() -> Iterator[httpx.Client]:
    server = RobotServer("127.0.0.1", 0, Robot(Ledger(), Settings(seconds_per_order=0)))
    for _ in serving(server):
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            yield client


def batch(receiver: Receiver, count: int = 3, **changes: Any) -> dict[str, Any]:
    return {
        "workspaceId": str(uuid4()),
        "jobId": str(uuid4()),
        "credentials": {"username": "operator", "password": "portal-password"},
        "callbackUrl": receiver.url,
        "callbackSecret": "the.signed.token",
        "orders": [{"itemId": str(uuid4()), "orderId": str(uuid4()), "pedidoInput": PEDIDO} for _ in range(count)],
    } | changes


def ledger(robot: httpx.Client, workspace_id: str | None = None) -> list[dict[str, Any]]:
    params = {"workspaceId": workspace_id} if workspace_id else {}
    shipments: list[dict[str, Any]] = robot.get("/ledger", params=params).json()["shipments"]
    return shipments


def slow_down(robot: httpx.Client, seconds_per_order: float) -> None:
    robot.post("/settings", json={"secondsPerOrder": seconds_per_order}).raise_for_status()


def outcomes(robot: httpx.Client, receiver: Receiver, orders: int) -> list[str]:
    before = len(receiver.reports)
    robot.post(BATCH, json=batch(receiver, orders)).raise_for_status()
    wait_until(lambda: len(receiver.reports) == before + orders)
    return [report.get("errorType", report["status"]) for report in receiver.reports[before:]]


def test_each_order_becomes_one_shipment_and_one_report(robot: httpx.Client, receiver: Receiver) -> None:
    sent = batch(receiver)
    answer = robot.post(BATCH, json=sent)
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "jobId": sent["jobId"], "message": "3 orders received"}
    wait_until(lambda: len(receiver.reports) == 3)
    made = ledger(robot)
    assert [shipment["orderId"] for shipment in made] == [order["orderId"] for order in sent["orders"]]
    assert {shipment["jobId"] for shipment in made} == {sent["jobId"]}
    assert receiver.reports == [
        {"itemId": shipment["itemId"], "status": "success", "trackingNumber": shipment["trackingNumber"]}
        for shipment in made
    ]
    assert len({shipment["trackingNumber"] for shipment in made}) == 3
    assert receiver.secrets == ["the.signed.token"] * 3


@pytest.mark.parametrize("status", [500, 401, 307])
def test_a_report_is_sent_once_whatever_the_answer(robot: httpx.Client, receiver: Receiver, status: int) -> None:
    receiver.status = status
    first = batch(receiver)
    robot.post(BATCH, json=first)
    wait_until(lambda: len(receiver.reports) == 3)
    # The next batch of the workspace is taken only after the first one is done with.
    wait_until(lambda: robot.post(BATCH, json=first | {"jobId": str(uuid4())}).status_code == 200)
    assert [report["itemId"] for report in receiver.reports[:3]] == [order["itemId"] for order in first["orders"]]
    wait_until(lambda: len(receiver.reports) == 6)


def test_nobody_listening_does_not_stop_the_batch(robot: httpx.Client, receiver: Receiver) -> None:
    robot.post(BATCH, json=batch(receiver, callbackUrl="http://127.0.0.1:1/robot-callbacks"))
    wait_until(lambda: len(ledger(robot)) == 3)


def test_a_second_batch_of_a_busy_workspace_is_409(robot: httpx.Client, receiver: Receiver) -> None:
    slow_down(robot, 0.2)
    first = batch(receiver)
    assert robot.post(BATCH, json=first).status_code == 200
    second = first | {"jobId": str(uuid4())}
    busy = robot.post(BATCH, json=second)
    assert busy.status_code == 409
    assert busy.json()["success"] is False
    assert robot.post(BATCH, json=batch(receiver, count=1)).status_code == 200, "another workspace"
    wait_until(lambda: robot.post(BATCH, json=second).status_code == 200)
    assert len(ledger(robot, first["workspaceId"])) == 3, "only after the first one ended"


def test_a_job_seen_before_is_200_without_work(robot: httpx.Client, receiver: Receiver) -> None:
    slow_down(robot, 0.05)
    sent = batch(receiver)
    robot.post(BATCH, json=sent)
    while_busy = robot.post(BATCH, json=sent)
    wait_until(lambda: len(receiver.reports) == 3)
    afterwards = robot.post(BATCH, json=sent)
    for answer in (while_busy, afterwards):
        assert answer.status_code == 200
        assert answer.json()["success"] is True
    again = sent | {"jobId": f"{sent['jobId']}.2"}
    wait_until(lambda: robot.post(BATCH, json=again).status_code == 200)
    wait_until(lambda: len(receiver.reports) == 6)
    assert len(ledger(robot)) == 6, "three of the first dispatch, three of the second, none of the repeats"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workspaceId": None}, "workspaceId: Input should be a valid string"),
        ({"jobId": ""}, "jobId: String should have at least 1 character"),
        ({"credentials": {"username": "operator"}}, "credentials.password: Field required"),
        ({"callbackUrl": "ftp://example.com"}, "callbackUrl: URL scheme should be 'http' or 'https'"),
        ({"callbackSecret": 5}, "callbackSecret: Input should be a valid string"),
        ({"orders": []}, "orders: List should have at least 1 item"),
        ({"orders": [{"orderId": "o", "pedidoInput": {}}]}, "orders.0.itemId: Field required"),
    ],
)
def test_a_malformed_batch_is_400_in_words(
    robot: httpx.Client, receiver: Receiver, changes: dict[str, Any], words: str
) -> None:
    answer = robot.post(BATCH, json=batch(receiver, **changes))
    assert answer.status_code == 400
    assert words in answer.json()["message"]
    assert ledger(robot) == []


def test_what_is_no_json_is_400_and_what_is_too_large_413(robot: httpx.Client) -> None:
    assert robot.post(BATCH, content=b"{not json").status_code == 400
    assert robot.post(BATCH, content=b"x" * 5_000_001).status_code == 413
    assert robot.post("/elsewhere", json={}).status_code == 404
    assert robot.get("/elsewhere").status_code == 404
    assert robot.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ciudad": "BOGOTA"}, "ciudad: String should match"),
        ({"celular": "+57 310"}, "celular: String should match"),
        ({"direccion": " "}, "direccion: String should have at least 1 character"),
        ({"unidades": "1"}, "unidades: Input should be a valid integer"),
    ],
)
def test_what_the_portal_can_not_use_is_a_validation_error(
    robot: httpx.Client, receiver: Receiver, changes: dict[str, Any], words: str
) -> None:
    sent = batch(receiver, count=2)
    sent["orders"][0]["pedidoInput"] = PEDIDO | changes
    robot.post(BATCH, json=sent)
    wait_until(lambda: len(receiver.reports) == 2)
    refused, accepted = receiver.reports
    assert (refused["status"], refused["errorType"]) == ("error", "validation")
    assert refused["errorMessage"].startswith(words)
    assert accepted["status"] == "success"
    assert [shipment["itemId"] for shipment in ledger(robot)] == [accepted["itemId"]]


def test_a_seed_gives_every_workspace_the_same_outcomes(robot: httpx.Client, receiver: Receiver) -> None:
    settings = {"portalErrorRate": 0.3, "validationErrorRate": 0.3, "seed": 7}
    robot.post("/settings", json=settings).raise_for_status()
    first = outcomes(robot, receiver, 40)
    assert outcomes(robot, receiver, 40) == first
    assert set(first) == {"success", "portal", "validation"}
    robot.post("/settings", json={"seed": 8}).raise_for_status()
    assert outcomes(robot, receiver, 40) != first


def test_settings_can_be_one_workspaces_own(robot: httpx.Client, receiver: Receiver) -> None:
    unlucky, lucky = batch(receiver), batch(receiver)
    change = {"workspaceId": unlucky["workspaceId"], "portalErrorRate": 1}
    assert robot.post("/settings", json=change).json() == {
        "secondsPerOrder": 0,
        "secondsPerLogin": 0,
        "secondsPerLookup": 0.2,
        "guideAfterSeconds": 60,
        "portalErrorRate": 1,
        "validationErrorRate": 0,
        "seed": 0,
    }
    robot.post(BATCH, json=unlucky)
    robot.post(BATCH, json=lucky)
    wait_until(lambda: len(receiver.reports) == 6)
    assert {shipment["workspaceId"] for shipment in ledger(robot)} == {lucky["workspaceId"]}
    assert robot.post("/settings", json={"portalErrorRate": 2}).status_code == 400
    assert robot.post("/settings", json={"speed": 2}).status_code == 400


@pytest.fixture
def start_robot(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], str]]]:
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "local.robot", "--seconds-per-order", "0"]
        process = subprocess.Popen(  # noqa: S603 - the command is this test's own
            [*command, "--ledger", str(tmp_path / "ledger.jsonl")],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().removeprefix("The robot listens on ").strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_ledger_outlives_a_killed_robot(
    start_robot: Callable[[], tuple[subprocess.Popen[str], str]], receiver: Receiver
) -> None:
    process, url = start_robot()
    sent = batch(receiver)
    httpx.post(url + BATCH, json=sent, trust_env=False).raise_for_status()
    wait_until(lambda: len(receiver.reports) == 3)
    process.kill()
    process.wait()

    _, url = start_robot()
    with httpx.Client(base_url=url, trust_env=False) as robot:
        assert [made["itemId"] for made in ledger(robot)] == [order["itemId"] for order in sent["orders"]]
        robot.post(BATCH, json=batch(receiver)).raise_for_status()
        wait_until(lambda: len(ledger(robot)) == 6)
        assert len({made["trackingNumber"] for made in ledger(robot)}) == 6


def test_a_robot_that_can_not_start_says_why(tmp_path: Path) -> None:
    torn = tmp_path / "ledger.jsonl"
    torn.write_text('{"workspaceId": \n')
    for arguments, words in (
        (["--ledger", str(torn)], "ledger.jsonl line 1 is no shipment"),
        (["--portal-error-rate", "2"], "portal_error_rate: Input should be less than or equal to 1"),
        (["--host", "192.0.2.1"], "can't start on 192.0.2.1"),
    ):
        command = [sys.executable, "-m", "local.robot", *arguments]
        ended = subprocess.run(  # noqa: S603 - the command is this test's own
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        assert ended.returncode == 1
        assert words in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
