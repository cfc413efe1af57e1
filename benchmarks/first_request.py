"""How long the first request of a new environment takes: prepared by what runs before a snapshot, and unprepared.

The process is not a restored one, but a started one whose hooks have run: what AWS needs for the restore comes on top.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from benchmarks.built import code_of, environment
from benchmarks.database import fresh_database
from benchmarks.measure import Bar, Row, in_turn
from local.stack.paths import CHECKOUT
from local.stack.postgres import Postgres
from local.stack.tools import RUNTIME, tool

#: A request that reads of the database, for each function that starts from a snapshot.
SAMPLES = {
    "submit_job": "submit_job",
    "manage_jobs": "manage_jobs_list",
    "manage_carriers": "manage_carriers_get_config",
    "manage_orders": "manage_orders_get",
}
_TIMEOUT_S = 30


def first_requests(server: Postgres, layer: Path) -> Iterator[Row]:
    """Measure, for each function that starts from a snapshot."""
    with fresh_database(server, "bench_first_request") as database:
        secret = _secret_of(database.url())
        for function in SAMPLES:
            prepared, unprepared = in_turn(
                partial(_first_request, function, layer, secret, AWS_LAMBDA_INITIALIZATION_TYPE="snap-start"),
                partial(_first_request, function, layer, secret),
            )
            what = f"{function}, first request, prepared"
            yield Row("cold-start", what, "ms", prepared, unprepared, "unprepared", Bar("<=", 0.5))


def _secret_of(url: str) -> bytes:
    """Return how Secrets Manager answers with a database's address, in the form of RDS."""
    login = conninfo_to_dict(url)
    login["username"] = login.pop("user")
    return json.dumps({"Name": "database", "SecretString": json.dumps({**login, "sslmode": "disable"})}).encode()


def _first_request(function: str, layer: Path, secret: bytes, **initialization: str) -> float:
    """Return the milliseconds from the end of the process's start, or from its restore, to its first answer."""
    event = (CHECKOUT / "events" / f"{SAMPLES[function]}.json").read_bytes()
    times: list[float] = []
    answers: list[bytes] = []
    with HTTPServer(("127.0.0.1", 0), partial(_Lambda, event, secret, times, answers)) as server:
        server.timeout = _TIMEOUT_S
        address = f"127.0.0.1:{server.server_port}"
        own = {
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_ENDPOINT_URL": f"http://{address}",
            "DATABASE_SECRET_ARN": "database",
        }
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
        code = code_of(function)
        process = subprocess.Popen(
            [tool(RUNTIME) / "python", "-m", "awslambdaric", f"functions.{function}.app.handler"],
            cwd=code,
            env=environment(code, layer, **own, **keys, **initialization),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while not answers and process.poll() is None:
                server.handle_request()
        finally:
            process.kill()
            process.wait()
    if not answers or json.loads(answers[0]).get("statusCode", 500) >= 500:
        raise RuntimeError(f"{function} does not answer: {answers}")
    return (times[-1] - times[0]) * 1000


class _Lambda(BaseHTTPRequestHandler):
    """Lambda's Runtime API with one restore and one event, and the Secrets Manager that the function asks."""

    def __init__(self, event: bytes, secret: bytes, times: list[float], answers: list[bytes], *request: object) -> None:
        self._event, self._secret, self._times, self._answers = event, secret, times, answers
        super().__init__(*request)  # type: ignore[arg-type] # the server's own three

    def do_GET(self) -> None:
        self._times.append(time.perf_counter())
        self._say(self._event if self.path.endswith("/invocation/next") else b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "runtime" in self.path:
            self._times.append(time.perf_counter())
            self._answers.append(body)
        self._say(self._secret)

    def log_message(self, *_arguments: object) -> None: ...

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Lambda-Runtime-Aws-Request-Id", "request")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() + _TIMEOUT_S) * 1000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:local")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
