"""A robot that takes no time: it accepts each hand-over at once and, if it reports, reports all orders at once."""

import http.client
import json
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection as Pipe
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_S = 30


@dataclass(frozen=True)
class Reported:
    """What became of a batch's reports: how many were not taken, and when the first was made (seconds since 1970)."""

    refused: int
    first_at: float


class Robot:
    """The robot's address, and what it has reported."""

    def __init__(self, url: str, pipe: Pipe) -> None:
        self.url = url
        self._pipe = pipe

    def wait(self, timeout_s: float) -> Reported:
        """Wait until the robot has reported the next batch, and return how that went.

        Raises:
            TimeoutError: it was not handed one, or the API does not answer.
        """
        if not self._pipe.poll(timeout_s):
            raise TimeoutError(f"the robot has reported no batch within {timeout_s} s")
        reported: Reported = self._pipe.recv()
        return reported


@contextmanager
def robot(reporters: int = 0) -> Iterator[Robot]:
    """Run the robot for as long as the block takes, with so many reports under way at a time, or none at all."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, reporters), daemon=True)
    process.start()
    try:
        yield Robot(f"http://127.0.0.1:{ours.recv()}", ours)
    finally:
        process.kill()
        process.join()


def _serve(pipe: Pipe, reporters: int) -> None:
    class Face(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            batch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if reporters:
                Thread(target=_report, args=(batch, reporters, pipe), daemon=True).start()
            body = json.dumps({"success": True, "jobId": batch["jobId"], "message": "received"}).encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Leave the terminal to the figures."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Face) as server:
        pipe.send(server.server_port)
        server.serve_forever()


def _report(batch: dict[str, Any], reporters: int, pipe: Pipe) -> None:
    begin = time.time()
    shares = [batch["orders"][place::reporters] for place in range(reporters)]
    with ThreadPoolExecutor(reporters) as pool:
        refused = sum(pool.map(lambda share: _report_share(batch, share), shares))
    pipe.send(Reported(refused, begin))


def _report_share(batch: dict[str, Any], orders: Sequence[dict[str, Any]]) -> int:
    """Report these orders one after the other, as a robot does that never asks what was answered; count the rest."""
    url = urlsplit(batch["callbackUrl"])
    headers = {"Content-Type": "application/json", "X-Callback-Secret": batch["callbackSecret"]}
    connection = http.client.HTTPConnection(url.netloc, timeout=_TIMEOUT_S)
    refused = 0
    for order in orders:
        number = str(int(order["itemId"].replace("-", ""), 16) % 10**11)
        report = {"itemId": order["itemId"], "status": "success", "trackingNumber": number}
        try:
            connection.request("POST", url.path, json.dumps(report), headers)
            response = connection.getresponse()
            response.read()
            refused += response.status != HTTPStatus.ACCEPTED
        except (OSError, http.client.HTTPException):
            connection.close()
            refused += 1
    connection.close()
    return refused
