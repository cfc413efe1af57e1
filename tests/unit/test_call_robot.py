"""What is known after a call of the robot, over real HTTP."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from urllib3.connection import HTTPConnection, HTTPSConnection

from shared.carriers.carrier import Answer
from shared.carriers.coordinadora.robot import PATHS
from shared.robot import client, connect
from shared.robot.client import call_robot
from tests.authority import Authority
from tests.scripted_robot import ScriptedRobot

PATH = PATHS["shipment"]


@pytest.fixture(autouse=True)
def _private_robots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "true")


@pytest.fixture
def robot() -> Iterator[ScriptedRobot]:
    with ScriptedRobot().running() as robot:
        yield robot


def test_an_accepted_hand_over(robot: ScriptedRobot) -> None:
    assert call_robot(robot.url, PATH, b'{"jobId": "1"}').kind == "accepted"
    assert robot.calls == [{"path": "/api/crear-pedidos-batch", "json": {"jobId": "1"}}]


def test_the_path_of_the_url_stands_before_the_robots_own(robot: ScriptedRobot) -> None:
    call_robot(f"{robot.url}/colombia/", PATH, b"{}")
    assert robot.calls[0]["path"] == "/colombia/api/crear-pedidos-batch"


@pytest.mark.parametrize("host", ["robot.example.com", "ROBOT.example.com", "127.0.0.1", "xn--robt-6qa.example.com"])
def test_a_hand_over_says_what_it_is_and_whom_it_is_for(
    robot: ScriptedRobot, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Naive: the address that was dialled stands as the host, and a proxy with many robots hands it to another's."""
    resolved(monkeypatch, ("127.0.0.1", port_of(robot)))
    body = '{"ciudad":"BOGOTÁ (C/MARCA)"}'.encode()
    assert call_robot(f"http://{host}:{port_of(robot)}", PATH, body).kind == "accepted"
    [headers] = robot.headers_of_calls
    assert headers == {
        "Host": f"{host}:{port_of(robot)}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "User-Agent": "robot-jobs",
        "Accept-Encoding": "identity",
    }
    assert robot.calls == [{"path": "/api/crear-pedidos-batch", "json": {"ciudad": "BOGOTÁ (C/MARCA)"}}]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (409, b"busy", "busy"),
        (429, b"", "unreachable"),
        (503, b"", "unreachable"),
        (400, b"no orders", "refused"),
        (404, b"", "refused"),
        (201, b'{"success": true}', "accepted"),
        (299, b'{"success": true}', "accepted"),
        (300, b"", "refused"),
        (301, b"", "refused"),
        (499, b"", "refused"),
        (500, b"", "unknown"),
        (502, b"", "unknown"),
        (504, b"", "unknown"),
        (200, b'{"success": false, "message": "bad credentials"}', "refused"),
        (200, b"<html>", "unknown"),
        (200, b"[]", "unknown"),
        (200, b'{"message": "no word of success"}', "unknown"),
        (200, b'{"success": "true"}', "unknown"),
    ],
)
def test_an_answer_and_what_it_means(robot: ScriptedRobot, status: int, body: bytes, kind: str) -> None:
    robot.status, robot.body = status, body
    assert call_robot(robot.url, PATH, b"{}").kind == kind
    assert len(robot.calls) == 1


def test_a_refusal_keeps_the_robots_words(robot: ScriptedRobot) -> None:
    robot.body = b'{"success": false, "message": "bad credentials"}'
    assert call_robot(robot.url, PATH, b"{}") == Answer("refused", "bad credentials")


@pytest.mark.parametrize("status", [200, 409])
def test_of_a_robots_words_five_hundred_characters_are_kept(robot: ScriptedRobot, status: int) -> None:
    robot.status = status
    for length, kept in ((500, 500), (501, 500)):
        robot.body = f'{{"success": false, "message": "{"x" * length}"}}'.encode() if status == 200 else b"x" * length
        assert call_robot(robot.url, PATH, b"{}").words == "x" * kept


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (409, b"", "HTTP 409"),
        (404, b"no such path", "HTTP 404: no such path"),
        (200, b'{"success": false}', '{"success": false}'),
        (200, b'{"success": false, "message": ""}', '{"success": false, "message": ""}'),
    ],
)
def test_a_robot_that_says_little_is_quoted_with_what_there_is(
    robot: ScriptedRobot, status: int, body: bytes, words: str
) -> None:
    robot.status, robot.body = status, body
    assert call_robot(robot.url, PATH, b"{}").words == words


