"""The carrier's portal beside the simulated robot: what a person finds there, and can void."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.unit.robot_at_hand import RobotAtHand, order, robot_at_hand
from tests.unit.test_robot import (
    BATCH,
    Receiver,
    batch,
    receiver,  # noqa: F401 - a fixture
    start_robot,  # noqa: F401 - a fixture
    wait_until,
)

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def robot() -> Iterator[RobotAtHand]:
    with robot_at_hand() as robot:
        yield robot


def pedidos(robot: RobotAtHand, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = robot.get("/portal/pedidos", **query)["pedidos"]
    return found


def test_a_person_sees_what_the_form_said_and_no_ids_of_ours(robot: RobotAtHand) -> None:
    [report] = robot.ship(order("A-7", nombres="Luz", ciudad="CALI (VALLE)", unidades=2))
    [pedido] = pedidos(robot, referencia="A-7")
    created_at = pedido.pop("createdAt")
    assert created_at.startswith("20")
    assert pedido == {
        "numero": report["trackingNumber"],
        "referencia": "A-7",
        "identificacion": "1020745318",
        "nombres": "Luz",
        "apellidos": "Rojas",
        "direccion": "Calle 72 # 10-34",
        "ciudad": "CALI (VALLE)",
        "celular": "3104528817",
        "unidades": 2,
        "totalConIva": 189900,
        "valorDeclarado": 50000,
        "esRecaudoContraentrega": True,
        "estado": "activo",
        "anuladoAt": None,
        "guia": None,
    }


def test_the_newest_comes_first_and_what_was_never_reported_is_there(robot: RobotAtHand) -> None:
    robot.tell("/force", order="A-2", fault="unreported")
    robot.ship(order("A-1"), order("A-2"))
    assert [pedido["referencia"] for pedido in pedidos(robot)] == ["A-2", "A-1"]


def test_what_was_not_saved_is_not_there(robot: RobotAtHand) -> None:
    robot.ship(order("A-1", celular="none"))
    assert pedidos(robot, referencia="A-1") == []


def test_a_search_finds_the_whole_reference_in_the_account(robot: RobotAtHand) -> None:
    robot.ship(order("A-1"), order("A-12"))
    robot.ship(order("A-1"), workspace="other")
    assert len(pedidos(robot, referencia=" a-1 ")) == 2
    assert len(pedidos(robot, referencia="A-1", workspaceId="other")) == 1
    assert len(pedidos(robot, workspaceId="w")) == 2
    assert pedidos(robot, referencia="A") == []


def test_two_shipments_of_one_reference_are_two(robot: RobotAtHand) -> None:
    robot.ship(order("A-1"))
    robot.ship(order("A-1"))
    assert len(set(robot.numbers_in_portal("A-1"))) == 2


@pytest.mark.parametrize("identification", ["", "CC 1020", "1.020.745", "١٢٣"])
def test_an_identification_that_is_no_number_is_the_phone(robot: RobotAtHand, identification: str) -> None:
    robot.ship(order("A-1", identificacion=identification))
    assert pedidos(robot)[0]["identificacion"] == "3104528817"


def test_a_shipment_is_voided_once(robot: RobotAtHand) -> None:
    robot.ship(order("A-1"), order("A-2"))
    [numero] = robot.numbers_in_portal("A-1")
    voided = robot.ask("POST", f"/portal/pedidos/{numero}/anular").json()
    assert (voided["numero"], voided["estado"]) == (numero, "anulado")
    again = robot.ask("POST", f"/portal/pedidos/{numero}/anular")
    assert (again.status_code, again.json()) == (200, voided)
    assert [pedido["estado"] for pedido in pedidos(robot)] == ["activo", "anulado"], "and keeps its place"
    assert len(robot.made()) == 2, "the books say what was made"


def test_what_does_not_exist_can_not_be_voided(robot: RobotAtHand) -> None:
    answer = robot.ask("POST", "/portal/pedidos/70000000001/anular")
    assert answer.status_code == 404
    assert answer.json()["message"] == "there is no pedido 70000000001"


def test_the_portal_outlives_a_killed_robot(
    start_robot: Callable[[], tuple[subprocess.Popen[str], str]],  # noqa: F811 - the fixture
    receiver: Receiver,  # noqa: F811 - the same
) -> None:
    process, url = start_robot()
    with httpx.Client(base_url=url, trust_env=False) as client:
        client.post(BATCH, json=batch(receiver)).raise_for_status()
        wait_until(lambda: len(receiver.reports) == 3)
        client.post(f"/portal/pedidos/{receiver.reports[0]['trackingNumber']}/anular").raise_for_status()
        before = client.get("/portal/pedidos").json()
    process.kill()
    process.wait()

    _, url = start_robot()
    with httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/portal/pedidos").json() == before
        assert [pedido["estado"] for pedido in before["pedidos"]] == ["activo", "activo", "anulado"]
        client.post(BATCH, json=batch(receiver, count=1)).raise_for_status()
        wait_until(lambda: len(receiver.reports) == 4)
        assert len({pedido["numero"] for pedido in client.get("/portal/pedidos").json()["pedidos"]}) == 4


def test_numbers_of_a_ledger_without_a_portal_are_taken(
    start_robot: Callable[[], tuple[subprocess.Popen[str], str]],  # noqa: F811 - the fixture
    receiver: Receiver,  # noqa: F811 - the same
    tmp_path: Path,
) -> None:
    process, url = start_robot()
    httpx.post(url + BATCH, json=batch(receiver), trust_env=False).raise_for_status()
    wait_until(lambda: len(receiver.reports) == 3)
    process.kill()
    process.wait()
    (tmp_path / "ledger.portal.jsonl").unlink()

    _, url = start_robot()
    httpx.post(url + BATCH, json=batch(receiver, count=1), trust_env=False).raise_for_status()
    wait_until(lambda: len(receiver.reports) == 4)
    assert len({report["trackingNumber"] for report in receiver.reports}) == 4


def test_a_person_reads_the_portal_as_a_page_and_searches_it(robot: RobotAtHand) -> None:
    [report] = robot.ship(order("A-7", nombres="<b>Luz</b>"))
    robot.ship(order("A-8"))
    page = robot.ask("GET", "/portal", params={"referencia": "A-7"})
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert (report["trackingNumber"] in page.text, "A-8" in page.text) == (True, False)
    assert "&lt;b&gt;Luz" in page.text
    assert "No hay pedidos" in robot.ask("GET", "/portal", params={"referencia": 'A-9"'}).text
    assert "A-8" in robot.ask("GET", "/portal").text
