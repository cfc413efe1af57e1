"""The simulated robot looks guides up: a hand-over like any other, and a report for each shipment asked for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.robot_at_hand import LOOKUP, RobotAtHand, order, robot_at_hand
from tests.unit.test_robot import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def robot() -> Iterator[RobotAtHand]:
    with robot_at_hand() as robot:
        yield robot


def ship_one(robot: RobotAtHand, reference: str = "A-1", **task: Any) -> str:
    [report] = robot.ship(order(reference), **task)
    return str(report["trackingNumber"])


def test_a_guide_is_found_when_it_is_there(robot: RobotAtHand) -> None:
    robot.tell("/settings", guideAfterSeconds=0)
    first, second = ship_one(robot, "A-1"), ship_one(robot, "A-2")
    answer = robot.look_up(first, second, job="g")
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "jobId": "g", "message": "2 orders received"}
    wait_until(lambda: len(robot.reports) == 4)
    found = robot.reports[2:]
    guides = [pedido["guia"] for number in ("A-1", "A-2") for pedido in pedidos(robot, number)]
    assert found == [
        {"itemId": f"lookup of {number}", "status": "success", "guideFound": True, "trackingNumber": guide}
        for number, guide in zip((first, second), guides, strict=True)
    ]
    assert len({first, second, *guides}) == 4


def pedidos(robot: RobotAtHand, reference: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = robot.get("/portal/pedidos", referencia=reference)["pedidos"]
    return found


def test_a_guide_that_is_not_there_yet_is_no_error_and_comes_later(robot: RobotAtHand) -> None:
    robot.tell("/settings", guideAfterSeconds=2)
    number = ship_one(robot)
    assert robot.find_guides(number) == [{"itemId": f"lookup of {number}", "status": "success", "guideFound": False}]
    assert pedidos(robot, "A-1")[0]["guia"] is None
    wait_until(lambda: pedidos(robot, "A-1")[0]["guia"] is not None)
    [found] = robot.find_guides(number)
    assert (found["guideFound"], found["trackingNumber"]) == (True, pedidos(robot, "A-1")[0]["guia"])
    assert robot.find_guides(number) == [found], "it stays the same"


def test_shipments_that_do_not_exist_or_are_anothers_have_no_guide(robot: RobotAtHand) -> None:
    robot.tell("/settings", guideAfterSeconds=0)
    theirs = ship_one(robot, workspace="other")
    assert [report["guideFound"] for report in robot.find_guides(theirs, "123")] == [False, False]


def test_a_shipment_voided_before_its_guide_gets_none(robot: RobotAtHand) -> None:
    robot.tell("/settings", guideAfterSeconds=2)
    voided = ship_one(robot, "A-1")
    robot.tell(f"/portal/pedidos/{voided}/anular")
    standing = ship_one(robot, "A-2")
    wait_until(lambda: pedidos(robot, "A-2")[0]["guia"] is not None)
    assert [report["guideFound"] for report in robot.find_guides(voided, standing)] == [False, True]
    robot.tell(f"/portal/pedidos/{standing}/anular")
    assert [report["guideFound"] for report in robot.find_guides(standing)] == [True], "it was given before"


def test_a_lookup_makes_no_shipment(robot: RobotAtHand) -> None:
    number = ship_one(robot)
    robot.tell("/settings", faults={"answerLostRate": 1, "popupRate": 1})
    assert [report["status"] for report in robot.find_guides(number)] == ["success"]
    assert list(robot.made()) == [number]
    assert robot.get("/journal")["reported"][-1]["order_fault"] is None


def test_a_fault_of_shipping_waits_for_a_batch(robot: RobotAtHand) -> None:
    robot.tell("/force", order="order of 1", fault="popup")
    assert [report["status"] for report in robot.find_guides("1")] == ["success"]
    assert [report["status"] for report in robot.ship(order("of 1"))] == ["error"]


def test_a_lookup_seen_before_is_200_without_work_and_a_batch_of_its_id_is_another(robot: RobotAtHand) -> None:
    assert robot.find_guides("1", job="j") != []
    assert robot.find_guides("1", job="j") == []
    assert len(robot.ship(order(), job="j")) == 1


def test_lookups_and_batches_of_a_workspace_share_its_lock(robot: RobotAtHand) -> None:
    robot.tell("/settings", secondsPerOrder=1.5, secondsPerLookup=1.5)
    robot.hand_over(order())
    busy = robot.look_up("1")
    assert (busy.status_code, busy.json()["success"]) == (409, False)
    assert busy.json()["message"] == "Ya hay una operación en proceso para este workspace"
    assert robot.look_up("1", workspace="other").status_code == 200
    assert robot.hand_over(order(), workspace="other").status_code == 409
    robot.wait_until_idle()
    assert robot.look_up("1").status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pedidoNumbers": []}, "pedidoNumbers: List should have at least 1 item"),
        ({"pedidoNumbers": [{"itemId": "i", "orderId": "o"}]}, "pedidoNumbers.0.pedidoNumber: Field required"),
        ({"callbackSecret": ""}, "callbackSecret: String should have at least 1 character"),
    ],
)
def test_a_malformed_lookup_is_400_in_words(robot: RobotAtHand, changes: dict[str, Any], words: str) -> None:
    body = {
        "workspaceId": "w",
        "jobId": "j",
        "credentials": {"username": "u", "password": "p"},
        "callbackUrl": "http://127.0.0.1:1/",
        "callbackSecret": "s",
        "pedidoNumbers": [{"itemId": "i", "orderId": "o", "pedidoNumber": "1"}],
    }
    assert robot.ask("POST", LOOKUP, json=body).status_code == 200
    robot.wait_until_idle()
    answer = robot.ask("POST", LOOKUP, json=body | changes)
    assert answer.status_code == 400
    assert words in answer.json()["message"]


def test_a_failed_login_is_every_lookups_error(robot: RobotAtHand) -> None:
    robot.tell("/settings", portalPassword="right")
    reports = robot.find_guides("1", "2", password="wrong")
    assert [(each["status"], each["errorType"], each["errorMessage"]) for each in reports] == [
        ("error", "portal", "Login fallido en el portal de Coordinadora")
    ] * 2


def test_a_lookup_that_fails_reports_all_as_unknown(robot: RobotAtHand) -> None:
    robot.tell("/force", order="2", fault="fatal")
    done, *failed = robot.find_guides("1", "2")
    assert done["status"] == "success"
    assert [(each["itemId"], each["errorType"], each["errorMessage"]) for each in failed] == [
        (f"lookup of {number}", "unknown", "Error fatal en la búsqueda de guías") for number in "12"
    ]


def test_a_lookup_dies_with_the_robot(robot: RobotAtHand) -> None:
    robot.tell("/settings", secondsPerLookup=0.2)
    robot.look_up("1", "2", job="g")
    assert robot.tell("/restart") == {"died": ["g"]}
    robot.tell("/settings", secondsPerLookup=0)
    assert len(robot.find_guides("1", workspace="other")) == 1
    assert len(robot.find_guides("1", job="g")) == 1, "forgotten"
    assert len(robot.reports) == 2


def test_a_dead_lookup_meets_no_fault(robot: RobotAtHand) -> None:
    robot.tell("/settings", secondsPerLookup=1)
    robot.look_up("1")
    robot.tell("/restart")
    robot.tell("/force", order="1", fault="fatal")
    time.sleep(1.3)
    robot.tell("/settings", secondsPerLookup=0)
    assert [report["status"] for report in robot.find_guides("1")] == ["error"]


def test_the_journal_tells_lookups_from_batches(robot: RobotAtHand) -> None:
    robot.ship(order())
    robot.find_guides("1")
    assert [asked["kind"] for asked in robot.get("/journal")["asked"]] == ["shipment", "guide_lookup"]
