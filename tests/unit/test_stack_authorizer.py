"""The stand-in for the authorizer takes and refuses tokens as API Gateway does."""

import base64
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import jwt
import pytest

from local.stack.issuer import JWKS_PATH, documents, ensure_signing_key
from local.stack.sam_local import authorizer
from local.stack.sam_local.authorizer import SETTINGS, handler

ISSUER, AUDIENCE = "http://127.0.0.1:9000", "robot-jobs"
ROUTE, SCOPES = "GET /robot-jobs", ["robot-jobs/read"]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure_signing_key(tmp_path_factory.mktemp("issuer") / "key.pem")


@pytest.fixture(autouse=True)
def served(key: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the issuer publish its keys, and the function be one that shows what it was given."""
    published = json.loads(documents(key, ISSUER)[JWKS_PATH])
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda _: published)
    function = ModuleType("a_function")
    function.__dict__["handler"] = lambda event, _: {"statusCode": 200, "event": event}
    monkeypatch.setitem(sys.modules, "a_function", function)
    settings = {
        "handler": "a_function.handler",
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "jwksUrl": f"{ISSUER}{JWKS_PATH}",
        "scopes": {ROUTE: SCOPES},
    }
    monkeypatch.setenv(SETTINGS, json.dumps(settings))
    authorizer._settings.cache_clear()
    authorizer._keys.cache_clear()
    yield
    authorizer._settings.cache_clear()
    authorizer._keys.cache_clear()


def signed(key: Path, **claims: Any) -> str:
    """Return a token of the local issuer, with other claims where they are given; None leaves one out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "somebody", "iat": now, "exp": now + 60, "scope": " ".join(SCOPES)}
    chosen = {name: value for name, value in (good | claims).items() if value is not None}
    return jwt.encode(chosen, key.read_bytes(), "RS256", headers={"kid": "local"})


def call(authorization: str | None, route: str = ROUTE) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return handler({"routeKey": route, "headers": headers, "requestContext": {}}, SimpleNamespace())


def test_a_good_token_brings_its_claims_as_texts(key: Path) -> None:
    token = signed(key, workspace_id="w", admin=True, groups=["a", "b"])
    for authorization in (f"Bearer {token}", token):
        answer = call(authorization)
        assert answer["statusCode"] == 200
        given = answer["event"]["requestContext"]["authorizer"]["jwt"]
        assert given["scopes"] == SCOPES
        claims = given["claims"]
        assert (claims["workspace_id"], claims["admin"], claims["groups"]) == ("w", "true", "[a b]")
        assert all(isinstance(value, str) for value in claims.values())
        assert int(claims["exp"]) > time.time()


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": None}, id="without an end"),
        pytest.param({"nbf": 2**40}, id="not yet valid"),
        pytest.param({"iss": "http://127.0.0.1:9001"}, id="another issuer"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"aud": "another"}, id="another audience"),
        pytest.param({"aud": None}, id="no audience"),
    ],
)
def test_a_token_that_is_not_for_this_api_now_is_401(key: Path, claims: dict[str, Any]) -> None:
    answer = call(f"Bearer {signed(key, **claims)}")
    assert (answer["statusCode"], json.loads(answer["body"])) == (401, {"message": "Unauthorized"})
    assert answer["headers"]["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer garbage", "Basic dTpw"])
def test_no_token_is_401(authorization: str | None) -> None:
    assert call(authorization)["statusCode"] == 401


def test_a_token_of_another_key_or_of_none_is_401(key: Path, tmp_path: Path) -> None:
    """Fails where only the claims are read."""
    other = ensure_signing_key(tmp_path / "other.pem")
    assert call(f"Bearer {signed(other)}")["statusCode"] == 401
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": now + 60, "scope": " ".join(SCOPES)}
    unsigned = jwt.encode(claims, "", "none", headers={"kid": "local"})
    assert call(f"Bearer {unsigned}")["statusCode"] == 401
    # The public key as the secret of a symmetric signature.
    public = documents(key, ISSUER)[JWKS_PATH]
    symmetric = jwt.encode(claims, base64.b64encode(public), "HS256", headers={"kid": "local"})
    assert call(f"Bearer {symmetric}")["statusCode"] == 401


@pytest.mark.parametrize("scope", [None, "", "robot-jobs/write", "robot-jobs/read-all"])
def test_a_token_without_the_route_s_scope_is_403(key: Path, scope: str | None) -> None:
    answer = call(f"Bearer {signed(key, scope=scope)}")
    assert (answer["statusCode"], json.loads(answer["body"])) == (403, {"message": "Forbidden"})


def test_one_of_the_audiences_or_the_client_id_is_enough(key: Path) -> None:
    assert call(f"Bearer {signed(key, aud=['another', AUDIENCE])}")["statusCode"] == 200
    assert call(f"Bearer {signed(key, aud=None, client_id=AUDIENCE)}")["statusCode"] == 200


def test_an_open_route_needs_no_token_and_gets_no_claims() -> None:
    answer = call(None, route="GET /openapi.json")
    assert answer["statusCode"] == 200
    assert "authorizer" not in answer["event"]["requestContext"]


def test_an_issuer_that_does_not_answer_is_no_refusal(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(_: object) -> None:
        raise jwt.exceptions.PyJWKClientConnectionError("nobody there")

    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", fetch)
    with pytest.raises(jwt.exceptions.PyJWKClientConnectionError):
        call(f"Bearer {signed(key)}")
