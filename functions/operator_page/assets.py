"""Scripts and styles: each under a name that changes with it, so that browsers keep it for good."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from functions.operator_page.routing import routes
from functions.operator_page.visit import here

_STATIC = Path(__file__).with_name("static")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def asset_url(name: str) -> str:
    """Return the address of a file of `static`."""
    return here().url(f"/app/static/{_digest(name)}/{name}")


@routes.get("/app/static/<digest>/<name>")
def asset(digest: str, name: str) -> Response[str]:
    """Answer a script or a style; an address of another version of it, too: old pages still ask for it."""
    if name not in _names():
        raise NotFoundError
    is_current = digest == _digest(name)
    lasting = "public, max-age=31536000, immutable" if is_current else "no-store"
    return Response(
        status_code=HTTPStatus.OK,
        content_type=_TYPES[Path(name).suffix],
        headers={"Cache-Control": lasting},
        body=(_STATIC / name).read_text(encoding="utf-8"),
    )


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in _STATIC.iterdir() if path.suffix in _TYPES)


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:16]
