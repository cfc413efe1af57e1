"""Each handler, warm: what an invocation takes beside the time that it waits for the database, and the exchanges."""

import importlib
import json
import logging
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection

from benchmarks.database import Database, fresh_database, insert_orders
from benchmarks.measure import Bar, Figures, Row, percentile
from benchmarks.proxy import Proxy, proxy_to
from benchmarks.record import make_job
from benchmarks.relay import bus
from local.stack.paths import CHECKOUT
from local.stack.postgres import Postgres
from shared.db.connection import close_connection
from shared.domain import (
    CreateRobotJobParams,
    DomainContext,
    UpdateJobItemResultParams,
    create_robot_job,
    get_job_with_items,
    update_job_item_results,
)

_RUNS = 40
_DELAYS_MS = (0, 1)
_ITEMS = 25

Event = dict[str, Any]


@dataclass(frozen=True)
class _Case:
    """A handler, what it is given each time, and the role of its function."""

    name: str
    function: str
    event: Callable[[], Event]
    role: str = "robot_jobs_app"


class _Context:
    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """As if every invocation had just begun."""
        return 30_000


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    os.environ |= {"POWERTOOLS_METRICS_NAMESPACE": "RobotJobs", "POWERTOOLS_SERVICE_NAME": "robot-jobs"}
    with fresh_database(server, "bench_warm") as database, database.connect_owner() as owner, bus():
        os.environ["NOTIFICATION_TOPIC_ARN"] = "arn:aws:sns:us-east-1:000000000000:notifications"
        cases = _cases(owner)
        for delay_ms in _DELAYS_MS:
            with proxy_to(server.port, delay_ms / 1000) as proxy:
                for case in cases:
                    yield from _measure(database, proxy, case, delay_ms)
        with proxy_to(server.port, 0) as proxy:
            os.environ["DATABASE_URL"] = _through(proxy, database)
            for count in (1, 1_000):
                yield from _exchanges(owner, proxy, count)
        close_connection()


def _measure(database: Database, proxy: Proxy, case: _Case, delay_ms: int) -> Iterator[Row]:
    handler = importlib.import_module(f"functions.{case.function}.app").handler
    os.environ["DATABASE_URL"] = _through(proxy, database, case.role)
    close_connection()
    whole: list[float] = []
    waited: list[float] = []
    exchanges = 0
    with _silent(), _waiting() as waits:
        for number in range(-5, _RUNS):
            event = case.event()
            waits.clear()
            before, begin = proxy.count(), time.perf_counter()
            answer = handler(event, _Context())
            spent = (time.perf_counter() - begin) * 1000
            if isinstance(answer, dict) and answer.get("statusCode", 200) >= 400:
                raise RuntimeError(f"{case.name}: {answer['body']}")
            if number >= 0:
                whole.append(spent)
                waited.append(sum(waits) * 1000)
                exchanges = proxy.count() - before
    close_connection()
    what = f"{case.name}, {delay_ms} ms away"
    bar = Bar("<=", 2.0) if delay_ms else None
    yield Row("warm", what, "ms", Figures(tuple(whole)), Figures(tuple(waited)), "its SQL", bar)
    yield Row("warm", f"{what}: 99 % within", "ms", Figures((percentile(whole, 99),)))
    if delay_ms:
        yield Row("warm", f"{case.name}: exchanges with the database", "round trips", Figures((exchanges,)))


def _exchanges(owner: Connection, proxy: Proxy, count: int) -> Iterator[Row]:
    close_connection()
    job = make_job(owner, count)  # There is a connection then.
    ctx = DomainContext(job.workspace_id, source="bench")
    order_ids = insert_orders(owner, job.workspace_id, count)
    reports = [UpdateJobItemResultParams(item_id, "success", number) for item_id, _, number in job.shipments]
    calls: dict[str, Callable[[], object]] = {
        f"create {count:,}": lambda: create_robot_job(ctx, CreateRobotJobParams(order_ids)),
        f"record {count:,}": lambda: update_job_item_results(ctx, reports),
        f"read {count:,}": lambda: get_job_with_items(ctx, job.job_id),
    }
    for name, call in calls.items():
        before = proxy.count()
        call()
        exchanges = Figures((proxy.count() - before,))
        yield Row("warm", f"{name}: exchanges with the database", "round trips", exchanges, bar=Bar("<=", 2))


def _through(proxy: Proxy, database: Database, role: str = "robot_jobs_app") -> str:
    return database.url(role).replace(f":{database.server.port}/", f":{proxy.port}/")


