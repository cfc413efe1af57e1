"""An API that answers what a test says, over real HTTP, for the tests of the `robot-jobs` command."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import jwt

WORKSPACE = uuid4()


class Request(NamedTuple):
    method: str
    path: str
    body: Any


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class ScriptedApi(ThreadingHTTPServer):
    """Gives the answers that a test has queued for a method and path; the last one again and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ScriptedHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/stage"
        self.requests: list[Request] = []
        self.authorizations: set[str | None] = set()
        self.other_answers: list[tuple[int, Any, dict[str, str]]] = []
        self.answers: dict[str, list[tuple[int, Any, dict[str, str]]]] = {}

    def answers_unknown(self, status: int, body: Any) -> None:
        """Answer so whatever no other answer is queued for."""
        self.other_answers = [(status, body, {})]

    def will_answer(self, route: str, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self.answers.setdefault(route, []).append((status, body, headers or {}))


class _ScriptedHandler(BaseHTTPRequestHandler):
    server: ScriptedApi

    def do_GET(self) -> None:
        path = self.path.removeprefix("/stage")
        length = int(self.headers.get("Content-Length", "0"))
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.requests.append(Request(self.command, path, body))
        self.server.authorizations.add(self.headers["Authorization"])
        answers = self.server.answers.get(f"{self.command} {path}") or self.server.other_answers
        status, content, headers = answers.pop(0) if len(answers) > 1 else answers[0]
        raw = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    do_POST = do_PUT = do_PATCH = do_GET  # noqa: N815 - the base class names them so

    def log_message(self, *_: object) -> None:
        pass


def token_of(workspace: UUID) -> str:
    return jwt.encode({"workspace_id": str(workspace)}, "any key will do: the client does not check it")


def job(**changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "workspaceId": str(WORKSPACE),
        "carrier": "coordinadora",
        "status": "processing",
        "totalItems": 3,
        "successCount": 0,
        "errorCount": 0,
        "createdAt": "2026-03-04T05:06:07Z",
        "completedAt": None,
    } | changes


def item(**changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "orderId": str(uuid4()),
        "status": "success",
        "trackingNumber": "70000000001",
        "validatedCity": None,
        "valueSent": {"ciudad": "CALI (VALLE)"},
        "errorType": None,
        "errorMessage": None,
        "retryCount": 0,
    } | changes


def checked(**counts: Any) -> dict[str, Any]:
    return {"new": 0, "changed": 0, "unchanged": 0, "lookalikes": []} | counts


def problem(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    return {"type": "about:blank", "title": "", "status": status, "detail": detail, "code": code, **members}
