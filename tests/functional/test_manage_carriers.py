"""The routes of carriers: a configuration that keeps its secret, and the cities that a carrier goes to."""

import base64
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

import boto3
import pytest
from psycopg import Connection

from functions.manage_carriers.app import handler
from shared.aws.passwords import SealedPasswordError, open_password, seal_password
from shared.domain.ids import uuid7
from tests.http_client import Answer, assert_problem, call

PATH = "/carriers/coordinadora/config"
PASSWORD = "hunter2-ñ"
WHOLE = {
    "portalUsername": "tienda",
    "portalPassword": PASSWORD,
    "robotUrl": "https://robot.example.com",
    "isEnabled": True,
    "shipmentDefaults": {
        "declaredValue": 25000.5,
        "weightKg": 1.5,
        "heightCm": 12,
        "lengthCm": 30,
        "widthCm": 20,
        "reference": "tienda",
        "units": 2,
        "email": "despachos@example.com",
    },
}
Ask = Callable[..., Answer]


@pytest.fixture
def ask(workspace: UUID, database: str, kms_key: str) -> Ask:
    assert database
    assert kms_key

    def send(method: str, path: str = PATH, **request: Any) -> Answer:
        return call(handler, method, path, **{"workspace": workspace, **request})

    return send


def sealed_of(owner: Connection, workspace: UUID) -> str:
    rows = owner.execute("SELECT portal_password_sealed FROM carrier_configs WHERE workspace_id = %s", [workspace])
    [(sealed,)] = rows.fetchall()
    return str(sealed)


def test_a_configuration_is_set_and_shown_without_its_password(ask: Ask) -> None:
    answer = ask("PUT", body=WHOLE)
    assert answer.status == 200
    shown = ask("GET")
    assert shown.json == answer.json
    expected = {name: value for name, value in WHOLE.items() if name != "portalPassword"}
    assert shown.json.items() >= {**expected, "carrier": "coordinadora", "hasPassword": True}.items()
    assert PASSWORD not in (answer.text or "")


def test_the_password_is_stored_as_ciphertext_of_this_workspace_and_carrier(
    ask: Ask, owner: Connection, workspace: UUID
) -> None:
    ask("PUT", body=WHOLE)
    sealed = sealed_of(owner, workspace)
    assert PASSWORD.encode() not in base64.b64decode(sealed)
    assert open_password(sealed, workspace_id=workspace, carrier="coordinadora") == PASSWORD
    for workspace_id, carrier in ((uuid7(), "coordinadora"), (workspace, "servientrega")):
        with pytest.raises(SealedPasswordError):
            open_password(sealed, workspace_id=workspace_id, carrier=carrier)


def test_a_password_stays_open_to_what_it_was_sealed_for(aws: boto3.Session, kms_key: str, workspace: UUID) -> None:
    """Naive: a release names what a password is bound to otherwise, and every stored one is lost."""
    context = {"workspaceId": str(workspace), "carrier": "coordinadora"}
    kms = aws.client("kms")
    stored = kms.encrypt(KeyId=kms_key, Plaintext=PASSWORD.encode(), EncryptionContext=context)["CiphertextBlob"]
    sealed = base64.b64encode(stored).decode()
    assert open_password(sealed, workspace_id=workspace, carrier="coordinadora") == PASSWORD


@pytest.mark.parametrize("sealed", ["no base64", "", base64.b64encode(b"anything").decode()])
def test_what_was_not_sealed_cannot_be_opened(sealed: str, kms_key: str) -> None:
    assert kms_key
    with pytest.raises(SealedPasswordError):
        open_password(sealed, workspace_id=uuid7(), carrier="coordinadora")


def test_a_password_is_sealed_anew_each_time(kms_key: str) -> None:
    assert kms_key
    workspace = uuid7()
    assert seal_password("x", workspace_id=workspace, carrier="c") != seal_password(
        "x", workspace_id=workspace, carrier="c"
    )


def test_what_is_left_out_stays_as_it_is(ask: Ask, owner: Connection, workspace: UUID) -> None:
    ask("PUT", body=WHOLE)
    sealed = sealed_of(owner, workspace)
    changed = ask("PUT", body={"isEnabled": False, "shipmentDefaults": {"weightKg": 2}}).json
    assert (changed["isEnabled"], changed["portalUsername"], changed["hasPassword"]) == (False, "tienda", True)
    assert changed["shipmentDefaults"] == {**WHOLE["shipmentDefaults"], "weightKg": 2}  # type: ignore[dict-item] # a dict
    assert sealed_of(owner, workspace) == sealed
    assert ask("PUT", body={}).json["portalUsername"] == "tienda"


def test_a_new_configuration_has_defaults(ask: Ask) -> None:
    config = ask("PUT", body={"portalUsername": "tienda"}).json
    assert (config["hasPassword"], config["robotUrl"], config["isEnabled"]) == (False, None, True)
    assert set(config["shipmentDefaults"]) == set(WHOLE["shipmentDefaults"])  # type: ignore[call-overload] # a dict
    assert all(isinstance(config["shipmentDefaults"][name], int | float) for name in ("weightKg", "declaredValue"))


def test_waves_and_their_brake_are_set_and_shown(ask: Ask) -> None:
    first = ask("PUT", body={"waveSize": 7})
    assert (first.json["waveSize"], first.json["stopAfterErrors"]) == (7, 5)
    second = ask("PUT", body={"stopAfterErrors": 0})
    assert (second.json["waveSize"], second.json["stopAfterErrors"]) == (7, 0)


