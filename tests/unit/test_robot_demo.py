"""What the demo promises: its faults, a look into the portal, and a verdict that names each kind of fault."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from local.cli.errors import CommandError
from local.cli.models import Item
from local.cli.settlements import Settlement
from local.demo.check import find_faults
from local.demo.portal import Pedido, judge, search
from local.demo.robot import FAULTS, behave_as_in_the_demo
from local.robot.faults import ORDER_FAULTS
from local.robot.form import Form
from local.robot.ledger import Ledger
from local.robot.robot import Robot
from local.robot.server import RobotServer
from local.robot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIRST, SECOND = uuid4(), uuid4()
NAMES = {FIRST: "A-1", SECOND: "A-2"}
SENT = Item.model_validate(
    {
        "id": str(uuid4()),
        "orderId": str(FIRST),
        "status": "error",
        "valueSent": {"referencia": "A-1", "nombres": "Ana", "apellidos": "Díaz", "ciudad": "CALI (VALLE)"},
    }
)


@pytest.fixture
def workspace() -> UUID:
    """Give a workspace."""
    return uuid4()


@pytest.fixture
def robot() -> Iterator[RobotServer]:
    """Give a robot with a portal, both new."""
    server = RobotServer("127.0.0.1", 0, Robot(Ledger(), Settings()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def form(reference: str) -> Form:
    texts: dict[str, Any] = dict.fromkeys(("identificacion", "nombres", "apellidos", "direccion", "email"), "1")
    texts |= {"ciudad": "CALI (VALLE)", "departamento": "VALLE", "celular": "3001234567", "referencia": reference}
    numbers = dict.fromkeys(("totalConIva", "valorDeclarado", "peso", "alto", "largo", "ancho"), 1.0)
    return Form.model_validate(texts | numbers | {"unidades": 1, "esRecaudoContraentrega": False})


def shipped(*made: tuple[UUID, str]) -> list[dict[str, str]]:
    return [{"orderId": str(order), "trackingNumber": number} for order, number in made]


def test_the_robot_does_to_each_order_what_the_demo_says(workspace: UUID, robot: RobotServer) -> None:
    behave_as_in_the_demo(robot.url, workspace, seconds_per_order=0)
    assert {name: robot.robot.behaviour.fault_of(str(workspace), {name}, ORDER_FAULTS)[0] for name in FAULTS} == FAULTS
    # Once: a retry meets none of them, and no other workspace does.
    assert robot.robot.behaviour.fault_of(str(workspace), set(FAULTS), ORDER_FAULTS) == (None, False)
    behave_as_in_the_demo(robot.url, workspace, seconds_per_order=0)
    assert robot.robot.behaviour.fault_of(str(uuid4()), set(FAULTS), ORDER_FAULTS) == (None, False)


def test_the_portal_is_searched_by_reference_in_the_own_account(workspace: UUID, robot: RobotServer) -> None:
    made = robot.robot.portal.save(str(workspace), form("A-1"))
    robot.robot.portal.save(str(workspace), form("A-2"))
    robot.robot.portal.save(str(uuid4()), form("A-1"))
    assert [each.numero for each in search(robot.url, workspace, "A-1")] == [made.numero]
    assert search(robot.url, workspace, "A-3") == []


def test_what_the_portal_shows_is_judged_as_a_person_would() -> None:
    found = Pedido(numero="70", nombres="Ana", apellidos="Díaz", ciudad="CALI (VALLE)", estado="activo")
    assert judge(SENT, []) == Settlement(SENT.id, "not shipped")
    assert judge(SENT, [found]) == Settlement(SENT.id, "shipped", "70")


@pytest.mark.parametrize("changes", [{"nombres": "Eva"}, {"ciudad": "PASTO (NAR)"}, {"estado": "anulado"}])
def test_a_doubt_is_left_to_the_person(changes: dict[str, str]) -> None:
    found = Pedido(numero="70", nombres="Ana", apellidos="Díaz", ciudad="CALI (VALLE)", estado="activo")
    for shown in ([found.model_copy(update=changes)], [found, found]):
        with pytest.raises(CommandError, match="not clear which"):
            judge(SENT, shown)


def test_no_fault_when_each_order_has_the_number_of_its_one_shipment() -> None:
    assert find_faults([FIRST], shipped((FIRST, "70")), {FIRST: "70", SECOND: None}, NAMES) == []


@pytest.mark.parametrize(
    ("made", "known", "fault"),
    [
        ([], None, "A-1 has no shipment at the robot."),
        ([(FIRST, "70"), (FIRST, "71")], "70", "A-1 has 2 shipments at the robot: 70, 71."),
        ([(FIRST, "70")], None, "A-1 has no tracking number on its order, 70 at the robot."),
        ([(FIRST, "70")], "71", "A-1 has 71 on its order, 70 at the robot."),
    ],
)
def test_each_fault_is_named(made: Sequence[tuple[UUID, str]], known: str | None, fault: str) -> None:
    assert find_faults([FIRST], shipped(*made), {FIRST: known}, NAMES) == [fault]


def test_an_order_that_was_not_submitted_has_neither_shipment_nor_number() -> None:
    made = shipped((FIRST, "70"), (SECOND, "71"))
    assert find_faults([FIRST], made, {FIRST: "70", SECOND: "71"}, NAMES) == [
        "A-2 was not to be shipped, but was, as 71."
    ]
    assert find_faults([], [], {SECOND: "71"}, NAMES) == ["A-2 has 71 on its order, none at the robot."]
