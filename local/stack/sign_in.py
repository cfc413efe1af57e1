"""Signing in at the local issuer: anybody may be anybody, in any workspace; codes with PKCE, as OIDC has them."""

import base64
import hashlib
import html
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import jwt

AUTHORIZE_PATH, TOKEN_PATH, LOGOUT_PATH = "/authorize", "/token", "/logout"
ALL_SCOPES = ("robot-jobs/read", "robot-jobs/write", "carriers/write", "orders/write")
#: The workspace of the demo and of the README.
_USUAL_WORKSPACE = "0198c0de-0000-7000-8000-000000000001"
_CODE_LASTS_S = 60
_TOKEN_LASTS_S = 8 * 3600
_ASKED = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Answer:
    """What the issuer answers."""

    status: int
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    location: str | None = None


@dataclass(frozen=True)
class _Code:
    asked: dict[str, str]
    claims: dict[str, object]
    email: str
    until: float


@dataclass
class SignIn:
    """The codes that were given and not redeemed yet."""

    issuer: str
    audience: str
    client_id: str
    key: bytes
    key_id: str
    algorithm: str
    codes: dict[str, _Code] = field(default_factory=dict)

    def ask(self, query: Form) -> Answer:
        """Show who somebody wants to be; only a page on this machine is answered."""
        asked = {name: _first(query, name) for name in _ASKED}
        if asked["client_id"] != self.client_id or urlsplit(asked["redirect_uri"]).hostname != "127.0.0.1":
            return Answer(400, b"This client is not known here.")
        if _first(query, "response_type") != "code" or _first(query, "code_challenge_method") != "S256":
            return Answer(400, b"Only the authorization code with PKCE is known here.")
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in asked.items()
        )
        boxes = "".join(
            f'<label><input type="checkbox" name="scope" value="{scope}" checked> {scope}</label><br>'
            for scope in ALL_SCOPES
        )
        return Answer(200, _PAGE.format(hidden=hidden, boxes=boxes, workspace=_USUAL_WORKSPACE).encode())

    def consent(self, form: Form) -> Answer:
        """Give a code for who somebody said to be, and send the browser back."""
        asked = {name: _first(form, name) for name in _ASKED}
        if asked["client_id"] != self.client_id or urlsplit(asked["redirect_uri"]).hostname != "127.0.0.1":
            return Answer(400, b"This client is not known here.")
        workspace = _first(form, "workspace").strip()
        claims: dict[str, object] = {"sub": _first(form, "email"), "scope": " ".join(form.get("scope", ()))}
        if workspace:
            try:
                claims["workspace_id"] = str(UUID(workspace))
            except ValueError:
                return Answer(400, b"The workspace must be a UUID, or empty.")
        code = secrets.token_urlsafe(32)
        self.codes[code] = _Code(asked, claims, _first(form, "email"), time.time() + _CODE_LASTS_S)
        back = urlencode({"code": code, "state": asked["state"]})
        return Answer(303, location=f"{asked['redirect_uri']}?{back}")

    def redeem(self, form: Form) -> tuple[int, dict[str, object]]:
        """Return what a code is worth, once, to who can show the verifier of its challenge."""
        code = self.codes.pop(_first(form, "code"), None)
        digest = hashlib.sha256(_first(form, "code_verifier").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            code is None
            or code.until < time.time()
            or _first(form, "grant_type") != "authorization_code"
            or challenge != code.asked["code_challenge"]
            or any(_first(form, name) != code.asked[name] for name in ("client_id", "redirect_uri"))
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        common: dict[str, object] = {
            "iss": self.issuer,
            "sub": code.claims["sub"],
            "iat": now,
            "exp": now + _TOKEN_LASTS_S,
        }
        identity = {**common, "aud": self.client_id, "nonce": code.asked["nonce"], "email": code.email}
        access = {**common, **code.claims, "aud": self.audience, "client_id": self.client_id}
        return 200, {
            "token_type": "Bearer",
            "expires_in": _TOKEN_LASTS_S,
            "id_token": self._signed(identity),
            "access_token": self._signed(access),
        }

    def leave(self, query: Form) -> Answer:
        """Send the browser back to the page; there is no session here to end."""
        target = _first(query, "post_logout_redirect_uri")
        if urlsplit(target).hostname != "127.0.0.1":
            return Answer(400, b"Only a page on this machine is sent back to.")
        return Answer(303, location=target)

    def _signed(self, claims: dict[str, object]) -> str:
        return jwt.encode(claims, self.key, self.algorithm, headers={"kid": self.key_id})


def _first(form: Form, name: str) -> str:
    return form.get(name, [""])[0]


_PAGE = """<!doctype html>
<html lang="es"><head><meta charset="utf-8"><title>Iniciar sesión (local)</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Iniciar sesión · Sign in</h1>
<p>Solo en esta máquina: sé quien quieras. · On this machine alone: be whoever you like.</p>
<form method="post" action="/authorize">{hidden}
<p><label>Correo · E-mail<br><input name="email" type="email" value="operador@example.com" required></label></p>
<p><label>Workspace<br><input name="workspace" size="40" value="{workspace}"></label></p>
<p>{boxes}</p>
<p><button>Entrar · Sign in</button></p></form></main></body></html>
"""
