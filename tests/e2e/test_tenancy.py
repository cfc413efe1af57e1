"""Every route of the served description, called by a stranger with another workspace's ids: nothing seen or changed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg import sql

from local.cli.api import RobotJobsApi
from local.sample_order import sample_order
from local.stack.state import Stack
from shared.domain.ids import uuid7
from tests.e2e import steps
from tests.e2e.conftest import Connect, raw, token

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Victim:
    """The workspace whose ids the stranger has got hold of."""

    workspace: UUID
    job_id: UUID
    item_id: UUID
    order_id: UUID
    contact_id: UUID


@dataclass(frozen=True)
class Attempt:
    """What the stranger sends, and what it must get; 200: an answer about the stranger's own workspace."""

    status: int
    body: Callable[[Victim], object] = lambda _: None
    code: str | None = None


def order(order_id: UUID, contact_id: UUID | None = None) -> dict[str, Any]:
    return sample_order(1, id=str(order_id), contact={"id": str(contact_id), "name": "x"} if contact_id else None)


#: Operation → attempts. An operation that is not here fails the test: a new route has its line.
ATTEMPTS: dict[str, list[Attempt]] = {
    "list_jobs": [Attempt(200)],
    "get_job": [Attempt(404, code="job_not_found")],
    "update_job": [Attempt(404, lambda _: {"status": "failed"}, "job_not_found")],
    "retry_job": [
        Attempt(404, code="job_not_found"),
        Attempt(404, lambda victim: {"itemIds": [str(victim.item_id)]}, "job_not_found"),
    ],
    "settle_job": [
        Attempt(404, lambda victim: {"items": [{"itemId": str(victim.item_id), "shipped": True}]}, "job_not_found"),
    ],
    "cancel_job": [Attempt(404, code="job_not_found")],
    "pause_job": [Attempt(404, code="job_not_found")],
    "resume_job": [Attempt(404, code="job_not_found")],
    "get_item": [Attempt(404, code="item_not_found")],
    "list_activity": [Attempt(200)],
    "list_orders": [Attempt(200)],
    "search_cities": [Attempt(422, code="invalid_input")],
    "check_orders": [Attempt(200, lambda victim: {"orders": [order(victim.order_id)]})],
    "submit": [Attempt(422, lambda victim: {"orderIds": [str(victim.order_id)]}, "orders_not_found")],
    "look_up": [Attempt(422, lambda victim: {"orderIds": [str(victim.order_id)]}, "orders_not_found")],
    "get_order": [Attempt(404, code="order_not_found")],
    "update_order": [
        Attempt(404, lambda _: {"shippingCity": "Cali"}, "order_not_found"),
        Attempt(404, lambda victim: {"contactId": str(victim.contact_id)}, "order_not_found"),
    ],
    "import_orders": [
        Attempt(422, lambda victim: {"orders": [order(victim.order_id)]}, "order_ids_taken"),
        Attempt(422, lambda victim: {"orders": [order(uuid7(), victim.contact_id)]}, "contact_ids_taken"),
    ],
    "get_config": [Attempt(200)],
    "put_config": [Attempt(200, lambda _: {"portalUsername": "stranger"})],
    "get_coverage": [Attempt(200)],
    "validate_coverage": [
        Attempt(200, lambda _: {"cities": [{"city": "Cali", "department": "Valle"}]}),
    ],
    "get_activation": [Attempt(200)],
    "put_activation": [Attempt(200, lambda _: {"isEnabled": True, "allAreClients": True})],
    "receive": [
        Attempt(202, lambda victim: {"itemId": str(victim.item_id), "status": "success", "trackingNumber": "STOLEN"}),
    ],
    "openapi": [Attempt(200)],
}


@pytest.fixture
def victim(connect: Connect, stack: Stack) -> Victim:
    """A workspace with an ended job: one order failed, so that a retry could change something."""
    workspace = uuid7()
    api = connect(workspace)
    steps.configure(api, stack, workspace, portalErrorRate=1, seed=1)
    [order_id] = steps.import_orders(api, 1)
    job_id = api.submit([order_id]).job_id
    assert steps.wait_until_ended(api, job_id).error_count == 1
    [item] = api.get_items(job_id)
    contact_id = _json(api, f"orders/{order_id}")["contactId"]
    api.http.put("client-activation", json={"isEnabled": True}).raise_for_status()
    return Victim(workspace, job_id, item.id, order_id, UUID(contact_id))


@pytest.fixture
def stranger(connect: Connect, stack: Stack, workspace: UUID) -> tuple[UUID, UUID]:
    """Another workspace, with a job and an item of its own."""
    api = connect(workspace)
    steps.configure(api, stack, workspace)
    job_id = api.submit(steps.import_orders(api, 1)).job_id
    steps.wait_until_ended(api, job_id)
    [item] = api.get_items(job_id)
    return job_id, item.id