def _cases(owner: Connection) -> list[_Case]:
    job = make_job(owner, _ITEMS)
    workspace_id = job.workspace_id
    owner.execute(_INSERT_CONFIG, [workspace_id])
    job_path = {"rawPath": f"/robot-jobs/{job.job_id}", "pathParameters": {"jobId": str(job.job_id)}}

    def submission() -> Event:
        ids = [str(order_id) for order_id in insert_orders(owner, workspace_id, _ITEMS)]
        return _http("submit_job", workspace_id, body=json.dumps({"orderIds": ids})) | {"headers": {}}

    def reports() -> Event:
        fresh = make_job(owner, 10, workspace_id)
        return {
            "Records": [
                _message(
                    "robot/item.completed",
                    {
                        "jobId": str(fresh.job_id),
                        "itemId": str(item_id),
                        "workspaceId": str(workspace_id),
                        "dispatch": 1,
                        "status": "success",
                        "trackingNumber": number,
                    },
                )
                for item_id, _, number in fresh.shipments
            ]
        }

    order_id = str(job.shipments[0][1])
    order_path = {"rawPath": f"/orders/{order_id}", "pathParameters": {"orderId": order_id}}
    return [
        _Case(f"submit_job, {_ITEMS} orders", "submit_job", submission),
        _Case(
            f"manage_jobs, a job of {_ITEMS}", "manage_jobs", lambda: _http("manage_jobs_get", workspace_id, job_path)
        ),
        _Case("manage_jobs, a list", "manage_jobs", lambda: _http("manage_jobs_list", workspace_id, _NO_QUERY)),
        _Case(
            "manage_carriers, a config", "manage_carriers", lambda: _http("manage_carriers_get_config", workspace_id)
        ),
        _Case("manage_orders, an order", "manage_orders", lambda: _http("manage_orders_get", workspace_id, order_path)),
        _Case("record_results, 10 reports", "record_results", reports),
        _Case("relay_events, nothing to do", "relay_events", lambda: _sample("relay_events"), "robot_jobs_system"),
        _Case("expire_items, nothing to do", "expire_items", lambda: _sample("expire_items"), "robot_jobs_system"),
    ]


def _http(sample: str, workspace_id: UUID, path: Mapping[str, object] | None = None, body: str | None = None) -> Event:
    event = _sample(sample) | dict(path or {}) | ({} if body is None else {"body": body})
    event["requestContext"]["authorizer"]["jwt"]["claims"]["workspace_id"] = str(workspace_id)
    event["requestContext"]["http"]["path"] = event["rawPath"]
    return event


def _sample(name: str) -> Event:
    event: Event = json.loads((CHECKOUT / "events" / f"{name}.json").read_bytes())
    return event


def _message(detail_type: str, detail: Mapping[str, object]) -> Event:
    record: Event = _sample("record_results")["Records"][0]
    body = {"detail-type": detail_type, "source": "robot-jobs", "detail": detail}
    return record | {"messageId": str(detail["itemId"]), "body": json.dumps(body)}


@contextmanager
def _waiting() -> Iterator[list[float]]:
    """Collect the seconds of each wait for the database: what the same SQL takes without anything around it."""
    waits: list[float] = []
    wait = psycopg.Connection.wait

    def timed(self: Any, *args: Any, **options: Any) -> Any:
        begin = time.perf_counter()
        try:
            return wait(self, *args, **options)
        finally:
            waits.append(time.perf_counter() - begin)

    psycopg.Connection.wait = timed  # type: ignore[method-assign] # put back below
    try:
        yield waits
    finally:
        psycopg.Connection.wait = wait  # type: ignore[method-assign] # as it was


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the handlers' log lines and metrics off the terminal; they are written all the same."""
    with Path(os.devnull).open("w") as nowhere:
        loggers = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
        handlers = [each for logger in loggers for each in logger.handlers if isinstance(each, logging.StreamHandler)]
        streams = [(each, each.stream) for each in handlers]
        for each, _ in streams:
            each.setStream(nowhere)
        with redirect_stdout(nowhere), warnings.catch_warnings():
            # Of an invocation that had nothing to count.
            warnings.filterwarnings("ignore", "No application metrics")
            yield
        for each, stream in streams:
            each.setStream(stream)


_NO_QUERY: Mapping[str, object] = {"rawQueryString": "", "queryStringParameters": {}}

_INSERT_CONFIG = """
INSERT INTO carrier_configs (workspace_id, carrier, portal_username, portal_password_sealed, robot_url)
VALUES (%s, 'coordinadora', 'tienda', 'c2VhbGVk', 'https://robot.example.com')
"""
