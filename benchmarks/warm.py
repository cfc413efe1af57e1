"""Each handler, warm: what an invocation takes next to its own SQL run bare, and the exchanges with the database."""

import importlib
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import psycopg
from psycopg import Connection

from benchmarks.aws import instant_aws
from benchmarks.database import Database, fresh_database, insert_orders
from benchmarks.events import Context, Event
from benchmarks.measure import Bar, Figures, Row, elapsed_ms, in_turn, percentile
from benchmarks.proxy import Proxy, proxy_to
from benchmarks.record import make_job
from benchmarks.replay import replay, rows_written
from benchmarks.robot import robot
from benchmarks.script import Script, recorded
from benchmarks.waits import waits_for_others
from benchmarks.warm_cases import Case, cases, report
from local.stack.postgres import Postgres
from shared.db.connection import close_connection, connection
from shared.domain import (
    CreateRobotJobParams,
    DomainContext,
    UpdateJobItemResultParams,
    create_robot_job,
    get_job_with_items,
    update_job_item_results,
)
from shared.events.source import SOURCE

if TYPE_CHECKING:
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef

Handler = Callable[[Event, Context], dict[str, Any]]

_RUNS = 100
_WARM_UPS = 5
_DELAYS_MS = (0, 1)
_FLOOR = "its SQL, bare"


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with (
        instant_aws(),
        robot() as instant,
        fresh_database(server, "bench_warm") as database,
        database.connect_owner() as owner,
    ):
        for case in cases(owner, instant.url):
            yield from _case(server, database, owner, case)
        with proxy_to(server.port, 0) as proxy:
            os.environ["DATABASE_URL"] = _through(proxy, database)
            for count in (1, 1_000):
                yield from _exchanges(owner, proxy, count)
        close_connection()
        yield from _receive_callback()


def _case(server: Postgres, database: Database, owner: Connection, case: Case) -> Iterator[Row]:
    with _connected(database.url(case.role)):
        script = _script(case, owner)
    for delay_ms in _DELAYS_MS:
        with proxy_to(server.port, delay_ms / 1000) as proxy, _connected(_through(proxy, database, case.role)):
            yield from _measure(case, script, proxy, delay_ms)


def _script(case: Case, owner: Connection) -> Script:
    """Return what the handler does with the database, when its replay has been seen to write as many rows."""
    handler = _handler_of(case.function)
    with _silent(), psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0) as conn:
        for _ in range(_WARM_UPS):
            _invoke(case.name, handler, case.event())
        event = case.event()
        begin = rows_written(owner, owner, connection())
        with recorded(event) as script:
            _invoke(case.name, handler, event)
        middle = rows_written(owner, connection())
        event = case.event()
        again = rows_written(owner, owner, connection())
        replay(conn, script, event)
        end = rows_written(owner, conn)
    ours = {table: middle[table] - begin[table] for table in begin}
    bare = {table: end[table] - again[table] for table in begin}
    if ours != bare:
        raise RuntimeError(f"{case.name} wrote {ours}, its statements alone wrote {bare}")
    return script


def _measure(case: Case, script: Script, proxy: Proxy, delay_ms: int) -> Iterator[Row]:
    handler = _handler_of(case.function)
    apart: list[float] = []
    exchanges: list[int] = []
    with (
        _silent(),
        waits_for_others() as waited,
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0) as conn,
    ):

        def product() -> float:
            event = case.event()
            waited.clear()
            before = proxy.count()
            spent = elapsed_ms(lambda: _invoke(case.name, handler, event))
            exchanges.append(proxy.count() - before)
            apart.append(spent - sum(waited))
            return spent

        ours, bare = in_turn(product, lambda: replay(conn, script, case.event()), runs=_RUNS, warm_ups=_WARM_UPS)
    what = f"{case.name}, {delay_ms} ms away"
    yield Row("warm", what, "ms", ours, bare, _FLOOR, Bar("<=", 2.0) if delay_ms else None)
    ours_apart = Figures(tuple(apart[-_RUNS:]))
    if ours_apart != ours:
        yield Row("warm", f"{what}, without waiting for AWS and the robot", "ms", ours_apart, bare, _FLOOR)
    yield Row("warm", f"{what}: 99 % within", "ms", Figures((percentile(ours.values, 99),)))
    if delay_ms:
        yield Row("warm", f"{case.name}: exchanges with the database", "round trips", Figures((exchanges[-1],)))


@contextmanager
def _connected(url: str) -> Iterator[None]:
    os.environ["DATABASE_URL"] = url
    close_connection()
    try:
        yield
    finally:
        close_connection()


def _receive_callback() -> Iterator[Row]:
    """It has no SQL: what it can't do without is the bus's taking of its event."""
    handler = _handler_of("receive_callback")
    event, entry = report()
    published: PutEventsRequestEntryTypeDef = {
        "EventBusName": "robot-jobs",
        "Source": SOURCE,
        "DetailType": entry.detail_type,
        "Detail": entry.detail,
    }
    events = boto3.client("events")
    with _silent():
        ours, floors = in_turn(
            lambda: elapsed_ms(lambda: _invoke("receive_callback", handler, event)),
            lambda: elapsed_ms(lambda: events.put_events(Entries=[published])),
            runs=_RUNS,
            warm_ups=_WARM_UPS,
        )
    yield Row("warm", "receive_callback", "ms", ours, floors, "PutEvents alone")
    yield Row("warm", "receive_callback: 99 % within", "ms", Figures((percentile(ours.values, 99),)))


def _handler_of(function: str) -> Handler:
    handler: Handler = importlib.import_module(f"functions.{function}.app").handler
    return handler


def _invoke(name: str, handler: Handler, event: Event) -> None:
    answer = handler(event, Context())
    if answer.get("statusCode", 200) >= 400 or answer.get("batchItemFailures"):
        raise RuntimeError(f"{name}: {answer}")


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
