"""How long a built function takes from the start of its process to its first request for an event, and to its answer.

The first answer is measured prepared, by what runs before a snapshot, and unprepared. The process is not a restored one
but a started one whose hooks have run: what AWS needs for the restore comes on top.
"""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from benchmarks.built import code_of, layer, started
from benchmarks.database import STATE, fresh_database
from benchmarks.measure import Bar, Figures, Row, in_turn
from local.stack.build import ensure_build
from local.stack.environment import aws_variables, without_users_settings
from local.stack.paths import CHECKOUT
from local.stack.postgres import Postgres

_LOGGER = "from aws_lambda_powertools import Logger\n"
_METRICS = "from aws_lambda_powertools import Logger, Metrics\n"
_BATCH = (
    _LOGGER + "from aws_lambda_powertools.utilities.batch import BatchProcessor, process_partial_response\n"
    "from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord\n"
)
_HTTP = (
    _LOGGER + "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver\n"
    "from aws_lambda_powertools.event_handler.middlewares import openapi_validation\n"
    "from pydantic import BaseModel\n"
)
_DATABASE = "import psycopg\n"
_MODELS = "from pydantic import BaseModel, Field\n"

#: What each function cannot do without.
FLOORS = {
    "submit_job": _HTTP + _DATABASE,
    "manage_jobs": _HTTP + _DATABASE,
    "manage_carriers": _HTTP + _DATABASE,
    "manage_orders": _HTTP + _DATABASE,
    "operator_page": _HTTP + _DATABASE + "import jinja2\n",
    "receive_callback": _HTTP + "import jwt\n",
    "dispatch_job": _BATCH + _MODELS + _DATABASE + "import jwt, urllib3.connection\n",
    "record_results": _METRICS + _MODELS + _DATABASE,
    "complete_job": _BATCH + _MODELS + _DATABASE,
    "relay_events": _METRICS + _DATABASE,
    "expire_items": _METRICS + _DATABASE,
    "migrate_database": _LOGGER + _DATABASE + "import alembic.command, sqlalchemy\n",
}
#: A request that reads of the database, for each function that starts from a snapshot.
_REQUESTS = {
    "submit_job": "submit_job",
    "manage_jobs": "manage_jobs_list",
    "manage_carriers": "manage_carriers_get_config",
    "manage_orders": "manage_orders_get",
}
_TIMEOUT_S = 30


@dataclass
class _Runtime:
    """Lambda's Runtime API with one restore and one event, and the Secrets Manager that the function asks."""

    event: bytes = b""
    secret: bytes = b""
    #: When the process asked for the restore or for an event, or answered, in this order.
    times: list[float] = field(default_factory=list)
    answer: bytes = b""
    failure: bytes = b""

    def run(self, code: Path, function: str, variables: Mapping[str, str], *, until_answer: bool) -> None:
        """Start the function, and serve it until it first asks for an event, or answers the event."""
        with HTTPServer(("127.0.0.1", 0), partial(_Face, self)) as server:
            server.timeout = _TIMEOUT_S
            address = f"127.0.0.1:{server.server_port}"
            own = aws_variables(f"http://{address}") | {"AWS_LAMBDA_RUNTIME_API": address, **variables}
            self.times.append(time.perf_counter())
            arguments = ["-m", "awslambdaric", f"functions.{function}.app.handler"]
            with started(code, function, arguments, own) as process:
                while process.poll() is None and not (
                    self.failure or (self.answer if until_answer else self.times[1:])
                ):
                    server.handle_request()
        if self.failure:
            raise RuntimeError(f"{function} fails: {self.failure.decode()}")


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with without_users_settings(), fresh_database(server, "bench_cold_start") as database:
        ensure_build(STATE)
        for function, floor in FLOORS.items():
            stand_in = _stand_in(function, floor)
            figures = in_turn(partial(_start, code_of(function), function), partial(_start, stand_in, function))
            yield Row("cold-start", function, "ms", *figures, "its libraries", Bar("<=", 1.4))
        # A person waits for the page as for the API.
        page, api = (partial(_start, code_of(function), function) for function in ("operator_page", "manage_jobs"))
        yield Row("cold-start", "operator_page", "ms", *in_turn(page, api), "manage_jobs", Bar("<=", 1.2))
        secret = _secret_of(database.url())
        for function in _REQUESTS:
            prepared, unprepared = in_turn(
                partial(_first_request, function, secret, AWS_LAMBDA_INITIALIZATION_TYPE="snap-start"),
                partial(_first_request, function, secret),
            )
            what = f"{function}, first request, prepared"
            yield Row("cold-start", what, "ms", prepared, unprepared, "unprepared", Bar("<=", 0.5))
        importing = [function for function in FLOORS if _imports_boto3(function)]
    what = f"import boto3: {', '.join(importing) or 'none'}"
    yield Row("cold-start", what, "functions", Figures((len(importing),)), bar=Bar("<=", 0))
    size = sum(path.stat().st_size for path in layer().parent.rglob("*") if path.is_file())
    yield Row("cold-start", "layer, unzipped", "MB", Figures((size / 1e6,)), bar=Bar("<=", 30))


def _stand_in(function: str, floor: str) -> Path:
    code = STATE / "bench-floors" / function
    shutil.rmtree(code, ignore_errors=True)
    (code / "functions" / function).mkdir(parents=True)
    # The functions' own package lies on the path as well, for what it brings.
    (code / "functions" / "__init__.py").touch()
    (code / "functions" / function / "app.py").write_text(floor + "def handler(event, context): ...\n")
    return code


def _start(code: Path, function: str) -> float:
    runtime = _Runtime()
    runtime.run(code, function, {}, until_answer=False)
    if len(runtime.times) == 1:
        raise RuntimeError(f"{function} does not start")
    return (runtime.times[1] - runtime.times[0]) * 1000


def _first_request(function: str, secret: bytes, **variables: str) -> float:
    """Return the milliseconds from the end of the process's start, or from its restore, to its first answer."""
    event = (CHECKOUT / "events" / f"{_REQUESTS[function]}.json").read_bytes()
    runtime = _Runtime(event, secret)
    own = {"DATABASE_SECRET_ARN": "database", **variables}
    runtime.run(code_of(function), function, own, until_answer=True)
    if json.loads(runtime.answer or b"{}").get("statusCode", 500) >= 500:
        raise RuntimeError(f"{function} does not answer: {runtime.answer!r}")
    return (runtime.times[-1] - runtime.times[1]) * 1000


def _imports_boto3(function: str) -> bool:
    script = f"import sys, functions.{function}.app; sys.exit('boto3' in sys.modules)"
    with started(code_of(function), function, ["-c", script], {}) as process:
        return process.wait() != 0


def _secret_of(url: str) -> bytes:
    """Return how Secrets Manager answers with a database's address, in the form of RDS."""
    login = conninfo_to_dict(url)
    login["username"] = login.pop("user")
    return json.dumps({"Name": "database", "SecretString": json.dumps({**login, "sslmode": "disable"})}).encode()


class _Face(BaseHTTPRequestHandler):
    def __init__(self, runtime: _Runtime, *request: object) -> None:
        self._runtime = runtime
        super().__init__(*request)  # type: ignore[arg-type] # the server's own three

    def do_GET(self) -> None:
        self._runtime.times.append(time.perf_counter())
        self._say(self._runtime.event if self.path.endswith("/invocation/next") else b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "error" in self.path:
            self._runtime.failure = body
        elif "runtime" in self.path:
            self._runtime.times.append(time.perf_counter())
            self._runtime.answer = body
        self._say(self._runtime.secret)

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
