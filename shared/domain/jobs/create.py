"""Create a job: one job, its items, its first wave and the event that asks for the hand-over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg import errors as pg

from shared.carriers.registry import DEFAULT_CARRIER
from shared.db.arrays import uuid_array
from shared.domain import refusal_page as page
from shared.domain.activity_log import log_activity
from shared.domain.carriers.accounts import MAX_WAVE_SIZE
from shared.domain.carriers.registry import MAX_CARRIER
from shared.domain.carriers.usual import USUAL_WAVE_SIZE
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.ids import uuid7, uuid7s
from shared.domain.jobs.lock import lock_line, lock_orders
from shared.domain.jobs.models import MAX_ITEMS, MAX_KEY, MAX_VALUE_BYTES, CreatedItem, CreatedJob
from shared.domain.jobs.parcels import Blocked, Candidate, ask_blocked
from shared.domain.jobs.turn import fitting, tell_of_first_wave
from shared.domain.refusals import RefusedError
from shared.domain.result import DomainResult
from shared.domain.texts import optional_key
from shared.domain.validation import (
    json_text,
    optional_whole,
    require_choice,
    require_flag,
    require_text,
    require_uuids,
)
from shared.words import PRIORITIES, Priority

T = TypeVar("T")

#: What stood in the way may be gone when we look for it; then the insert is tried again.
_TRIES = 3


@dataclass(frozen=True)
class CreateRobotJobParams:
    """The orders to ship, and what the robot types in for each (`item_values`: order id → pedidoInput)."""

    order_ids: Sequence[UUID]
    carrier: str = DEFAULT_CARRIER
    idempotency_key: str | None = None
    item_values: Mapping[UUID, Mapping[str, Any]] | None = None
    #: Ships once more what was shipped before this call; never what may have been, or is shipped later.
    allow_reshipment: bool = False
    priority: Priority = "normal"
    #: Items that a robot is given at once, 1 to 500; None: as many as the workspace's configuration says.
    wave_size: int | None = None


class Asked(Protocol):
    """What a job that is being made was asked for with."""

    @property
    def order_ids(self) -> Sequence[UUID]:
        """The orders."""

    @property
    def idempotency_key(self) -> str | None:
        """The key, if any."""


def create_robot_job(ctx: DomainContext, params: CreateRobotJobParams) -> DomainResult[CreatedJob]:
    """Create a job with one item an order, at most 10,000, ready for its first hand-over.

    Refused: no ids, an id twice (`INVALID`); an order that the workspace does not have (`NOT_FOUND`); a key that
    was used before, an order that was shipped, may have been, or is in another open item (`CONFLICT`).
    """
    return let_database_decide(ctx, lambda: _create(ctx, params), params)


def let_database_decide(ctx: DomainContext, attempt: Callable[[], DomainResult[T]], asked: Asked) -> DomainResult[T]:
    """Make a job by `attempt`, a transaction of its own; refuse by the rule that stood in its way.

    What another call does at the same moment is decided by the database's indexes; why is looked up afterwards.
    """
    for _ in range(_TRIES):
        try:
            return attempt()
        except (pg.UniqueViolation, pg.ForeignKeyViolation):
            reason = _find_reason(ctx, asked.idempotency_key, asked.order_ids)
            if not reason.success:
                return reason
    return page.orders_being_submitted(orders=[]).failure


@domain_function
def _create(conn: Connection, ctx: DomainContext, params: CreateRobotJobParams) -> CreatedJob:
    order_ids = require_uuids(params.order_ids, "order_ids", at_most=MAX_ITEMS)
    carrier = require_text(params.carrier, "carrier", at_least=1, at_most=MAX_CARRIER)
    key = optional_key(params.idempotency_key, "idempotency_key", at_most=MAX_KEY)
    allows = require_flag(params.allow_reshipment, "allow_reshipment")
    priority = require_choice(params.priority, PRIORITIES, "priority")
    wave_size = optional_whole(params.wave_size, "wave_size", 1, MAX_WAVE_SIZE)
    values = _values_as_json(order_ids, params.item_values)
    used = conn.execute(SELECT_JOB_OF_KEY, {"workspace_id": ctx.workspace_id, "key": key})
    lock_line(conn, ctx.workspace_id)
    lock_orders(conn, [ctx.workspace_id], order_ids)
    missing = conn.execute(
        _SELECT_MISSING_ORDERS, {"workspace_id": ctx.workspace_id, "order_ids": uuid_array(order_ids)}
    )
    stopped = ask_blocked(conn, ctx, order_ids, lifts_all=allows)
    if existing := used.fetchone():
        raise page.duplicate_job(existing_job_id=existing[0])
    if ids := [id_ for (id_,) in missing]:
        raise page.orders_not_found(order_ids=ids)
    if blocked := stopped.fetchall():
        raise orders_blocked(blocked)
    new = NewJob(order_ids, values, carrier, key, allows, priority, wave_size, has_given_values=True)
    return insert_job(conn, ctx, new)


@dataclass(frozen=True)
class NewJob:
    """A job to insert, of orders that are locked and that the guard lets pass, each with its value as JSON, or none.

    The caller holds the workspace's line.
    """

    order_ids: list[UUID]
    values: list[str | None]
    carrier: str
    idempotency_key: str | None
    allow_reshipment: bool
    priority: Priority
    wave_size: int | None
    has_given_values: bool


def insert_job(conn: Connection, ctx: DomainContext, new: NewJob) -> CreatedJob:
    """Insert the job, its items, its first wave and its event, without waiting for what the database says."""
    item_ids = uuid7s(len(new.order_ids))
    job_id = uuid7()
    row = {
        "job_id": job_id,
        "workspace_id": ctx.workspace_id,
        "carrier": new.carrier,
        "key": new.idempotency_key,
        "item_ids": uuid_array(item_ids),
        "order_ids": uuid_array(new.order_ids),
        "values": new.values,
        "has_given_values": new.has_given_values,
        "allow_reshipment": new.allow_reshipment,
        "priority": new.priority,
        "wave_size": new.wave_size,
        "usual_wave_size": USUAL_WAVE_SIZE,
        "item_count": len(new.order_ids),
        "fitting": fitting([len(value or "") for value in new.values]),
    }
    conn.execute(_INSERT_JOB, row)
    if new.allow_reshipment:
        conn.execute(_RELEASE_MADE, row)
    conn.execute(_INSERT_ITEMS, row)
    conn.execute(_INSERT_WAVE, row)
    tell_of_first_wave(conn, ctx.workspace_id, job_id)
    log_activity(conn, ctx, "job_submitted", job_id=job_id, items=len(new.order_ids), priority=new.priority)
    items = [CreatedItem(*pair) for pair in zip(item_ids, new.order_ids, strict=True)]
    return CreatedJob(job_id, len(items), items)


@domain_function
def _find_reason(conn: Connection, ctx: DomainContext, key: str | None, order_ids: Sequence[UUID]) -> None:
    """Refuse by the rule whose constraint was violated; what stood in the way may be gone again."""
    row = {"workspace_id": ctx.workspace_id, "key": key, "order_ids": list(order_ids)}
    used = conn.execute(SELECT_JOB_OF_KEY, row)
    missing = conn.execute(_SELECT_MISSING_ORDERS, row)
    blocked = ask_blocked(conn, ctx, order_ids, lifts_all=False)
    if existing := used.fetchone():
        raise page.duplicate_job(existing_job_id=existing[0])
    if ids := [id_ for (id_,) in missing.fetchall()]:
        raise page.orders_not_found(order_ids=ids)
    if orders := [each for each in blocked if each.blocked_by == Blocked.ORDER_IN_OPEN_JOB]:
        raise orders_blocked(orders)


def _values_as_json(order_ids: list[UUID], item_values: object) -> list[str | None]:
    if item_values is None:
        return [None] * len(order_ids)
    if not isinstance(item_values, Mapping):
        raise page.no_item_values()
    if unknown := item_values.keys() - set(order_ids):
        raise page.values_of_other_orders(sorted(unknown, key=str))
    return [
        json_text(item_values[order_id], f"item_values[{order_id}]", at_most_bytes=MAX_VALUE_BYTES)
        if order_id in item_values
        else None
        for order_id in order_ids
    ]


def orders_blocked(blocked: Sequence[Candidate]) -> RefusedError:
    """Return the refusal of orders that the guard stops for the reason of the first, each with the job in its way."""
    code = Blocked(blocked[0].blocked_by or Blocked.ALREADY_SHIPPED)
    orders = [each for each in blocked if each.blocked_by == code]
    return _REFUSALS[code](
        [f"{each.order_id} ({_what_blocks(each)})" for each in orders],
        orders=[
            {"order_id": each.order_id, "job_id": each.blocking_job_id}
            | ({"tracking_number": each.blocking_number} if each.blocking_number else {})
            for each in orders
        ],
    )


def _what_blocks(each: Candidate) -> str:
    return f"job {each.blocking_job_id}" if each.blocking_job_id else f"number {each.blocking_number}"


_REFUSALS = {
    Blocked.ORDER_IN_OPEN_JOB: page.order_in_open_job,
    Blocked.SHIPMENT_UNSETTLED: page.shipment_unsettled,
    Blocked.ALREADY_SHIPPED: page.already_shipped,
}


# The job, with its first wave.
_INSERT_JOB = """
INSERT INTO robot_jobs (id, workspace_id, carrier, total_items, idempotency_key, allow_reshipment, priority, wave_size)
VALUES (%(job_id)s, %(workspace_id)s, %(carrier)s, %(item_count)s, %(key)s, %(allow_reshipment)s, %(priority)s,
        coalesce(%(wave_size)s::int,
                 (SELECT wave_size FROM carrier_configs
                   WHERE workspace_id = %(workspace_id)s AND carrier = %(carrier)s),
                 %(usual_wave_size)s))
