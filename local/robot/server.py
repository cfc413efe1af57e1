"""The robot's HTTP face."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from pydantic import ValidationError

from local.robot.answer import Page, refused
from local.robot.routes import get, post
from local.robot.wording import in_words

if TYPE_CHECKING:
    from local.robot.answer import Answer
    from local.robot.robot import Robot

MAX_BODY_BYTES = 5_000_000


class RobotServer(ThreadingHTTPServer):
    """Serves one robot; port 0 takes a free one, `server_port` tells which."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, robot: Robot) -> None:
        self.robot = robot
        super().__init__((host, port), _RequestHandler)

    @property
    def url(self) -> str:
        """The address to use as a carrier config's robotUrl."""
        return f"http://{self.server_name}:{self.server_port}"

    def server_bind(self) -> None:
        """Bind without the name look-up of HTTPServer, which can take seconds where there is no DNS."""
        super(ThreadingHTTPServer, self).server_bind()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]


class _RequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: RobotServer

    def do_GET(self) -> None:
        path, query = self._target()
        self._answer(get(self.server.robot, path, query))

    def do_POST(self) -> None:
        path, _ = self._target()
        body = self._body()
        if body is None:
            # The rest of the body is not read, so the connection can't be used again.
            self.close_connection = True
            self._answer(refused(413, f"a body needs a Content-Length of at most {MAX_BODY_BYTES}"))
            return
        try:
            self._answer(post(self.server.robot, path, body))
        except ValidationError as error:
            self._answer(refused(400, in_words(error)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Requests are not logged; the robot logs what it does."""

    def _target(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, {name: values[-1] for name, values in parse_qs(parts.query).items()}

    def _body(self) -> bytes | None:
        chunked = "" if "Transfer-Encoding" in self.headers else "0"
        length = self.headers.get("Content-Length", chunked)
        if not length.isascii() or not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            return None
        return self.rfile.read(int(length))

    def _answer(self, answer: Answer | Page) -> None:
        if isinstance(answer, Page):
            status, kind, text = 200, "text/html; charset=utf-8", answer.html
        else:
            status, kind, text = answer.status, "application/json", json.dumps(answer.body)
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
