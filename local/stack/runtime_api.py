"""The Lambda Runtime API for a single invocation.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from uuid import uuid4

from local.stack.ports import LOOPBACK

_PREFIX = "/2018-06-01/runtime"


@dataclass
class Invocation:
    """One event for a function, and what the function made of it."""

    payload: bytes
    timeout_s: float
    request_id: str = field(default_factory=lambda: str(uuid4()))
    taken: bool = False
    body: bytes = b""
    failed: bool = False
    ended: Event = field(default_factory=Event)
    #: Nobody waits for another event any more.
    closed: Event = field(default_factory=Event)

    def end(self, body: bytes, *, failed: bool) -> None:
        """Keep the function's answer, or its error."""
        self.body, self.failed = body, failed
        self.ended.set()


@contextmanager
def runtime_api(invocation: Invocation) -> Iterator[str]:
    """Serve the invocation; the block gets the value of `AWS_LAMBDA_RUNTIME_API`."""
    with _Server((LOOPBACK, 0), partial(_Handler, invocation)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"{LOOPBACK}:{server.server_port}"
        finally:
            invocation.closed.set()
            server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_request: object) -> None:
        """Say nothing of a connection that broke: the runtime is killed when it has answered."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, invocation: Invocation, *arguments: object) -> None:
        self._invocation = invocation
        super().__init__(*arguments)  # type: ignore[arg-type]  # the server's own three

    def do_GET(self) -> None:
        invocation = self._invocation
        if self.path != f"{_PREFIX}/invocation/next":
            self._answer(404, b"")
            return
        if invocation.taken:
            # There is no second event: the runtime waits for one, as it does on AWS, until it is ended.
            invocation.closed.wait()
            self.close_connection = True
            return
        invocation.taken = True
        deadline_ms = int((time.time() + invocation.timeout_s) * 1000)
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:local",
        }
        self._answer(200, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(202, b"{}")
        # An error while the module is loaded goes to /init/error, a later one to /invocation/ID/error.
        self._invocation.end(body, failed=self.path.endswith("/error"))

    def log_message(self, *_arguments: object) -> None:
        """Leave the terminal to the function's own lines."""

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
