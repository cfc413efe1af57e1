"""The robot's locks and memory, and a restart that loses them."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from tests.unit.robot_at_hand import RobotAtHand, order, robot_at_hand
from tests.unit.test_robot import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def robot() -> Iterator[RobotAtHand]:
    with robot_at_hand() as robot:
        yield robot


def uptime(robot: RobotAtHand) -> float:
    return float(robot.get("/api/health")["uptime"])


def test_an_order_that_another_batch_has_in_work_is_refused(robot: RobotAtHand) -> None:
    robot.tell("/settings", secondsPerOrder=1)
    robot.hand_over(order("A-1"), workspace="one")
    robot.hand_over(order("A-1"), order("A-2"), workspace="two")
    robot.wait_until_idle()
    [refused] = [report for report in robot.reports if report["status"] == "error"]
    assert refused == {
        "itemId": "item of A-1",
        "status": "error",
        "errorType": "validation",
        "errorMessage": "Pedido ya en proceso",
    }
    assert sorted(robot.made().values()) == ["item of A-1", "item of A-2"]
    robot.tell("/settings", secondsPerOrder=0)
    assert robot.ship(order("A-1"), workspace="two")[0]["status"] == "success", "the lock was given back"


def test_a_job_seen_before_gets_the_answer_of_then(robot: RobotAtHand) -> None:
    first = robot.hand_over(order(), job="j").json()
    robot.wait_until_idle()
    assert robot.hand_over(order("A-1"), order("A-2"), job="j").json() == first
    robot.wait_until_idle()
    assert len(robot.made()) == 1


def test_a_busy_robot_says_so_in_its_own_words(robot: RobotAtHand) -> None:
    robot.tell("/settings", secondsPerOrder=2)
    robot.hand_over(order())
    busy = robot.hand_over(order())
    assert busy.status_code == 409
    assert busy.json() == {"success": False, "message": "Ya hay un batch en proceso para este workspace"}


def test_the_health_tells_uptime_and_time(robot: RobotAtHand) -> None:
    health = robot.get("/api/health")
    assert set(health) == {"status", "uptime", "timestamp"}
    assert health["status"] == "ok"
    assert isinstance(health["uptime"], float)
    assert health["timestamp"].endswith("Z")
    assert abs((datetime.now(UTC) - datetime.fromisoformat(health["timestamp"])).total_seconds()) < 10
    assert 0 <= health["uptime"] < 10
    time.sleep(0.05)
    assert uptime(robot) >= health["uptime"] + 0.05


def test_a_restart_forgets_queue_and_jobs_and_starts_the_uptime_anew(robot: RobotAtHand) -> None:
    robot.tell("/uptime", seconds=1000)
    robot.ship(order("A-0"), job="before")
    robot.tell("/settings", secondsPerOrder=0.6)
    robot.hand_over(*(order(f"A-{number}") for number in range(1, 6)), job="j")
    wait_until(lambda: len(robot.reports) == 2)  # of
    assert robot.tell("/restart") == {"died": ["j"]}
    made = robot.made()
    assert uptime(robot) < 100
    time.sleep(1)
    assert robot.made() == made, "the dead make no shipments"
    assert len(robot.reports) == 2, "and no reports"
    assert [crash["job_id"] for crash in robot.get("/journal")["crashes"]] == ["j"]
    robot.tell("/settings", secondsPerOrder=0)
    assert len(robot.ship(order("A-0"), job="before")) == 1, "the jobId is new to it"
    assert len(robot.ship(order("A-1"), job="j")) == 1, "and the workspace is free"


def test_a_restart_gives_the_orders_locks_back(robot: RobotAtHand) -> None:
    robot.tell("/settings", secondsPerOrder=0.5)
    robot.hand_over(order("A-1"))
    robot.tell("/restart")
    robot.tell("/settings", secondsPerOrder=0)
    assert robot.ship(order("A-1"))[0]["status"] == "success"


def test_a_late_report_dies_with_the_robot(robot: RobotAtHand) -> None:
    robot.tell("/settings", faults={"lateRate": 1, "lateSeconds": 1})
    robot.hand_over(order())
    wait_until(lambda: len(robot.made()) == 1)
    robot.tell("/restart")
    robot.wait_until_idle()
    assert robot.reports == []


def test_a_login_that_fails_after_a_restart_is_not_reported(robot: RobotAtHand) -> None:
    robot.tell("/settings", secondsPerLogin=1, portalPassword="right")
    robot.hand_over(order("A-1"), order("A-2"), password="wrong")
    robot.tell("/restart")
    time.sleep(1.3)
    assert robot.reports == []


def test_a_restart_of_nothing_kills_nothing(robot: RobotAtHand) -> None:
    assert robot.tell("/restart") == {"died": []}
    journal = robot.get("/journal")
    assert (len(journal["restarts"]), journal["crashes"]) == (1, [])


def test_a_crash_starts_the_uptime_anew_and_takes_every_batch_along(robot: RobotAtHand) -> None:
    robot.tell("/uptime", seconds=1000)
    robot.tell("/settings", workspaceId="slow", secondsPerOrder=1.5)
    robot.hand_over(order("B-1"), workspace="slow", job="slow")
    robot.tell("/force", order="A-1", fault="crash")
    robot.hand_over(order("A-1"), order("A-2"), job="j")
    robot.wait_until_idle()
    assert uptime(robot) < 100
    time.sleep(1.8)
    assert list(robot.made().values()) == ["item of A-1"]
    assert robot.reports == []
    assert {crash["job_id"] for crash in robot.get("/journal")["crashes"]} == {"slow", "j"}


def test_nobody_answers_while_the_robot_is_away(robot: RobotAtHand) -> None:
    robot.tell("/restart", awaySeconds=60)
    assert robot.hand_over(order()).status_code == 503
    assert robot.look_up("1").status_code == 503
    assert robot.ask("GET", "/api/health").status_code == 503
    assert robot.get("/portal/pedidos") == {"pedidos": []}, "the portal is the carrier's"
    robot.tell("/restart", awaySeconds=2)
    wait_until(lambda: robot.ask("GET", "/api/health").status_code == 200)
    assert uptime(robot) < 2, "it counts from when it is back"
    assert len(robot.ship(order())) == 1


def test_a_crash_takes_as_long_as_it_is_told(robot: RobotAtHand) -> None:
    robot.tell("/settings", faults={"crashRate": 1, "awaySeconds": 60})
    robot.hand_over(order())
    robot.wait_until_idle()
    assert robot.hand_over(order()).status_code == 503


def test_the_uptime_can_be_set_and_made_faster(robot: RobotAtHand) -> None:
    assert robot.tell("/uptime", seconds=-5)["uptime"] < 0
    assert 7200 <= robot.tell("/uptime", seconds=7200, speed=1000)["uptime"] < 8200
    time.sleep(0.2)
    assert uptime(robot) >= 7400
    robot.tell("/restart")
    time.sleep(0.1)
    assert 100 <= uptime(robot) < 7000, "from zero, as fast as before"
    assert robot.ask("POST", "/uptime", json={"speed": -1}).status_code == 400


def test_a_request_without_a_body_has_an_empty_one(robot: RobotAtHand) -> None:
    with closing(HTTPConnection(*robot.host)) as connection:
        for path, status in (("/restart", 200), ("/settings", 400)):
            connection.putrequest("POST", path)
            connection.endheaders()
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status
