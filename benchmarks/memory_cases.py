"""The largest inputs that each function takes, beside a small typical one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from benchmarks.events import Event, messages, request, sample
from benchmarks.record import make_job
from benchmarks.warm_cases import ITEMS, completed, configure_carrier, form, report, reported, submission, submitted
from shared.domain import DomainContext, UpdateJobItemResultParams, update_job_item_results
from shared.domain.ids import uuid7

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
    configure_carrier(owner, workspace_id)
    reports, ends = batch_sizes["record_results"], batch_sizes["complete_job"]
    return [
        Case(
            "submit_job",
            lambda: submission(owner, workspace_id, ITEMS),
            {"10,000 orders": lambda: submission(owner, workspace_id, 10_000)},
        ),
        Case(
            "manage_jobs",
            lambda: _page(owner, ITEMS),
            {
                "a page of 500 items of 45 kB": lambda: _page(owner, 500, large=True),
                "a retry of 10,000": lambda: _retry(owner, 10_000),
            },
        ),
        Case("manage_carriers", lambda: _cities(1), {"10,000 cities": lambda: _cities(10_000)}),
        Case("manage_orders", lambda: _import(ITEMS), {"an import of 1,000": lambda: _import(1_000)}),
        Case("receive_callback", lambda: report()[0], {"a report of 600 kB": _large_report}),
        Case(
            "dispatch_job",
            lambda: submitted(owner, robot_url, ITEMS),
            {f"{_HANDED_OVER:,} orders": lambda: submitted(owner, robot_url, _HANDED_OVER)},
        ),
        Case(
            "record_results",
            lambda: reported(owner, 10),
            {f"{reports} reports of 45 kB": lambda: _padded(reported(owner, reports))},
        ),
        Case(
            "complete_job",
            lambda: completed(owner),
            {f"{ends} ends": lambda: {"Records": [_of(completed(owner), number) for number in range(ends)]}},
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
        owner.execute(_FILL_ITEMS, [json.dumps(_form_of(_FORM_BYTES)), job.job_id])
    path = {
        "rawPath": f"/robot-jobs/{job.job_id}",
        "pathParameters": {"jobId": str(job.job_id)},
        "rawQueryString": f"limit={limit}",
        "queryStringParameters": {"limit": str(limit)},
    }
    return request("manage_jobs_get", job.workspace_id, path)


def _retry(owner: Connection, count: int) -> Event:
    job = make_job(owner, count)
    ctx = DomainContext(job.workspace_id, source="bench")
    failed = [UpdateJobItemResultParams(item_id, "error", error_type="portal") for item_id, _, _ in job.shipments]
    recorded = update_job_item_results(ctx, failed)
    if not recorded.success:
        raise RuntimeError(recorded.error)
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


def _large_report() -> Event:
    event, _ = report()
    return event | {"body": json.dumps(json.loads(event["body"]) | {"valueSent": _form_of(600_000)})}


def _padded(event: Event) -> Event:
    details = [json.loads(record["body"])["detail"] for record in event["Records"]]
    return messages("record_results", [detail | {"valueSent": _form_of(_FORM_BYTES)} for detail in details])


def _form_of(size: int) -> dict[str, Any]:
    return form() | {f"campo{number}": "x" * 100 for number in range(size // 115)}


def _of(event: Event, number: int) -> Event:
    [record] = event["Records"]
    return {**record, "messageId": str(number)}


def _backlog(owner: Connection) -> Event:
    _forget_events(owner)
    owner.execute(_INSERT_EVENTS, {"count": _RELAYED, "bytes": _EVENT_BYTES})
    owner.execute(_INSERT_EVENTS, {"count": 5_000, "bytes": 300})
    return sample("relay_events")


def _overdue(owner: Connection, count: int) -> Event:
    job = make_job(owner, count)
    _forget_events(owner)
    owner.execute(_MAKE_OVERDUE, [job.job_id])
    return sample("expire_items")


def _forget_events(owner: Connection) -> None:
    owner.execute("UPDATE outbox SET published_at = now() WHERE published_at IS NULL")


_INSERT_EVENTS = """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT gen_random_uuid(), 'automation/field.changed', json_build_object('newValue', repeat('x', %(bytes)s))
  FROM generate_series(1, %(count)s)
"""

_FILL_ITEMS = "UPDATE robot_job_items SET value_sent = %s WHERE job_id = %s"

_MAKE_OVERDUE = """
UPDATE robot_job_dispatches SET status = 'accepted', claimed_at = now(), accepted_at = now(), deadline_at = now()
 WHERE job_id = %s
"""
