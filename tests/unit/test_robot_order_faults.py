"""What one order can meet at the simulated robot, and that the robot's words tell no more than real ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local.robot.sayings import BAD_ADDRESS, EXCEPTIONS, POPUPS, REFUSALS
from tests.unit.robot_at_hand import RobotAtHand, order, robot_at_hand

if TYPE_CHECKING:
    from collections.abc import Iterator

LOST = ("error", "portal", "Timeout esperando respuesta del portal")


@pytest.fixture
def robot() -> Iterator[RobotAtHand]:
    with robot_at_hand() as robot:
        yield robot


def said(report: dict[str, Any]) -> tuple[str, str, str]:
    return report["status"], report["errorType"], report["errorMessage"]


def set_faults(robot: RobotAtHand, **faults: float) -> None:
    robot.tell("/settings", faults=faults)


@pytest.mark.parametrize(
    ("fault", "error_type", "words", "is_made"),
    [
        ("refusal", "portal", REFUSALS[0], False),
        ("no_answer", "portal", "Timeout esperando respuesta del portal", False),
        ("answer_lost", "portal", "Timeout esperando respuesta del portal", True),
        ("popup", "portal", "Pedido creado", True),
        ("exception_before", "unknown", "page.goto: Timeout 30000ms exceeded.", False),
        ("exception_after", "unknown", "page.goto: Timeout 30000ms exceeded.", True),
        ("in_work", "validation", "Pedido ya en proceso", False),
    ],
)
def test_a_forced_fault_is_an_error_and_the_portal_tells_what_was_made(
    robot: RobotAtHand, fault: str, error_type: str, words: str, *, is_made: bool
) -> None:
    robot.tell("/force", order="item of A-1", fault=fault)
    met, after = robot.ship(order("A-1"), order("A-2"))
    assert met == {"itemId": "item of A-1", "status": "error", "errorType": error_type, "errorMessage": words}
    assert len(robot.numbers_in_portal("A-1")) == is_made
    assert robot.numbers_in_portal("A-2") == [after["trackingNumber"]], "the batch goes on"
    assert list(robot.made().values()) == ["item of A-1"] * is_made + ["item of A-2"]
    [again] = robot.ship(order("A-1"))
    assert again["status"] == "success", "a fault is forced once"


@pytest.mark.parametrize(
    ("rate", "error_type", "words", "is_made"),
    [
        ("refusalRate", "portal", set(REFUSALS), False),
        ("noAnswerRate", "portal", {LOST[2]}, False),
        ("answerLostRate", "portal", {LOST[2]}, True),
        ("popupRate", "portal", set(POPUPS), True),
        ("exceptionBeforeRate", "unknown", set(EXCEPTIONS), False),
        ("exceptionAfterRate", "unknown", set(EXCEPTIONS), True),
    ],
)
def test_a_fault_has_a_rate_of_its_own(
    robot: RobotAtHand, rate: str, error_type: str, words: set[str], *, is_made: bool
) -> None:
    set_faults(robot, **{rate: 1})
    orders = [order(f"A-{number}") for number in range(90)]
    reports = robot.ship(*orders)
    assert {report["errorType"] for report in reports} == {error_type}
    assert {report["errorMessage"] for report in reports} == words, "each word comes about"
    assert len(robot.made()) == len(orders) * is_made
    set_faults(robot, **{rate: 0.5})
    assert {report["status"] for report in robot.ship(*orders[:20])} == {"success", "error"}
    set_faults(robot)
    assert {report["status"] for report in robot.ship(*orders[:20])} == {"success"}


def test_a_fault_can_be_one_workspaces_own(robot: RobotAtHand) -> None:
    robot.tell("/settings", workspaceId="unlucky", faults={"popupRate": 1})
    [lucky] = robot.ship(order())
    [unlucky] = robot.ship(order(), workspace="unlucky")
    assert (lucky["status"], unlucky["status"]) == ("success", "error")


def test_an_exception_that_the_robot_catches_is_a_portal_error(robot: RobotAtHand) -> None:
    set_faults(robot, exceptionAfterRate=1, exceptionCaughtRate=1)
    [report] = robot.ship(order())
    assert report["errorType"] == "portal"
    assert report["errorMessage"] in EXCEPTIONS


def test_refusals_do_not_sound_as_if_something_was_made() -> None:
    for words in (*REFUSALS, BAD_ADDRESS):
        assert not any(part in words.lower() for part in ("cread", "exitos", "registrad", "guardad", "timeout"))


def test_a_lost_number_slips_to_the_next_order_that_is_shipped(robot: RobotAtHand) -> None:
    robot.tell("/force", order="A-1", fault="number_slip")
    robot.tell("/force", order="A-2", fault="refusal")
    reports = robot.ship(*(order(f"A-{number}") for number in range(1, 5)))
    assert said(reports[0]) == LOST
    first, third, fourth = robot.made()
    assert robot.made() == {first: "item of A-1", third: "item of A-3", fourth: "item of A-4"}
    assert [report.get("trackingNumber") for report in reports] == [None, None, first, fourth]
    assert robot.numbers_in_portal("A-3") == [third], "the portal knows better"
    assert robot.get("/journal")["unknown_to_robot"] == [first, third]


def test_a_lost_number_does_not_slip_into_another_batch(robot: RobotAtHand) -> None:
    robot.tell("/force", order="A-1", fault="number_slip")
    robot.ship(order("A-1"))
    [after] = robot.ship(order("A-2"))
    assert robot.numbers_in_portal("A-2") == [after["trackingNumber"]]


def test_how_often_a_lost_number_slips_has_a_rate_of_its_own(robot: RobotAtHand) -> None:
    slipped = {}
    for rate in (0, 1):
        set_faults(robot, answerLostRate=0.5, numberSlipRate=rate)
        reports = robot.ship(*(order(f"{rate}-{number}") for number in range(60)))
        made = robot.made()
        told = [report for report in reports if report["status"] == "success"]
        slipped[rate] = sum(made[report["trackingNumber"]] != report["itemId"] for report in told)
        assert len(told) > slipped[rate]
    assert slipped[0] == 0
    assert slipped[1] > 5


def test_a_batch_that_fails_reports_every_order_as_unknown_also_those_done(robot: RobotAtHand) -> None:
    robot.tell("/force", order="A-2", fault="fatal")
    done, *failed = robot.ship(*(order(f"A-{number}") for number in range(1, 4)))
    assert (done["itemId"], done["status"]) == ("item of A-1", "success")
    assert [report["itemId"] for report in failed] == [f"item of A-{number}" for number in range(1, 4)]
    assert {said(report) for report in failed} == {("error", "unknown", "Error fatal en el procesamiento del batch")}
    assert list(robot.made().values()) == ["item of A-1", "item of A-2"], "the second was saved, the third not begun"


def test_a_batch_fails_by_rate(robot: RobotAtHand) -> None:
    set_faults(robot, fatalRate=1)
    assert len(robot.ship(order("A-1"), order("A-2"))) == 2
    assert len(robot.made()) == 1


def test_a_report_is_lost(robot: RobotAtHand) -> None:
    robot.tell("/force", order="A-1", fault="unreported")
    assert [report["itemId"] for report in robot.ship(order("A-1"), order("A-2"))] == ["item of A-2"]
    assert len(robot.numbers_in_portal("A-1")) == 1
    set_faults(robot, unreportedRate=1)
    assert robot.ship(order("A-3")) == []


def test_one_report_is_late_and_the_next_is_not(robot: RobotAtHand) -> None:
    set_faults(robot, lateSeconds=1)
    robot.tell("/force", order="A-1", fault="late")
    reports = robot.ship(order("A-1"), order("A-2"))
    assert [report["itemId"] for report in reports] == ["item of A-2", "item of A-1"]
    assert {report["status"] for report in reports} == {"success"}


def test_a_failed_login_is_every_orders_error_and_nothing_is_made(robot: RobotAtHand) -> None:
    set_faults(robot, loginFailedRate=1)
    reports = robot.ship(order("A-1"), order("A-2"))
    assert [said(each) for each in reports] == [("error", "portal", "Login fallido en el portal de Coordinadora")] * 2
    assert robot.made() == {}


def test_a_wrong_password_lets_nothing_in_until_it_is_right(robot: RobotAtHand) -> None:
    robot.tell("/settings", workspaceId="w", portalPassword="right")
    wrong = robot.ship(order("A-1"), password="wrong")
    right = robot.ship(order("A-1"), password="right")
    others = robot.ship(order("A-2"), workspace="other", password="wrong")
    assert said(wrong[0])[2] == "Login fallido en el portal de Coordinadora"
    assert [right[0]["status"], others[0]["status"]] == ["success", "success"]


@pytest.mark.parametrize("name", ["item of A-1", "order A-1", "A-1"])
def test_a_fault_is_forced_by_item_order_or_reference(robot: RobotAtHand, name: str) -> None:
    robot.tell("/force", order=name, fault="refusal", times=2)
    outcomes = [robot.ship(order("A-2"), order("A-1"))[1]["status"] for _ in range(3)]
    assert outcomes == ["error", "error", "success"]


def test_a_reference_is_one_workspaces_own(robot: RobotAtHand) -> None:
    robot.tell("/force", order="A-1", fault="refusal", workspaceId="w")
    assert robot.ship(order("A-1"), workspace="other")[0]["status"] == "success"
    assert robot.ship(order("A-1"), workspace="w")[0]["status"] == "error"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"order": "A-1", "fault": "fire"}, "fault: Input should be 'refusal'"),
        ({"order": "", "fault": "popup"}, "order: String should have at least 1 character"),
        ({"order": "A-1", "fault": "popup", "times": 0}, "times: Input should be greater than or equal to 1"),
    ],
)
def test_a_fault_that_does_not_exist_is_refused(robot: RobotAtHand, body: dict[str, Any], words: str) -> None:
    answer = robot.ask("POST", "/force", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["message"]


def test_a_robot_reports_no_number_again_that_it_never_knew(robot: RobotAtHand) -> None:
    robot.refuse_reports(503)
    for number, fault in enumerate(("answer_lost", "popup", "exception_after", "unreported")):
        robot.tell("/force", order=f"A-{number}", fault=fault)
    robot.ship(*(order(f"A-{number}") for number in range(5)))
    robot.tell("/force", order="B-1", fault="fatal")
    robot.ship(order("B-1"))
    robot.refuse_reports(202)
    before = len(robot.reports)
    assert robot.tell("/resend") == {"resent": 2}
    assert [report["itemId"] for report in robot.reports[before:]] == ["item of A-3", "item of A-4"]


def test_the_journal_tells_what_an_order_met(robot: RobotAtHand) -> None:
    robot.tell("/force", order="A-1", fault="popup")
    robot.ship(order("A-1"), order("A-2"))
    assert [each["order_fault"] for each in robot.get("/journal")["reported"]] == ["popup", None]
