"""The issuer, as OpenID Connect describes it: where to send people, what their codes are worth.

Source: OpenID Connect Core 1.0, section 3.1; Discovery 1.0; RFC 7636 (PKCE).
"""

import base64
import hashlib
import os
import time
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from functions.operator_page.issuer_calls import get_json, post_form
from functions.operator_page.issuer_errors import SignInError
from shared.aws.secrets import page_client_secret

#: Clocks apart, in seconds.
_LEEWAY_S = 60
_ALGORITHMS = ["RS256", "ES256", "PS256"]
SCOPES = "openid email robot-jobs/read robot-jobs/write carriers/write orders/write"


@dataclass(frozen=True)
class Tokens:
    """The claims of a sign-in's two tokens."""

    id_claims: dict[str, Any]
    access_claims: dict[str, Any]


def authorization_url(redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
    """Return where a person signs in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": _client_id(),
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    endpoint = _configuration()["authorization_endpoint"]
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def end_session_url(return_to: str) -> str | None:
    """Return where the issuer's own session is ended; None where it does not say."""
    endpoint = _configuration().get("end_session_endpoint")
    if not endpoint:
        return None
    # Source: RP-Initiated Logout 1.0, section 3; Cognito's logout endpoint calls the address logout_uri. What an issuer
    # does not know it ignores.
    query = {"client_id": _client_id(), "post_logout_redirect_uri": return_to, "logout_uri": return_to}
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def redeem(code: str, redirect_uri: str, nonce: str, verifier: str) -> Tokens:
    """Return the claims of the tokens that a code is worth, each checked.

    Raises:
        SignInError: the issuer refuses, or a token is not what it should be.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": _client_id(),
        "code_verifier": verifier,
    }
    secret = page_client_secret()
    answer = post_form(_configuration()["token_endpoint"], form | ({"client_secret": secret} if secret else {}))
    try:
        id_claims = _claims(str(answer["id_token"]))
        access_claims = _claims(str(answer["access_token"]))
    except (KeyError, JoseError, ValueError) as error:
        raise SignInError("the tokens can't be read") from error
    if _client_id() not in _as_list(id_claims.get("aud")) or id_claims.get("nonce") != nonce:
        raise SignInError("the identity is for another client or another sign-in")
    # Source: Cognito's access tokens name the client where others name the audience; API Gateway takes either.
    audiences = {*_as_list(access_claims.get("aud")), access_claims.get("client_id")}
    if not audiences & set(os.environ["JWT_AUDIENCE"].split(",")):
        raise SignInError("the token is for another API")
    if access_claims.get("sub") != id_claims.get("sub"):
        raise SignInError("the two tokens are of two people")
    return Tokens(id_claims, access_claims)


def _claims(token: str) -> dict[str, Any]:
    try:
        claims = jwt.decode(token, _keys(), algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError):
        # The issuer may have a new key.
        _keys.cache_clear()
        claims = jwt.decode(token, _keys(), algorithms=_ALGORITHMS).claims
    registry = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": os.environ["JWT_ISSUER"]},
        exp={"essential": True},
        sub={"essential": True},
    )
    registry.validate(claims)
    return dict(claims)


def lasts_s(claims: dict[str, Any]) -> int:
    """Return for how many seconds a token is still good."""
    return int(claims["exp"] - time.time())


def _client_id() -> str:
    return os.environ["OIDC_CLIENT_ID"]


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


@cache
def _configuration() -> dict[str, Any]:
    issuer = os.environ["JWT_ISSUER"].rstrip("/")
    found = get_json(f"{issuer}/.well-known/openid-configuration")
    if str(found.get("issuer", "")).rstrip("/") != issuer:
        raise SignInError("the issuer calls itself something else")
    return found


@cache
def _keys() -> KeySet:
    return KeySet.import_key_set(get_json(_configuration()["jwks_uri"]))  # type: ignore[arg-type] # as it comes


def forget_issuer() -> None:
    """Drop what was read of the issuer; the next use reads it again."""
    _configuration.cache_clear()
    _keys.cache_clear()