def test_a_redirect_is_not_followed(robot: ScriptedRobot) -> None:
    robot.status, robot.headers = 307, {"Location": f"{robot.url}/elsewhere"}
    assert call_robot(robot.url, PATH, b"{}").kind == "refused"
    assert [call["path"] for call in robot.calls] == ["/api/crear-pedidos-batch"]


def test_a_robot_that_does_not_listen_was_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert call_robot(f"http://127.0.0.1:{port}", PATH, b"{}").kind == "unreachable"


def test_a_name_that_is_not_found_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_found(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "name not known")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    assert call_robot("http://robot.example.com", PATH, b"{}").kind == "unreachable"


def test_no_answer_in_time_leaves_it_unknown(robot: ScriptedRobot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_TIMEOUT_S", 0.1)
    robot.hangs = True
    assert call_robot(robot.url, PATH, b"{}").kind == "unknown"


def test_an_answer_may_take_longer_than_a_connection(robot: ScriptedRobot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "CONNECT_TIMEOUT_S", 0.1)
    robot.delay_s = 0.3
    assert call_robot(robot.url, PATH, b"{}").kind == "accepted"


def test_a_connection_lost_after_sending_leaves_it_unknown(robot: ScriptedRobot) -> None:
    robot.drops = True
    assert call_robot(robot.url, PATH, b"{}").kind == "unknown"


def test_a_hand_over_that_is_too_large_is_never_made(robot: ScriptedRobot) -> None:
    assert call_robot(robot.url, PATH, b"x" * 5_000_001).kind == "refused"
    assert robot.calls == []
    assert call_robot(robot.url, PATH, b'"%s"' % (b"x" * 4_999_998)).kind == "accepted"


def test_a_private_address_is_never_called(robot: ScriptedRobot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLOW_PRIVATE_ROBOT_URLS")
    assert call_robot(robot.url.replace("http:", "https:"), PATH, b"{}").kind == "refused"
    assert robot.calls == []


def test_a_name_that_leads_to_a_private_address_is_never_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLOW_PRIVATE_ROBOT_URLS")
    metadata = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: metadata)
    assert call_robot("https://robot.example.com", PATH, b"{}").kind == "refused"


def resolved(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Let every name lead to these addresses, in this order."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)


def port_of(robot: ScriptedRobot) -> int:
    return int(robot.url.rpartition(":")[2])


def test_the_next_address_is_tried_where_one_can_t_be_connected(
    robot: ScriptedRobot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the first address alone, a robot whose other address works is given up after an hour."""
    tried = connected_addresses(monkeypatch, "127.0.0.1")
    resolved(monkeypatch, *((address, port_of(robot)) for address in ("192.0.2.1", "192.0.2.2", "127.0.0.1")))
    assert call_robot(f"http://robot.example.com:{port_of(robot)}", PATH, b"{}").kind == "accepted"
    assert tried == ["192.0.2.1", "192.0.2.2", "127.0.0.1"]
    assert len(robot.calls) == 1


def test_no_other_address_is_tried_once_a_byte_went_out(robot: ScriptedRobot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second address of the same robot would make a second shipment."""
    tried = connected_addresses(monkeypatch, "127.0.0.1", "127.0.0.2")
    resolved(monkeypatch, ("127.0.0.1", port_of(robot)), ("127.0.0.2", port_of(robot)))
    robot.drops = True
    assert call_robot(f"http://robot.example.com:{port_of(robot)}", PATH, b"{}").kind == "unknown"
    assert tried == ["127.0.0.1"]


def test_a_robot_none_of_whose_addresses_answers_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = connected_addresses(monkeypatch)
    resolved(monkeypatch, ("192.0.2.1", 80), ("192.0.2.2", 80))
    assert call_robot("http://robot.example.com", PATH, b"{}").kind == "unreachable"
    assert tried == ["192.0.2.1", "192.0.2.2"]


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("https://robot.example.com", 443),
        ("https://robot.example.com:8443/colombia", 8443),
        ("http://robot.example.com", 80),
        ("http://robot.example.com:8080", 8080),
    ],
)
def test_a_robot_is_called_at_its_port_or_its_scheme_s(monkeypatch: pytest.MonkeyPatch, url: str, port: int) -> None:
    """Naive: every robot of a deployed stack, which has no port in its address, is called at another one."""
    called: list[int] = []

    def note(connection: HTTPConnection) -> None:
        called.append(connection.port)
        raise ConnectionRefusedError

    for kind in (HTTPConnection, HTTPSConnection):
        monkeypatch.setattr(kind, "connect", note)
    resolved(monkeypatch, ("192.0.2.1", 0))
    assert call_robot(url, PATH, b"{}").kind == "unreachable"
    assert called == [port]


@pytest.mark.parametrize(
    ("name", "known", "kind"),
    [
        ("robot.example.com", "a known authority", "accepted"),
        ("another.example.com", "a known authority", "unreachable"),
        ("robot.example.com", "an unknown authority", "unreachable"),
    ],
)
def test_a_robot_that_does_not_prove_its_name_is_sent_nothing(  # noqa: PLR0913, PLR0917 - fixtures
    robot: ScriptedRobot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, known: str, kind: str
) -> None:
    """Naive: the address that was dialled is what the certificate has to name, and no robot is reached."""
    authority = Authority(tmp_path)
    if known == "a known authority":
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    robot.use_tls(authority.server(x509.DNSName(name)))
    resolved(monkeypatch, ("127.0.0.1", port_of(robot)))
    assert call_robot(f"https://robot.example.com:{port_of(robot)}", PATH, b"{}").kind == kind
    assert len(robot.calls) == (kind == "accepted")


def test_all_addresses_are_tried_in_the_time_that_a_call_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 5 s for each, a name of twelve addresses outlasts the function, and the hand-over ends as unknown."""
    waits: list[float] = []

    class _Silent(HTTPConnection):
        def connect(self) -> None:
            assert isinstance(self.timeout, float | int)
            waits.append(self.timeout)
            raise TimeoutError

    monkeypatch.setattr(connect, "HTTPConnection", _Silent)
    resolved(monkeypatch, *((f"192.0.2.{n}", 80) for n in range(12)))
    assert call_robot("http://robot.example.com", PATH, b"{}").kind == "unreachable"
    assert len(waits) == 12
    assert sum(waits) <= connect.CONNECTING_AT_MOST_S + 0.001


def test_a_robot_has_five_seconds_to_be_connected_and_twenty_five_to_answer(
    robot: ScriptedRobot, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float | None] = []

    def note(connected: socket.socket, wait_s: float | None) -> None:
        waits.append(wait_s)
        socket.SocketType.settimeout(connected, wait_s)

    with monkeypatch.context() as patch:
        patch.setattr(socket.socket, "settimeout", note)
        assert call_robot(robot.url, PATH, b"{}").kind == "accepted"
    assert list(dict.fromkeys(wait for wait in waits if wait)) == [5, 25]


def test_one_private_address_among_public_ones_is_reason_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLOW_PRIVATE_ROBOT_URLS")
    tried = connected_addresses(monkeypatch)
    resolved(monkeypatch, ("8.8.8.8", 443), ("10.0.0.1", 443))
    assert call_robot("https://robot.example.com", PATH, b"{}").kind == "refused"
    assert tried == []


def connected_addresses(monkeypatch: pytest.MonkeyPatch, *reachable: str) -> list[str]:
    """Let only these addresses be reached, and note every one that is tried."""
    tried: list[str] = []

    class _Noted(HTTPConnection):
        def connect(self) -> None:
            tried.append(self.host)
            if self.host not in reachable:
                raise ConnectionRefusedError
            super().connect()

    monkeypatch.setattr(connect, "HTTPConnection", _Noted)
    return tried
