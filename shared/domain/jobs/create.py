"""Create a job: one job, its items, its first dispatch and the event that asks for the hand-over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg import errors as pg

from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.ids import uuid7, uuid7s
from shared.domain.jobs.models import MAX_ITEMS, MAX_VALUE_BYTES
from shared.domain.jobs.submitted_sql import (
    EMIT_JOB_SUBMITTED,
    MAX_ORDERS_BYTES,
    ORDER_OVERHEAD_BYTES,
    SELECT_OPEN_ORDERS,
)
from shared.domain.refusals import RefusedError, conflict, invalid, not_found
from shared.domain.result import DomainResult
from shared.domain.validation import json_text, optional_text, require_text, require_uuids

T = TypeVar("T")

#: What stood in the way may be gone when we look for it; then the insert is tried again.
_TRIES = 3
_NAMED_IDS = 10


@dataclass(frozen=True)
class CreateRobotJobParams:
    """The orders to ship, and what the robot types in for each (`item_values`: order id → pedidoInput)."""

    order_ids: Sequence[UUID]
    carrier: str = "coordinadora"
    idempotency_key: str | None = None
    item_values: Mapping[UUID, Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class CreatedItem:
    """The item that was made for an order."""

    item_id: UUID
    order_id: UUID


@dataclass(frozen=True)
class CreatedJob:
    """A job that was made, and its items in the order of the request."""

    job_id: UUID
    item_count: int
    items: list[CreatedItem]


def create_robot_job(ctx: DomainContext, params: CreateRobotJobParams) -> DomainResult[CreatedJob]:
    """Create a job with one item an order, at most 10,000, ready for its first hand-over.

    Refused: no ids, an id twice (`INVALID`); an order that the workspace does not have (`NOT_FOUND`); a key that
    was used before, an order that is in another open item (`CONFLICT`). The database decides each of them.
    """
    return let_database_decide(ctx, lambda: _create(ctx, params), lambda: params)


def let_database_decide(
    ctx: DomainContext, attempt: Callable[[], DomainResult[T]], tried: Callable[[], CreateRobotJobParams]
) -> DomainResult[T]:
    """Make a job by `attempt`, a transaction of its own; refuse by the rule that stood in the way of what it tried.

    Why it was decided so is looked up afterwards: what can be made takes no question before.
    """
    for _ in range(_TRIES):
        try:
            return attempt()
        except (pg.UniqueViolation, pg.ForeignKeyViolation):
            reason = _find_reason(ctx, tried())
            if not reason.success:
                return reason
    return conflict(
        "order_in_open_job", "The orders are being submitted by someone else just now; try again.", orders=[]
    ).failure


@domain_function
def _create(conn: Connection, ctx: DomainContext, params: CreateRobotJobParams) -> CreatedJob:
    return insert_job(conn, ctx, params)


def insert_job(conn: Connection, ctx: DomainContext, params: CreateRobotJobParams) -> CreatedJob:
    """Insert the job, its items, its first dispatch and its event, without waiting for what the database says.

    Raises:
        RefusedError: bad values.
    """
    order_ids = require_uuids(params.order_ids, "order_ids", at_most=MAX_ITEMS)
    carrier = require_text(params.carrier, "carrier", at_least=1, at_most=100)
    key = optional_text(params.idempotency_key, "idempotency_key", at_least=1, at_most=200)
    values = _values_as_json(order_ids, params.item_values)
    job_id = uuid7()
    item_ids = uuid7s(len(order_ids))
    orders_bytes = sum(len(value or "") for value in values) + ORDER_OVERHEAD_BYTES * len(order_ids)
    row = {
        "job_id": job_id,
        "workspace_id": ctx.workspace_id,
        "carrier": carrier,
        "key": key,
        "item_ids": item_ids,
        "order_ids": order_ids,
        "values": values,
        "item_count": len(order_ids),
        "dispatch": 1,
        "with_orders": orders_bytes <= MAX_ORDERS_BYTES,
    }
    conn.execute(_INSERT_JOB, row)
    conn.execute(_INSERT_ITEMS, row)
    conn.execute(_INSERT_DISPATCH, row)
    conn.execute(EMIT_JOB_SUBMITTED, row)
    items = [CreatedItem(*pair) for pair in zip(item_ids, order_ids, strict=True)]
    return CreatedJob(job_id, len(items), items)


@domain_function
def _find_reason(conn: Connection, ctx: DomainContext, params: CreateRobotJobParams) -> None:
    """Refuse by the rule whose constraint was violated; what stood in the way may be gone again."""
    row = {"workspace_id": ctx.workspace_id, "key": params.idempotency_key, "order_ids": list(params.order_ids)}
    used = conn.execute(SELECT_JOB_OF_KEY, row)
    missing = conn.execute(_SELECT_MISSING_ORDERS, row)
    held = conn.execute(SELECT_OPEN_ORDERS, row)
    if existing := used.fetchone():
        raise duplicate_job(existing[0])
    if ids := [id_ for (id_,) in missing.fetchall()]:
        raise orders_not_found(ids)
    if orders := held.fetchall():
        raise order_in_open_job([tuple(order) for order in orders])


def _values_as_json(order_ids: list[UUID], item_values: object) -> list[str | None]:
    if item_values is None:
        return [None] * len(order_ids)
    if not isinstance(item_values, Mapping):
        raise invalid("invalid_value", "item_values must map order ids to objects.")
    unknown = [str(key) for key in item_values.keys() - set(order_ids)]
    if unknown:
        named = ", ".join(sorted(unknown)[:_NAMED_IDS])
        raise invalid("invalid_value", f"item_values has values for orders that are not in order_ids: {named}.")
    return [
        json_text(item_values[order_id], f"item_values[{order_id}]", at_most_bytes=MAX_VALUE_BYTES)
        if order_id in item_values
        else None
        for order_id in order_ids
    ]


def duplicate_job(existing_job_id: UUID) -> RefusedError:
    """Return the refusal of an idempotency key that was used before."""
    sentence = f"This idempotency key was used for job {existing_job_id}; look at that job, or use another key."
    return conflict("duplicate_job", sentence, existing_job_id=existing_job_id)


def orders_not_found(order_ids: list[UUID]) -> RefusedError:
    """Return the refusal of orders that the workspace does not have."""
    named = ", ".join(map(str, order_ids[:_NAMED_IDS])) + (" and others" if len(order_ids) > _NAMED_IDS else "")
    return not_found(
        "orders_not_found", f"These orders are not known: {named}. Import them first.", order_ids=order_ids
    )


def order_in_open_job(held: Sequence[tuple[UUID, UUID]]) -> RefusedError:
    """Return the refusal of orders, each with the job that holds it."""
    named = ", ".join(f"{order_id} (job {job_id})" for order_id, job_id in held[:_NAMED_IDS])
    return conflict(
        "order_in_open_job",
        f"These orders are in a job that has not ended: {named}. Wait for it, or cancel it.",
        orders=[{"order_id": order_id, "job_id": job_id} for order_id, job_id in held],
    )


# The job, in dispatch 1.
_INSERT_JOB = """
INSERT INTO robot_jobs (id, workspace_id, carrier, total_items, idempotency_key)
VALUES (%(job_id)s, %(workspace_id)s, %(carrier)s, %(item_count)s, %(key)s)
"""

# One item an order. Inserted by order id: two submissions that share orders then wait for each other in one
# order, and can't deadlock on the index of open orders.
_INSERT_ITEMS = """
INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, value_sent)
SELECT item.id, %(workspace_id)s, %(job_id)s, item.order_id, item.value::jsonb
  FROM unnest(%(item_ids)b::uuid[], %(order_ids)b::uuid[], %(values)b::text[]) AS item (id, order_id, value)
 ORDER BY item.order_id
"""

# The hand-over that the job waits for.
_INSERT_DISPATCH = """
INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
VALUES (%(job_id)s, %(dispatch)s, %(workspace_id)s, %(carrier)s, %(item_count)s)
"""

# The job that used this key.
SELECT_JOB_OF_KEY = """
SELECT id FROM robot_jobs WHERE workspace_id = %(workspace_id)s AND idempotency_key = %(key)s::text
"""

# Ids that are no order of this workspace, in the order of the request.
_SELECT_MISSING_ORDERS = """
SELECT asked.id
  FROM unnest(%(order_ids)b::uuid[]) WITH ORDINALITY AS asked (id, position)
 WHERE NOT EXISTS (SELECT FROM orders WHERE orders.id = asked.id AND orders.workspace_id = %(workspace_id)s)
 ORDER BY asked.position
"""