def test_without_a_configuration_it_is_404(ask: Ask) -> None:
    assert_problem(ask("GET"), 404, "carrier_config_not_found")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/carriers/servientrega/config", None),
        ("PUT", "/carriers/servientrega/config", WHOLE),
        ("GET", "/carriers/servientrega/coverage", None),
        ("POST", "/carriers/servientrega/coverage/validate", {"cities": []}),
    ],
)
def test_another_carrier_is_404(method: str, path: str, body: object, ask: Ask) -> None:
    assert_problem(ask(method, path, body=body), 404, "carrier_not_found")


def test_no_password_is_sealed_for_a_carrier_that_there_is_not(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KMS_KEY_ID", "none")
    assert_problem(ask("PUT", "/carriers/servientrega/config", body=WHOLE), 404, "carrier_not_found")


@pytest.mark.parametrize(
    "url",
    [
        "http://robot.example.com",
        "https://10.0.0.1",
        "https://169.254.169.254",
        "https://localhost",
        "robot",
        "",
        "x" * 9_000,
    ],
)
def test_a_robot_inside_the_network_is_422(url: str, ask: Ask) -> None:
    """An endpoint that fetches any URL that it is given opens the network it runs in."""
    assert_problem(ask("PUT", body={**WHOLE, "robotUrl": url}), 422, "invalid_robot_url")
    assert_problem(ask("GET"), 404, "carrier_config_not_found")


def test_the_local_stack_may_name_its_own_robot(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "true")
    assert ask("PUT", body={"robotUrl": "http://127.0.0.1:9000"}).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"portalPassword": ""},
        {"portalPassword": "x" * 501},
        {"portalPassword": 5},
        {"portalUsername": ""},
        {"portalUsername": "a\0b"},
        {"isEnabled": "yes"},
        {"shipmentDefaults": {"weightKg": 0}},
        {"shipmentDefaults": {"weightKg": "1"}},
        {"shipmentDefaults": {"weightKg": True}},
        {"shipmentDefaults": {"declaredValue": -1}},
        {"shipmentDefaults": {"declaredValue": 10**30}},
        {"shipmentDefaults": {"x": 1}},
        *({"waveSize": size} for size in (0, 501, "many", 2.5, True)),
        *({"stopAfterErrors": count} for count in (-1, 101, "5", True)),
        {"hasPassword": True},
        {"carrier": "coordinadora"},
        None,
    ],
)
def test_bad_input_is_422_and_nothing_is_written(body: object, ask: Ask) -> None:
    assert ask("PUT", body=body).status == 422
    assert_problem(ask("GET"), 404, "carrier_config_not_found")


def test_the_password_is_in_no_answer_and_no_log_line(ask: Ask, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        for body in (WHOLE, {**WHOLE, "x": 1}, {**WHOLE, "robotUrl": "x"}, {**WHOLE, "portalUsername": 5}):
            assert PASSWORD not in (ask("PUT", body=body).text or "")
    assert "hunter2" not in caplog.text
    assert "hunter2" not in "".join(capfd.readouterr())


def test_the_configuration_of_another_workspace_is_404(ask: Ask) -> None:
    ask("PUT", body=WHOLE)
    assert_problem(ask("GET", workspace=uuid7()), 404, "carrier_config_not_found")
    ask("PUT", body={"portalUsername": "other"}, workspace=uuid7())
    assert ask("GET").json["portalUsername"] == "tienda"


def test_the_cities_of_a_carrier_are_counted(ask: Ask) -> None:
    stats = ask("GET", "/carriers/coordinadora/coverage")
    assert stats.status == 200
    assert stats.json["totalCities"] >= stats.json["activeCities"] >= 1
    assert stats.json["totalCities"] >= stats.json["codCities"] >= 1


def test_cities_are_looked_up_in_the_order_of_the_request(ask: Ask) -> None:
    order_id = str(uuid7())
    cities = [
        {"city": "Atlantis", "department": "Antioquia"},
        {"city": " medellín ", "department": "ANTIOQUIA", "orderId": order_id},
    ]
    answer = ask("POST", "/carriers/coordinadora/coverage/validate", body={"cities": cities})
    assert answer.status == 200
    lost, found = answer.json["results"]
    assert (lost["isValid"], lost["carrierCity"], lost["supportsCod"], lost["orderId"]) == (False, None, False, None)
    assert (found["isValid"], found["departmentAbbrev"], found["orderId"]) == (True, "ANT", order_id)
    assert (found["city"], found["department"]) == (" medellín ", "ANTIOQUIA")
    assert (answer.json["validCount"], answer.json["invalidCount"]) == (1, 1)


@pytest.mark.parametrize(
    "body",
    [{}, {"cities": "x"}, {"cities": [{"city": "x"}]}, {"cities": [{"city": "x", "department": "y", "orderId": "z"}]}],
)
def test_cities_that_are_none_are_422(body: object, ask: Ask) -> None:
    assert_problem(ask("POST", "/carriers/coordinadora/coverage/validate", body=body), 422, "invalid_input")


def test_a_token_without_a_workspace_is_403(ask: Ask) -> None:
    for method, path, body in (
        ("GET", PATH, None),
        ("PUT", PATH, WHOLE),
        ("GET", "/carriers/coordinadora/coverage", None),
        ("POST", "/carriers/coordinadora/coverage/validate", {"cities": []}),
    ):
        assert_problem(ask(method, path, body=body, workspace=None), 403, "no_workspace")
