"""Outbox rows that relay_events publishes a second, against bare PutEvents in tens, to a bus that takes everything."""

import json
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from psycopg import Connection

from benchmarks.database import fresh_database, product_on
from benchmarks.measure import Row, elapsed_ms, in_turn, per_second
from local.stack.environment import aws_variables
from local.stack.postgres import Postgres
from shared.aws.clients import forget_clients
from shared.aws.relay import relay_batch
from shared.domain.ids import uuid7

_EVENTS = 2_000
_DETAIL = {
    "workspaceId": "0198c0de-0000-7000-8000-000000000001",
    "entityType": "order",
    "entityId": "0198c0de-0000-7000-8000-000000000031",
    "fieldName": "tracking_number",
    "previousValue": None,
    "newValue": "52830019274",
    "cascadeDepth": 0,
}


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with (
        fresh_database(server, "bench_relay") as database,
        database.connect_owner() as owner,
        product_on(database, "robot_jobs_system"),
        bus() as events,
    ):

        def product() -> float:
            _fill_outbox(owner)
            return per_second(_EVENTS, elapsed_ms(_relay_all))

        ours, floors = in_turn(product, lambda: per_second(_EVENTS, elapsed_ms(lambda: _put_all(events))))
    yield Row("relay", f"publish {_EVENTS:,} rows", "events/s", ours, floors, floor_name="PutEvents alone")


@contextmanager
def bus() -> Iterator[Any]:
    """Give a client of a bus of our own that takes everything, and let the product use it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    variables = aws_variables(f"http://127.0.0.1:{ours.recv()}") | {"EVENT_BUS_NAME": "robot-jobs"}
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    forget_clients()
    try:
        yield boto3.client("events")
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        forget_clients()
        process.kill()
        process.join()


def _relay_all() -> None:
    while relay_batch().published:
        pass


def _put_all(events: Any) -> None:
    entry = {
        "EventBusName": "robot-jobs",
        "Source": "robot-jobs",
        "DetailType": "automation/field.changed",
        "Detail": json.dumps(_DETAIL),
    }
    for _ in range(_EVENTS // 10):
        events.put_events(Entries=[entry] * 10)


def _fill_outbox(owner: Connection) -> None:
    owner.execute(
        "INSERT INTO outbox (workspace_id, detail_type, detail)"
        " SELECT %s, 'automation/field.changed', %s::json FROM generate_series(1, %s)",
        [uuid7(), json.dumps(_DETAIL), _EVENTS],
    )


def _serve(pipe: Any) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Bus) as server:
        pipe.send(server.server_port)
        server.serve_forever()


class _Bus(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        entries = [{"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"} for _ in request.get("Entries", ())]
        body = json.dumps({"FailedEntryCount": 0, "Entries": entries, "MessageId": "1"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Leave the terminal to the figures."""
