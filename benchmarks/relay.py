"""Outbox rows that relay_events publishes a second, against bare PutEvents in tens, to a bus that takes everything."""

import json
from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from benchmarks.aws import instant_aws
from benchmarks.database import fresh_database, product_on
from benchmarks.measure import Row, elapsed_ms, in_turn, per_second
from local.stack.postgres import Postgres
from shared.aws.clients import client
from shared.domain.ids import uuid7
from shared.workflow.relay import relay

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
        instant_aws(),
    ):
        events = client("events")

        def product() -> float:
            _fill_outbox(owner)
            return per_second(_EVENTS, elapsed_ms(_relay_all))

        ours, floors = in_turn(product, lambda: per_second(_EVENTS, elapsed_ms(lambda: _put_all(events))))
    yield Row("relay", f"publish {_EVENTS:,} rows", "events/s", ours, floors, floor_name="PutEvents alone")


def _relay_all() -> None:
    relay(lambda: True)


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
