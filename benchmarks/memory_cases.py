"""The largest inputs that each function takes, beside a small typical one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from benchmarks.events import Event, form, messages, request, sample
from benchmarks.expire import make_overdue
from benchmarks.jobs import Job, insert_orders, make_job, record
from benchmarks.retry import failed_job
from shared.domain.ids import uuid7
from shared.robot.callback_token import sign_callback_token
from tests.factories import make_carrier_config

#: Orders of a small, typical event.
_FEW = 25

#: What one hand-over holds at most, so that it stays under the 5 MB that a robot takes.
_HANDED_OVER = 9_500
#: A report keeps at most 50 kB of what the robot says that it sent.
_FORM_BYTES = 45_000
#: The bus takes no more in an event, so the relay holds at most a batch of these.
_EVENT_BYTES = 890_000
_RELAYED = 200


@dataclass(frozen=True)
class Case:
    """A function, a small event for it, and the largest ones, each by what it is."""

    function: str
    small: Callable[[], Event]
    largest: Mapping[str, Callable[[], Event]]
    role: str = "robot_jobs_app"


def cases(owner: Connection, robot_url: str, batch_sizes: Mapping[str, int]) -> Sequence[Case]:
    """Return a case for each function; `batch_sizes` are those of the queues."""
    workspace_id = uuid7()
    make_carrier_config(owner, workspace_id)
    reports, ends = batch_sizes["record_results"], batch_sizes["complete_job"]
    return [
        Case(
            "submit_job",
            lambda: _submission(owner, workspace_id, _FEW),
            {"10,000 orders": lambda: _submission(owner, workspace_id, 10_000)},
        ),
        Case(
            "manage_jobs",
            lambda: _page(owner, _FEW),
            {
                "a page of 500 items of 45 kB": lambda: _page(owner, 500, large=True),
                "a retry of 10,000": lambda: _retry(owner, 10_000),
            },
        ),
        Case("manage_carriers", lambda: _cities(1), {"10,000 cities": lambda: _cities(10_000)}),
        Case("manage_orders", lambda: _import(_FEW), {"an import of 1,000": lambda: _import(1_000)}),
        Case("receive_callback", _report, {"a report of 600 kB": lambda: _report(600_000)}),
        Case(
            "dispatch_job",
            lambda: _submitted(owner, robot_url, _FEW),
            {f"{_HANDED_OVER:,} orders": lambda: _submitted(owner, robot_url, _HANDED_OVER)},
        ),
        Case(
            "record_results",
            lambda: _reported(owner, 10),
            {f"{reports} reports of 45 kB": lambda: _reported(owner, reports, _FORM_BYTES)},
        ),
        Case(
            "complete_job",
            lambda: _completed(owner),
            {f"{ends} ends": lambda: _completed(owner, ends)},
        ),
        Case(
            "relay_events",
            lambda: sample("relay_events"),
            {f"{_RELAYED} events of 0.9 MB and 5,000 small ones": lambda: _backlog(owner)},
            "robot_jobs_system",
        ),
        Case(
            "expire_items",
            lambda: sample("expire_items"),
            {"10,000 overdue": lambda: _overdue(owner, 10_000)},
            "robot_jobs_system",
        ),
    ]


def _page(owner: Connection, limit: int, *, large: bool = False) -> Event:
    job = make_job(owner, limit)
    if large:
        owner.execute(_FILL__FEW, [json.dumps(_form_of(_FORM_BYTES)), job.job_id])
    path = {
        "rawPath": f"/robot-jobs/{job.job_id}",
        "pathParameters": {"jobId": str(job.job_id)},
        "rawQueryString": f"limit={limit}",
        "queryStringParameters": {"limit": str(limit)},
    }
    return request("manage_jobs_get", job.workspace_id, path)


def _retry(owner: Connection, count: int) -> Event:
    job = failed_job(owner, count)
    _forget_events(owner)
    path = {"rawPath": f"/robot-jobs/{job.job_id}/retry", "pathParameters": {"jobId": str(job.job_id)}}
    ids = [str(item_id) for item_id, _, _ in job.shipments]
    return request("manage_jobs_retry", job.workspace_id, path, {"itemIds": ids})


def _cities(count: int) -> Event:
    cities = [{"city": "Medellin", "department": "ANT", "orderId": str(uuid7())}] * count
    return request("manage_carriers_coverage_validate", uuid7(), body={"cities": cities})


def _import(count: int) -> Event:
    event = sample("manage_orders_import")
    order = json.loads(event["body"])["orders"][0]
    orders = [
        order | {"id": str(uuid7()), "name": f"A-{number}", "contact": order["contact"] | {"id": str(uuid7())}}
        for number in range(count)
    ]
    return request("manage_orders_import", uuid7(), body={"orders": orders})


def _submission(owner: Connection, workspace_id: UUID, count: int) -> Event:
    ids = [str(order_id) for order_id in insert_orders(owner, workspace_id, count)]
    return request("submit_job", workspace_id, body={"orderIds": ids}) | {"headers": {}}


def _submitted(owner: Connection, robot_url: str, count: int) -> Event:
    """Return the event of a new job in a workspace of its own: none of its others waits for the robot first."""
    job = make_job(owner, count, form=form())
    make_carrier_config(owner, job.workspace_id, robot_url=robot_url)
    return messages("dispatch_job", [_about(job) | {"carrier": "coordinadora", "orders": [], "ordersOmitted": count}])


def _report(form_bytes: int = 0) -> Event:
    event = sample("receive_callback_success")
    event["headers"]["x-callback-secret"] = sign_callback_token(job_id=uuid7(), workspace_id=uuid7(), dispatch=1)
    return event | {"body": json.dumps(json.loads(event["body"]) | {"valueSent": _form_of(form_bytes)})}


def _reported(owner: Connection, count: int, form_bytes: int = 0) -> Event:
    job = make_job(owner, count)
    about = _about(job) | {"status": "success", "valueSent": _form_of(form_bytes)}
    details = [{"itemId": str(item_id), "trackingNumber": number} for item_id, _, number in job.shipments]
    return messages("record_results", [about | detail for detail in details])


def _completed(owner: Connection, count: int = 1) -> Event:
    """Return the events of jobs that have just ended."""
    jobs = [make_job(owner, 1) for _ in range(count)]
    for job in jobs:
        record(job.ctx, [job.reports()])
    end = {"status": "completed", "successCount": 1, "errorCount": 0}
    return messages("complete_job", [_about(job) | end for job in jobs])


def _about(job: Job) -> dict[str, Any]:
    return {"jobId": str(job.job_id), "workspaceId": str(job.workspace_id), "dispatch": 1}


def _form_of(size: int) -> dict[str, Any]:
    return form() | {f"campo{number}": "x" * 100 for number in range(size // 115)}


def _backlog(owner: Connection) -> Event:
    _forget_events(owner)
    owner.execute(_INSERT_EVENTS, {"count": _RELAYED, "bytes": _EVENT_BYTES})
    owner.execute(_INSERT_EVENTS, {"count": 5_000, "bytes": 300})
    return sample("relay_events")


def _overdue(owner: Connection, count: int) -> Event:
    job = make_job(owner, count)
    _forget_events(owner)
    make_overdue(owner, job)
    return sample("expire_items")


def _forget_events(owner: Connection) -> None:
    owner.execute("UPDATE outbox SET published_at = now() WHERE published_at IS NULL")


_INSERT_EVENTS = """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT gen_random_uuid(), 'automation/field.changed', json_build_object('newValue', repeat('x', %(bytes)s))
  FROM generate_series(1, %(count)s)
"""

_FILL__FEW = "UPDATE robot_job_items SET value_sent = %s WHERE job_id = %s"