"""

# A reshipment takes the hold of what was made before it.
_RELEASE_MADE = """
UPDATE robot_job_items
   SET holds = false, updated_at = now()
 WHERE order_id = ANY(%(order_ids)b::uuid[]) AND holds AND shipment = 'made'
   AND (workspace_id = %(workspace_id)s) IS TRUE
"""

# One item an order, which it holds; the first ones are in the first wave. A reshipment notes what it lifts: what was
# made before it, and the order's number.
_INSERT_ITEMS = """
INSERT INTO robot_job_items
       (id, workspace_id, job_id, order_id, dispatch, value_sent, has_given_value, lifted, lifted_number)
SELECT item.id, %(workspace_id)s, %(job_id)s, item.order_id,
       CASE WHEN item.position <= least(%(fitting)s, job.wave_size) THEN 1 END, item.value::jsonb,
       %(has_given_values)s AND item.value IS NOT NULL, made.ids, made.number
  FROM robot_jobs AS job
 CROSS JOIN unnest(%(item_ids)b::uuid[], %(order_ids)b::uuid[], %(values)b::text[]) WITH ORDINALITY
       AS item (id, order_id, value, position)
  LEFT JOIN LATERAL (
      SELECT (SELECT array_agg(earlier.id ORDER BY earlier.id)
                FROM robot_job_items AS earlier
               WHERE earlier.order_id = item.order_id AND earlier.shipment IN ('made', 'second')) AS ids,
             (SELECT orders.tracking_number FROM orders WHERE orders.id = item.order_id) AS number
       WHERE %(allow_reshipment)s) AS made ON true
 WHERE job.id = %(job_id)s
 ORDER BY item.order_id
"""

_INSERT_WAVE = """
INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
SELECT id, dispatch, workspace_id, carrier, least(total_items, %(fitting)s, wave_size)
  FROM robot_jobs
 WHERE id = %(job_id)s
"""

# The job that used this key.
SELECT_JOB_OF_KEY = """
SELECT id FROM robot_jobs WHERE workspace_id = %(workspace_id)s AND idempotency_key = %(key)s::text
"""

# Ids that are no order of this workspace, in the order of the request. Each is looked for by itself: as an anti-join,
# planned on an empty table, all would be compared with all.
_SELECT_MISSING_ORDERS = """
SELECT asked.id
  FROM unnest(%(order_ids)b::uuid[]) WITH ORDINALITY AS asked (id, position)
 WHERE (SELECT true FROM orders WHERE orders.id = asked.id AND (orders.workspace_id = %(workspace_id)s) IS TRUE) IS NULL
 ORDER BY asked.position
"""
