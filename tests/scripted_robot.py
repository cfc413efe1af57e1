"""A robot over real HTTP that answers what the test tells it to, and remembers what it was sent."""

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


class ScriptedRobot:
    """Answers each call with `status` and `body`, after `delay_s`.

    `hangs` leaves a call without an answer until the test ends, `drops` closes its connection, `drips` leaves so many
    seconds between one byte of the body and the next.
    """

    def __init__(self) -> None:
        self.status = 200
        self.body: bytes = b'{"success": true, "jobId": "x", "message": "ok"}'
        self.headers: dict[str, str] = {}
        self.hangs = False
        self.delay_s = 0.0
        self.drops = False
        self.drips = 0.0
        self.calls: list[dict[str, Any]] = []
        self.headers_of_calls: list[dict[str, str]] = []
        self.released = Event()
        robot = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                robot.headers_of_calls.append(dict(self.headers.items()))
                robot.calls.append({"path": self.path})
                self._answer()

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                robot.headers_of_calls.append(dict(self.headers.items()))
                robot.calls.append({"path": self.path, "json": json.loads(self.rfile.read(length))})
                self._answer()

            def _answer(self) -> None:
                if robot.hangs:
                    robot.released.wait(30)
                time.sleep(robot.delay_s)
                if robot.hangs or robot.drops:
                    self.close_connection = True
                    return
                self.send_response(robot.status)
                for name, value in robot.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(robot.body)))
                self.end_headers()
                if not robot.drips:
                    self.wfile.write(robot.body)
                    return
                with suppress(ConnectionError):
                    for byte in robot.body:
                        self.wfile.write(bytes([byte]))
                        time.sleep(robot.drips)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Keep the test's output quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def use_tls(self, context: ssl.SSLContext) -> None:
        """Listen to https from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")

    @contextmanager
    def running(self) -> Iterator["ScriptedRobot"]:
        """Serve until the block ends."""
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.released.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()
