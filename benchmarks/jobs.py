"""Orders, jobs and reports to begin with, and how the product and the bare statements write them."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg import Connection

from benchmarks.floors import CREATE, RECORD, bare
from shared.domain import (
    CreateRobotJobParams,
    DomainContext,
    UpdateJobItemResultParams,
    create_robot_job,
    update_job_item_results,
)
from shared.domain.carriers.accounts import MAX_WAVE_SIZE
from shared.domain.ids import uuid7, uuid7s
from tests.factories import data_of

T = TypeVar("T")
#: An item, its order and its number.
Shipment = tuple[UUID, UUID, str]

_connections: dict[str, Connection] = {}


@dataclass(frozen=True)
class Job:
    """A job, and what the robot reports of it."""

    workspace_id: UUID
    job_id: UUID
    shipments: list[Shipment]

    @property
    def ctx(self) -> DomainContext:
        """The context of calls for its workspace."""
        return DomainContext(self.workspace_id, source="bench")

    def reports(self, status: Any = "success") -> list[UpdateJobItemResultParams]:
        """Return the robot's reports, as a caller has them."""
        number, error_type = (True, None) if status == "success" else (False, "portal")
        return [
            UpdateJobItemResultParams(
                item_id,
                status,
                tracking if number else None,
                error_type=error_type,  # type: ignore[arg-type] # one of its Literals
                # An error counts for its own wave alone, and not every item is in the first.
                dispatch=1 if number else None,
            )
            for item_id, _, tracking in self.shipments
        ]


def chunks(values: Sequence[T], size: int) -> list[Sequence[T]]:
    """Return the values in pieces of this size."""
    return [values[begin : begin + size] for begin in range(0, len(values), size)]


def insert_orders(owner: Connection, workspace_id: UUID, count: int) -> list[UUID]:
    """Insert orders that can be shipped, with a contact, and return their ids."""
    ids = uuid7s(count)
    contact_id = uuid7()
    owner.execute(_INSERT_CONTACT, [contact_id, workspace_id])
    owner.execute(_INSERT_ORDERS, {"ids": ids, "workspace_id": workspace_id, "contact_id": contact_id})
    return ids


def make_job(
    owner: Connection, count: int, workspace_id: UUID | None = None, form: dict[str, Any] | None = None
) -> Job:
    """Create a job of new orders, each with this form, and shuffle what will be reported."""
    workspace_id = workspace_id or uuid7()
    job = create(workspace_id, insert_orders(owner, workspace_id, count), form)
    random.Random(1).shuffle(job.shipments)  # noqa: S311 - not a secret
    return job


def create(workspace_id: UUID, order_ids: list[UUID], form: dict[str, Any] | None = None) -> Job:
    """Create a job through the domain."""
    values = dict.fromkeys(order_ids, form) if form else None
    params = CreateRobotJobParams(order_ids, item_values=values, wave_size=MAX_WAVE_SIZE)
    created = data_of(create_robot_job(DomainContext(workspace_id, source="bench"), params))
    return _job_of(workspace_id, created.job_id, [(each.item_id, each.order_id) for each in created.items])


def create_bare(conn: Connection, workspace_id: UUID, order_ids: list[UUID]) -> Job:
    """Write a job by the bare statements."""
    job_id, item_ids = uuid7(), uuid7s(len(order_ids))
    # As the product: an event has one wave.
    pairs = list(zip(item_ids, order_ids, strict=True))[:MAX_WAVE_SIZE]
    orders = ",".join(f'{{"itemId":"{item_id}","orderId":"{order_id}"}}' for item_id, order_id in pairs)
    detail = (
        f'{{"jobId":"{job_id}","workspaceId":"{workspace_id}","carrier":"coordinadora","dispatch":1,'
        f'"orders":[{orders}]}}'
    )
    row = {"workspace_id": workspace_id, "job_id": job_id, "count": len(order_ids), "detail": detail}
    bare(conn, workspace_id, CREATE, row | {"item_ids": item_ids, "order_ids": order_ids})
    return _job_of(workspace_id, job_id, zip(item_ids, order_ids, strict=True))


def record(ctx: DomainContext, batches: Iterable[Sequence[UpdateJobItemResultParams]]) -> None:
    """Record these batches through the domain, each in a call."""
    for reports in batches:
        data_of(update_job_item_results(ctx, reports))


def record_bare(url: str, job: Job, size: int) -> None:
    """Record a job's successes by the bare statements, over this process's connection to the URL."""
    if url not in _connections:
        _connections[url] = psycopg.connect(url, autocommit=True, prepare_threshold=0)
    for batch in chunks(job.shipments, size):
        item_ids, order_ids, numbers = map(list, zip(*sorted(batch), strict=True))
        row = {"workspace_id": job.workspace_id, "job_id": job.job_id, "item_ids": item_ids, "order_ids": order_ids}
        row |= {"numbers": numbers, "count": len(batch), "success": len(batch), "error": 0}
        bare(_connections[url], job.workspace_id, RECORD, row)


def close_bare() -> None:
    """Close this process's connections of `record_bare`."""
    while _connections:
        _connections.popitem()[1].close()


def _job_of(workspace_id: UUID, job_id: UUID, items: Iterable[tuple[UUID, UUID]]) -> Job:
    shipments = [(item_id, order_id, f"5280{order_id.int % 10**8:08}") for item_id, order_id in items]
    return Job(workspace_id, job_id, shipments)


_INSERT_CONTACT = """
INSERT INTO contacts (id, workspace_id, name, phone, identification)
VALUES (%s, %s, 'Luz Marina Ospina', '3004567890', '43567890')
"""

_INSERT_ORDERS = """
INSERT INTO orders (id, workspace_id, contact_id, name, total_value, prepaid, shipping_address, shipping_city,
                    shipping_department, email)
SELECT id, %(workspace_id)s, %(contact_id)s, 'Pedido', 85000, true, 'Calle 10 # 43-12', 'Medellín', 'Antioquia',
       'luz@example.com'
  FROM unnest(%(ids)b::uuid[]) AS id
"""
