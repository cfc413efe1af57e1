"""What each handler is given while it is warm: a small typical event, of new rows where the event changes some."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from benchmarks.database import insert_orders
from benchmarks.events import Event, messages, request, sample
from benchmarks.record import make_job, record_product, reports_of
from functions.receive_callback.events import item_completed
from shared.aws.bus import Entry
from shared.domain import CreateRobotJobParams, DomainContext, create_robot_job
from shared.domain.ids import uuid7
from shared.robot.callback_token import sign_callback_token, verify_callback_token
from shared.robot.report import parse_report

ITEMS = 25


@dataclass(frozen=True)
class Case:
    """A handler, what it is given each time, and the role of its function."""

    name: str
    function: str
    event: Callable[[], Event]
    role: str = "robot_jobs_app"


def cases(owner: Connection, robot_url: str) -> Iterator[Case]:
    """Give each handler's case; `receive_callback`, which has no SQL, is not among them."""
    yield from _of_the_api(owner)
    yield Case("dispatch_job, 25 orders", "dispatch_job", lambda: submitted(owner, robot_url, ITEMS))
    yield Case("record_results, 10 reports", "record_results", lambda: reported(owner, 10))
    yield Case("complete_job", "complete_job", lambda: completed(owner))
    yield Case("relay_events, nothing to do", "relay_events", lambda: sample("relay_events"), "robot_jobs_system")
    yield Case("expire_items, nothing to do", "expire_items", lambda: sample("expire_items"), "robot_jobs_system")


def _of_the_api(owner: Connection) -> Iterator[Case]:
    job = make_job(owner, ITEMS)
    workspace_id = job.workspace_id
    configure_carrier(owner, workspace_id)
    job_path = {"rawPath": f"/robot-jobs/{job.job_id}", "pathParameters": {"jobId": str(job.job_id)}}
    order_id = str(job.shipments[0][1])
    order_path = {"rawPath": f"/orders/{order_id}", "pathParameters": {"orderId": order_id}}
    no_query = {"rawQueryString": "", "queryStringParameters": {}}
    for name, function, event in (
        (f"submit_job, {ITEMS} orders", "submit_job", lambda: submission(owner, workspace_id, ITEMS)),
        (f"manage_jobs, a job of {ITEMS}", "manage_jobs", lambda: request("manage_jobs_get", workspace_id, job_path)),
        ("manage_jobs, a list", "manage_jobs", lambda: request("manage_jobs_list", workspace_id, no_query)),
        ("manage_carriers, a config", "manage_carriers", lambda: request("manage_carriers_get_config", workspace_id)),
        ("manage_orders, an order", "manage_orders", lambda: request("manage_orders_get", workspace_id, order_path)),
    ):
        yield Case(name, function, event)


def submission(owner: Connection, workspace_id: UUID, count: int) -> Event:
    """Return the submission of new orders."""
    ids = [str(order_id) for order_id in insert_orders(owner, workspace_id, count)]
    return request("submit_job", workspace_id, body={"orderIds": ids}) | {"headers": {}}


def submitted(owner: Connection, robot_url: str, count: int) -> Event:
    """Return the event of a new job in a workspace of its own: none of its others waits for the robot first."""
    workspace_id = uuid7()
    configure_carrier(owner, workspace_id, robot_url)
    ids = insert_orders(owner, workspace_id, count)
    params = CreateRobotJobParams(ids, item_values=dict.fromkeys(ids, form()))
    created = create_robot_job(DomainContext(workspace_id, source="bench"), params)
    if not created.success:
        raise RuntimeError(created.error)
    detail = {"jobId": str(created.data.job_id), "workspaceId": str(workspace_id), "carrier": "coordinadora"}
    return messages("dispatch_job", [detail | {"dispatch": 1, "orders": [], "ordersOmitted": count}])


def reported(owner: Connection, count: int) -> Event:
    """Return the robot's reports of a new job: a success each."""
    job = make_job(owner, count)
    about = {"jobId": str(job.job_id), "workspaceId": str(job.workspace_id), "dispatch": 1, "status": "success"}
    return messages(
        "record_results",
        [about | {"itemId": str(item_id), "trackingNumber": number} for item_id, _, number in job.shipments],
    )


def completed(owner: Connection) -> Event:
    """Return the event of a job that has just ended."""
    job = make_job(owner, 1)
    record_product(job.workspace_id, reports_of(job.shipments, 1))
    about = {"jobId": str(job.job_id), "workspaceId": str(job.workspace_id), "dispatch": 1}
    return messages("complete_job", [about | {"status": "completed", "successCount": 1, "errorCount": 0}])


def report() -> tuple[Event, Entry]:
    """Return a robot's report, and what the bus is to get of it."""
    event = sample("receive_callback_success")
    token = sign_callback_token(job_id=uuid7(), workspace_id=uuid7(), dispatch=1)
    event["headers"]["x-callback-secret"] = token
    published = item_completed(verify_callback_token(token), parse_report(event["body"], is_base64=False))
    return event, Entry(published.detail_type, published.to_detail())


def configure_carrier(owner: Connection, workspace_id: UUID, robot_url: str = "https://robot.example.com") -> None:
    """Give a workspace a carrier configuration that is complete."""
    owner.execute(_INSERT_CONFIG, [workspace_id, robot_url])


def form() -> dict[str, Any]:
    """Return what the robot is handed of one order."""
    envelope = json.loads(sample("dispatch_job")["Records"][0]["body"])
    form: dict[str, Any] = envelope["detail"]["orders"][0]["pedidoInput"]
    return form


_INSERT_CONFIG = """
INSERT INTO carrier_configs (workspace_id, carrier, portal_username, portal_password_sealed, robot_url)
VALUES (%s, 'coordinadora', 'tienda', 'c2VhbGVk', %s)
"""
