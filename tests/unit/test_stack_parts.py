"""The smaller parts of the local stack: its file, its tokens, its ports and the Runtime API."""

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from uuid import UUID

import jwt
import pytest

from local.stack.errors import StackError
from local.stack.invoke import invoke
from local.stack.issuer import JWKS_PATH, documents, ensure_signing_key
from local.stack.ports import LOOPBACK, answers, free_port, is_free
from local.stack.runtime_api import Invocation, runtime_api
from local.stack.state import Stack, StackNotRunningError, load_stack, save_stack
from local.stack.tokens import issue_token

WORKSPACE = UUID("01900000-0000-7000-8000-000000000001")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: socket.socket) -> Stack:
    monkeypatch.setenv("ROBOT_JOBS_STATE_DIR", str(tmp_path))
    stack = Stack(
        api_url="http://127.0.0.1:1/api",
        database_url="postgresql://owner",
        app_database_url="postgresql://app",
        system_database_url="postgresql://system",
        aws_endpoint_url=f"http://{LOOPBACK}:{listener.getsockname()[1]}",
        aws_region="us-east-1",
        event_bus_name="robot-jobs",
        robot_url="http://127.0.0.1:2",
        issuer="http://127.0.0.1:3",
        audience="robot-jobs",
        signing_key_path=ensure_signing_key(tmp_path / "key.pem"),
    )
    save_stack(stack, tmp_path)
    return stack


def test_the_file_says_where_the_parts_are(stack: Stack, tmp_path: Path) -> None:
    written = json.loads((tmp_path / "stack.json").read_text())

    assert {
        "apiUrl",
        "databaseUrl",
        "appDatabaseUrl",
        "awsEndpointUrl",
        "awsRegion",
        "eventBusName",
        "robotUrl",
    } <= written.keys()
    assert load_stack() == stack


def test_a_file_whose_stack_is_gone_is_no_running_stack(stack: Stack, listener: socket.socket) -> None:
    assert stack
    listener.close()

    with pytest.raises(StackNotRunningError, match="`make up` starts it"):
        load_stack()


def test_no_file_is_no_running_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBOT_JOBS_STATE_DIR", str(tmp_path))

    with pytest.raises(StackNotRunningError):
        load_stack()


def test_a_token_is_one_that_the_issuers_key_verifies(stack: Stack) -> None:
    token = issue_token(WORKSPACE, ["robot-jobs/read", "orders/write"], 60)

    jwks = jwt.PyJWKSet.from_json(documents(stack.signing_key_path, stack.issuer)[JWKS_PATH].decode())
    key = jwks[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, ["RS256"], audience="robot-jobs", issuer=stack.issuer)
    assert claims["workspace_id"] == str(WORKSPACE)
    assert claims["scope"] == "robot-jobs/read orders/write"


def test_a_token_can_lack_the_workspace_have_another_audience_and_be_over(stack: Stack) -> None:
    token = issue_token(None, [], -60, "elsewhere")

    claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": False, "verify_aud": False})
    assert "workspace_id" not in claims
    assert claims["aud"] == "elsewhere"
    assert claims["exp"] < claims["iat"]
    assert claims["iss"] == stack.issuer


def test_the_signing_key_is_made_once(tmp_path: Path) -> None:
    first = ensure_signing_key(tmp_path / "key.pem").read_bytes()

    assert ensure_signing_key(tmp_path / "key.pem").read_bytes() == first
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0


def test_a_busy_port_is_replaced_by_a_free_one(listener: socket.socket) -> None:
    busy = listener.getsockname()[1]

    other = free_port(busy)

    assert other != busy
    assert is_free(other)
    assert free_port(other) == other
    assert not answers(other, "/")


def test_the_runtime_api_hands_out_one_event_and_takes_the_answer() -> None:
    invocation = Invocation(b'{"a": 1}', timeout_s=5)
    with runtime_api(invocation) as address:
        connection = http.client.HTTPConnection(address)
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        response = connection.getresponse()
        assert response.read() == b'{"a": 1}'
        request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
        assert request_id == invocation.request_id

        connection.request("POST", f"/2018-06-01/runtime/invocation/{request_id}/response", b'"done"')
        assert connection.getresponse().read() == b"{}"
        assert invocation.ended.is_set()
        second = Thread(target=_ask_for_another, args=[address])
        second.start()
        second.join(0.2)
        assert second.is_alive(), "the runtime waits for a second event"
        connection.close()
    second.join(5)

    assert (invocation.body, invocation.failed) == (b'"done"', False)


def test_the_runtime_api_knows_an_error() -> None:
    invocation = Invocation(b"{}", timeout_s=5)
    with runtime_api(invocation) as address:
        connection = http.client.HTTPConnection(address)
        connection.request("POST", "/2018-06-01/runtime/init/error", b'{"errorMessage": "no module"}')
        connection.getresponse().read()
        connection.close()

    assert invocation.failed


@pytest.mark.parametrize(("function", "event"), [("", ""), ("submit_job", "/no/such/file.json")])
def test_an_invocation_that_cannot_be_is_refused_in_a_sentence(function: str, event: str) -> None:
    with pytest.raises(StackError):
        invoke(function, event)


def _ask_for_another(address: str) -> None:
    connection = http.client.HTTPConnection(address)
    connection.request("GET", "/2018-06-01/runtime/invocation/next")
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    connection.close()
