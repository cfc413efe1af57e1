"""`python -m local.stack.issuer`: an OpenID Connect issuer that only publishes its key.

Tokens are signed by `local.stack.tokens` with the same key.
"""

import argparse
import json
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from local.stack.ports import LOOPBACK

KEY_ID = "local"
ALGORITHM = "RS256"
JWKS_PATH = "/.well-known/jwks.json"
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
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }
    return {JWKS_PATH: json.dumps(jwks).encode(), _DISCOVERY_PATH: json.dumps(discovery).encode()}


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, served: dict[str, bytes], *arguments: object) -> None:
        self._served = served
        super().__init__(*arguments)  # type: ignore[arg-type]  # the server's own three

    def do_GET(self) -> None:
        body = self._served.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m local.stack.issuer", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", type=Path, required=True, help="PEM file of the private key")
    options = parser.parse_args()
    served = documents(options.key, f"http://{LOOPBACK}:{options.port}")
    with ThreadingHTTPServer((LOOPBACK, options.port), partial(_Handler, served)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
