"""`python -m local.stack.issuer`: an OpenID Connect issuer that publishes its key and signs people in to the page.

Other tokens are signed by `local.stack.tokens` with the same key.
"""

import argparse
import json
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from local.stack.ports import LOOPBACK
from local.stack.sign_in import AUTHORIZE_PATH, LOGOUT_PATH, TOKEN_PATH, Answer, SignIn

KEY_ID = "local"
ALGORITHM = "RS256"
JWKS_PATH = "/.well-known/jwks.json"
#: What tokens are for, and who the operator's page is.
AUDIENCE = "robot-jobs"
PAGE_CLIENT = "robot-jobs-page"
_DISCOVERY_PATH = "/.well-known/openid-configuration"


def ensure_signing_key(path: Path) -> Path:
    """Make the private key where there is none; it is kept, since the API caches the public one for hours."""
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        unfinished = path.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        unfinished.replace(path)
    return path


def documents(key_path: Path, issuer: str) -> dict[str, bytes]:
    """What the issuer serves, by path."""
    key = load_pem_private_key(key_path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{key_path} holds no RSA key")
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    jwks = {"keys": [{**public, "kid": KEY_ID, "alg": ALGORITHM, "use": "sig"}]}
    discovery = {
        "issuer": issuer,
        "jwks_uri": issuer + JWKS_PATH,
        "authorization_endpoint": issuer + AUTHORIZE_PATH,
        "token_endpoint": issuer + TOKEN_PATH,
        "end_session_endpoint": issuer + LOGOUT_PATH,
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }
    return {JWKS_PATH: json.dumps(jwks).encode(), _DISCOVERY_PATH: json.dumps(discovery).encode()}


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, served: dict[str, bytes], sign_in: SignIn, *arguments: object) -> None:
        self._served = served
        self._sign_in = sign_in
        super().__init__(*arguments)  # type: ignore[arg-type]  # the server's own three

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == AUTHORIZE_PATH:
            self._send(self._sign_in.ask(parse_qs(url.query)))
        elif url.path == LOGOUT_PATH:
            self._send(self._sign_in.leave(parse_qs(url.query)))
        else:
            body = self._served.get(self.path)
            self._send(Answer(200 if body else 404, body or b"", "application/json"))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        if self.path == AUTHORIZE_PATH:
            self._send(self._sign_in.consent(form))
        elif self.path == TOKEN_PATH:
            status, tokens = self._sign_in.redeem(form)
            self._send(Answer(status, json.dumps(tokens).encode(), "application/json"))
        else:
            self._send(Answer(404))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(answer.body)


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m local.stack.issuer", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", type=Path, required=True, help="PEM file of the private key")
    options = parser.parse_args()
    issuer = f"http://{LOOPBACK}:{options.port}"
    served = documents(options.key, issuer)
    sign_in = SignIn(issuer, AUDIENCE, PAGE_CLIENT, options.key.read_bytes(), KEY_ID, ALGORITHM)
    with ThreadingHTTPServer((LOOPBACK, options.port), partial(_Handler, served, sign_in)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