def test_a_stranger_sees_nothing_and_changes_nothing_by_any_route(
    stack: Stack, victim: Victim, stranger: tuple[UUID, UUID], workspace: UUID
) -> None:
    """A query without its workspace, a route that takes the workspace from the request: either shows here."""
    before = rows_of(stack, victim.workspace)
    assert {"robot_jobs", "robot_job_items", "orders", "contacts", "carrier_configs"} <= set(before)
    with raw(stack) as client:
        client.headers["Authorization"] = f"Bearer {token(workspace)}"
        client.headers["X-Callback-Secret"] = steps.callback_secret(stack, stranger[0], workspace)
        paths = client.get("openapi.json").json()["paths"]
        operations = {
            operation["operationId"]: (method.upper(), path)
            for path, methods in paths.items()
            for method, operation in methods.items()
        }
        assert set(operations) == set(ATTEMPTS)
        for name, attempts in ATTEMPTS.items():
            for attempt in attempts:
                answer = send(client, *operations[name], attempt.body(victim), victim)
                assert answer.status_code == attempt.status, (name, answer.text)
                if attempt.code:
                    assert answer.json()["code"] == attempt.code, (name, answer.text)
                if attempt.status == 200 and name != "openapi":
                    assert_tells_nothing_of(victim, answer)
    wait_until_recorded(stack, "STOLEN", stranger, workspace)
    assert rows_of(stack, victim.workspace) == before


@pytest.mark.parametrize("where", ["query", "header", "body"])
def test_a_workspace_that_the_request_names_is_nobodys(
    stack: Stack, victim: Victim, workspace: UUID, where: str
) -> None:
    named = str(victim.workspace)
    with raw(stack) as client:
        client.headers["Authorization"] = f"Bearer {token(workspace)}"
        if where == "query":
            answer = client.get("robot-jobs", params={"workspaceId": named, "workspace_id": named})
            assert (answer.status_code, answer.json()["jobs"]) == (200, [])
        elif where == "header":
            answer = client.get(f"orders/{victim.order_id}", headers={"X-Workspace-Id": named})
            assert answer.status_code == 404
        else:
            body = {"orderIds": [str(victim.order_id)], "workspaceId": named}
            assert client.post("robot-jobs", json=body).json()["code"] == "invalid_input"


def send(client: httpx.Client, method: str, path: str, body: object, victim: Victim) -> httpx.Response:
    ids = {"jobId": victim.job_id, "itemId": victim.item_id, "orderId": victim.order_id, "carrier": steps.CARRIER}
    url = path.lstrip("/")
    for name, value in ids.items():
        url = url.replace(f"{{{name}}}", str(value))
    assert "{" not in url, f"{path} has a parameter that this test does not know"
    return client.request(method, url) if body is None else client.request(method, url, json=body)


def assert_tells_nothing_of(victim: Victim, answer: httpx.Response) -> None:
    for id_ in (victim.workspace, victim.job_id, victim.item_id, victim.order_id, victim.contact_id):
        assert str(id_) not in answer.text, answer.request.url


def rows_of(stack: Stack, workspace: UUID) -> Mapping[str, list[str]]:
    """Return every row of a workspace, in every table that has workspaces."""
    with psycopg.connect(stack.database_url, autocommit=True) as owner:
        tables = owner.execute(
            "SELECT table_name::text FROM information_schema.columns "
            "WHERE table_schema = 'public' AND column_name = 'workspace_id' ORDER BY 1"
        ).fetchall()
        found: dict[str, list[str]] = {}
        for (table,) in tables:
            query = sql.SQL("SELECT to_jsonb(t)::text FROM {} AS t WHERE workspace_id = %s ORDER BY 1")
            rows = owner.execute(query.format(sql.Identifier(table)), [workspace]).fetchall()
            found[table] = [row for (row,) in rows]
    return {table: rows for table, rows in found.items() if rows}


def wait_until_recorded(stack: Stack, number: str, stranger: tuple[UUID, UUID], workspace: UUID) -> None:
    """Send one more report, of the stranger's own item, and wait for it: the one before it has been handled by then."""
    job_id, item_id = stranger
    with raw(stack) as client:
        headers = {"X-Callback-Secret": steps.callback_secret(stack, job_id, workspace)}
        body = {"itemId": str(item_id), "status": "success", "trackingNumber": f"{number}-OWN"}
        assert client.post("robot-callbacks", json=body, headers=headers).status_code == 202
    end = time.monotonic() + 30
    with psycopg.connect(stack.database_url, autocommit=True) as owner:
        while not owner.execute(
            "SELECT 1 FROM robot_job_item_reports WHERE tracking_number = %s", [f"{number}-OWN"]
        ).fetchone():
            assert time.monotonic() < end
            time.sleep(0.2)
    time.sleep(1)


def _json(api: RobotJobsApi, path: str) -> Any:
    answer = api.http.get(path)
    answer.raise_for_status()
    return answer.json()
