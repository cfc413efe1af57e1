"""Stands in for the JWT authorizer of the HTTP API, which `sam local start-api` does not have.

A copy of this file is the handler of the API's functions in `.local/sam/api.yaml`, and calls the function's own one.
It imports nothing of the project.
"""

from __future__ import annotations

import importlib
import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt

if TYPE_CHECKING:
    from jwt.types import Options

#: JSON: the function's own `handler`, `issuer`, `audience`, `jwksUrl`, and the scopes of each protected route.
SETTINGS = "AUTHORIZER_STAND_IN"
_ALGORITHMS = ["RS256", "RS384", "RS512"]
_REQUIRED = ["iss", "exp"]


class RefusedError(Exception):
    """The token does not open this route."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def handler(event: dict[str, Any], context: object) -> object:
    """Verify the token of a protected route and call the function's handler with its claims; 401 or 403 otherwise."""
    settings = _settings()
    # As API Gateway gives them, and `sam local` does not.
    event["headers"] = {name.lower(): value for name, value in event["headers"].items()}
    scopes = settings["scopes"].get(event["routeKey"])
    if scopes is not None:
        try:
            claims = verified_claims(event["headers"].get("authorization", ""), scopes, settings)
        except RefusedError as refusal:
            return _answer(refusal)
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": scopes}}
    module, _, name = settings["handler"].rpartition(".")
    answer: object = getattr(importlib.import_module(module), name)(event, context)
    return answer


def verified_claims(authorization: str, scopes: list[str], settings: dict[str, Any]) -> dict[str, str]:
    """The claims of a bearer token, each as a text.

    Raises:
        RefusedError: 401 for a token that is missing, changed, expired, of another issuer or for another audience; 403
            for one with none of the scopes.
        PyJWKClientConnectionError: the issuer does not answer.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """
    token = authorization.removeprefix("Bearer ").strip()
    try:
        key = _keys(settings["jwksUrl"]).get_signing_key_from_jwt(token)
        # The audience may also be the claim `client_id`.
        options: Options = {"verify_aud": False, "require": _REQUIRED}
        claims = jwt.decode(token, key, algorithms=_ALGORITHMS, issuer=settings["issuer"], options=options)
    except jwt.exceptions.PyJWKClientConnectionError:
        raise
    except jwt.PyJWTError as error:
        raise RefusedError(401, "Unauthorized") from error
    named = claims.get("aud") or claims.get("client_id")
    if settings["audience"] not in (named if isinstance(named, list) else [named]):
        raise RefusedError(401, "Unauthorized")
    if scopes and not set(scopes) & set(str(claims.get("scope") or claims.get("scp") or "").split()):
        raise RefusedError(403, "Forbidden")
    return {name: _as_text(value) for name, value in claims.items()}


def _answer(refusal: RefusedError) -> dict[str, Any]:
    headers = {"content-type": "application/json", "www-authenticate": "Bearer"}
    return {"statusCode": refusal.status, "headers": headers, "body": json.dumps({"message": str(refusal)})}


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return f"[{' '.join(map(str, value))}]"
    return value if isinstance(value, str) else json.dumps(value)


@cache
def _settings() -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(os.environ[SETTINGS])
    return settings


@cache
def _keys(url: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(url)
