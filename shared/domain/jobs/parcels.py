"""Orders as they are now: whether the guard lets each be handed over, and what the robot types in for it.

The guard is one predicate, here: an order is handed over only while no shipment of it exists or may exist. It is asked
early, at submission and at retry, and decides at the claim, each time under a lock on the orders.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from shared.carriers.registry import CARRIERS
from shared.db.arrays import uuid_array
from shared.domain.carriers.coverage import find_covered
from shared.domain.carriers.suggestions import Suggestion, suggest_cities
from shared.domain.context import DomainContext
from shared.domain.jobs.lock import Target
from shared.logistics import Parcel, PedidoInput, Recipient, RejectionCode, ShipmentDefaults, Unshippable


class Blocked(StrEnum):
    """Why the guard lets an order pass nowhere."""

    ALREADY_SHIPPED = "already_shipped"
    SHIPMENT_UNSETTLED = "shipment_unsettled"
    ORDER_IN_OPEN_JOB = "order_in_open_job"


@dataclass(frozen=True)
class Candidate:
    """An order that may be handed over, as it is now, and what stands in its way."""

    order_id: UUID
    #: None before there is an item.
    item_id: UUID | None
    #: The item's value as its caller gave it, which is sent as it is.
    given_value: dict[str, Any] | None
    name: str | None
    total_value: Decimal | None
    prepaid: bool
    units: int | None
    shipping_address: str | None
    shipping_city: str | None
    shipping_department: str | None
    email: str | None
    contact_name: str | None
    contact_phone: str | None
    contact_email: str | None
    contact_identification: str | None
    tracking_number: str | None
    blocked_by: str | None
    #: The number that exists, where one is known.
    blocking_number: str | None
    #: The job of the item that stands in the way.
    blocking_job_id: UUID | None

    def require_item_id(self) -> UUID:
        """Return the item's id.

        Raises:
            ValueError: there is no item yet.
        """
        if self.item_id is None:
            raise ValueError("the order has no item yet")
        return self.item_id

    @property
    def place(self) -> tuple[str, str]:
        """City and department as the order has them."""
        return self.shipping_city or "", self.shipping_department or ""


@dataclass(frozen=True)
class RejectedOrder:
    """An order that was left out, and what to change about it."""

    order_id: UUID
    code: str
    reason: str
    item_id: UUID | None = None
    job_id: UUID | None = None
    tracking_number: str | None = None
    #: Cities that may have been meant.
    suggestions: Sequence[Suggestion] = ()


def ask_candidates(
    conn: Connection, ctx: DomainContext, order_ids: Sequence[UUID], *, lifts_all: bool
) -> Cursor[Candidate]:
    """Ask for orders without an item, without waiting for the answer; a reshipment lifts all that was made."""
    row = {"workspace_id": ctx.workspace_id, "order_ids": uuid_array(order_ids), "lifts_all": lifts_all}
    return conn.cursor(row_factory=class_row(Candidate)).execute(_SELECT_ORDERS, row)


def ask_blocked(
    conn: Connection, ctx: DomainContext, order_ids: Sequence[UUID], *, lifts_all: bool
) -> Cursor[Candidate]:
    """Ask as `ask_candidates` does, for those alone that the guard stops."""
    row = {"workspace_id": ctx.workspace_id, "order_ids": uuid_array(order_ids), "lifts_all": lifts_all}
    return conn.cursor(row_factory=class_row(Candidate)).execute(_SELECT_BLOCKED, row)


def ask_failed(conn: Connection, ctx: DomainContext, job_id: UUID, item_ids: Sequence[UUID]) -> Cursor[Candidate]:
    """Ask for the orders of those of a job's items that are failed, in creation order, without waiting."""
    row = {
        "workspace_id": ctx.workspace_id,
        "job_id": job_id,
        "item_ids": list(item_ids),
        "lifts_all": False,
    }
    return conn.cursor(row_factory=class_row(Candidate)).execute(_SELECT_FAILED, row)


def ask_open(conn: Connection, target: Target) -> Cursor[Candidate]:
    """Ask for the orders of a dispatch's open items, in creation order, without waiting for the answer."""
    row = {
        "workspace_id": target.workspace_id,
        "job_id": target.job_id,
        "dispatch": target.dispatch,
        "lifts_all": False,
    }
    return conn.cursor(row_factory=class_row(Candidate)).execute(_SELECT_OPEN, row)


def build_pedidos(
    conn: Connection, carrier: str, candidates: Iterable[Candidate], defaults: ShipmentDefaults
) -> dict[UUID, PedidoInput | Unshippable]:
    """Return for each order what the robot types in, or why it can't be shipped as it is; one query for all cities.

    Why not is a matter of the order and of its carrier, whatever the workspace's defaults are.
    """
    listed = list(candidates)
    if not listed:
        return {}
    covered = find_covered(conn, carrier, {each.place for each in listed})
    fill_in = CARRIERS[carrier].fill_in
    return {
        each.order_id: fill_in(_parcel(each), _recipient(each), covered.get(each.place), defaults) for each in listed
    }


def unshippable(
    conn: Connection, carrier: str, refused: Sequence[tuple[Candidate, Unshippable]]
) -> list[RejectedOrder]:
    """Return why these orders can't be shipped as they are; one query finds what uncovered cities may have meant."""
    meant = meant_cities(conn, carrier, refused)
    return [
        RejectedOrder(each.order_id, why.code.value, why.reason, each.item_id, suggestions=meant.get(each.place, ()))
        for each, why in refused
    ]


def meant_cities(
    conn: Connection, carrier: str, refused: Sequence[tuple[Candidate, Unshippable]]
) -> dict[tuple[str, str], tuple[Suggestion, ...]]:
    """Return what the places of these orders may have meant that the carrier does not go to, in one query."""
    uncovered = [
        each.place for each, why in refused if any(one.code == RejectionCode.CITY_NOT_COVERED for one in why.all)
    ]
    return suggest_cities(conn, carrier, uncovered)


def rejection(candidate: Candidate) -> RejectedOrder:
    """Return why the guard stops this order, and what to do about it."""
    number, job_id = candidate.blocking_number, candidate.blocking_job_id
    if candidate.blocked_by == Blocked.ORDER_IN_OPEN_JOB:
        reason = f"The order is in job {job_id}, which has not ended; wait for it, or cancel it."
    elif candidate.blocked_by == Blocked.SHIPMENT_UNSETTLED:
        reason = (
            f"A shipment of the order may have been made in job {job_id}, and nobody knows; look for it at the carrier,"
            " then settle it there."
        )
    else:
        what = f"The order has tracking number {number}" if number else f"Job {job_id} shipped it, without a number"
        reason = f"{what}; ship it once more only by a new job with allowReshipment."
    code = Blocked(candidate.blocked_by or Blocked.ALREADY_SHIPPED).value
    return RejectedOrder(candidate.order_id, code, reason, candidate.item_id, job_id, number)


def closing_words(candidate: Candidate) -> str:
    """Return the words with which the guard ends an item at its claim."""
    number, job_id = candidate.blocking_number, candidate.blocking_job_id
    if candidate.blocked_by == Blocked.ALREADY_SHIPPED:
        return f"already shipped: tracking number {number}" if number else f"already shipped by job {job_id}"
    return f"not sent: a shipment of this order may have been made in job {job_id}; settle it first"


def _parcel(each: Candidate) -> Parcel:
    return Parcel(
        name=each.name,
        total_value=each.total_value,
        prepaid=each.prepaid,
        units=each.units,
        address=each.shipping_address,
        city=each.shipping_city,
        department=each.shipping_department,
        email=each.email,
    )


def _recipient(each: Candidate) -> Recipient:
    return Recipient(each.contact_name, each.contact_phone, each.contact_email, each.contact_identification)


# What is sent of a candidate's order, and the guard: the order's number, unless the candidate lifts it; else another
# item of the order that was made (a voided second is no shipment any more, a lookup makes none), may have been, or is
# open, unless it is lifted. What is made counts before what may be, and that before what is open. A new reshipment
# lifts every number and all that was made; later, only what it found then.
_ORDERS_AND_GUARD = """
SELECT orders.id AS order_id, candidate.item_id, candidate.given_value, orders.name, orders.total_value,
       orders.prepaid, orders.units, orders.shipping_address, orders.shipping_city, orders.shipping_department,
       orders.email,
       contact.name AS contact_name, contact.phone AS contact_phone, contact.email AS contact_email,
       contact.identification AS contact_identification, orders.tracking_number,
       CASE
           WHEN by_number.number IS NOT NULL OR other.status = 'success' THEN 'already_shipped'
           WHEN candidate.is_unsettled OR other.status = 'error' THEN 'shipment_unsettled'
           WHEN other.status IS NOT NULL THEN 'order_in_open_job'
       END AS blocked_by,
       coalesce(by_number.number, other.tracking_number) AS blocking_number,
       coalesce(other.job_id, candidate.job_id) AS blocking_job_id
  FROM candidate
  JOIN orders ON orders.id = candidate.order_id AND (orders.workspace_id = %(workspace_id)s) IS TRUE
  LEFT JOIN contacts AS contact ON contact.id = orders.contact_id
 CROSS JOIN LATERAL (
     SELECT CASE WHEN NOT %(lifts_all)s AND orders.tracking_number IS DISTINCT FROM candidate.lifted_number
                THEN orders.tracking_number END AS number) AS by_number
  LEFT JOIN LATERAL (
     SELECT item.job_id, item.status, item.tracking_number
       FROM robot_job_items AS item
      WHERE item.order_id = orders.id AND item.id IS DISTINCT FROM candidate.item_id AND NOT item.is_lookup
        AND (item.status IN ('pending', 'processing') OR item.shipment <> 'none')
        AND NOT (item.shipment = 'second' AND item.voided_at IS NOT NULL)
        AND NOT (item.status = 'success' AND (%(lifts_all)s OR item.id = ANY(candidate.lifted)) IS TRUE)
      ORDER BY item.status = 'success' DESC, item.status = 'error' DESC, item.id
      LIMIT 1) AS other ON true
"""

# Orders that may become items.
_SELECT_ORDERS = (
    """
WITH candidate AS (
    SELECT asked.id AS order_id, NULL::uuid AS item_id, NULL::jsonb AS given_value, NULL::uuid[] AS lifted,
           NULL::text AS lifted_number, NULL::uuid AS job_id, false AS is_unsettled, asked.position
      FROM unnest(%(order_ids)b::uuid[]) WITH ORDINALITY AS asked (id, position)
)
"""
    + _ORDERS_AND_GUARD
    + " ORDER BY candidate.position"
)

# Where none of them has a number, or an item, the guard stops none: most jobs are of such orders, and of each it would
# be asked in vain.
_SELECT_BLOCKED = f"""
SELECT *
  FROM ({_SELECT_ORDERS}) AS asked
 WHERE blocked_by IS NOT NULL
   AND ((SELECT EXISTS (SELECT FROM robot_job_items AS item
                         WHERE item.order_id = ANY(%(order_ids)b::uuid[])
                           AND (item.workspace_id = %(workspace_id)s) IS TRUE))
        OR (SELECT bool_or(numbered.tracking_number IS NOT NULL) FROM orders AS numbered
             WHERE numbered.id = ANY(%(order_ids)b::uuid[]) AND (numbered.workspace_id = %(workspace_id)s) IS TRUE))
"""

_ITEM_COLUMNS = """
    SELECT order_id, id AS item_id, CASE WHEN has_given_value THEN value_sent END AS given_value, lifted, lifted_number,
           job_id, status = 'error' AND shipment = 'possible' AS is_unsettled
      FROM robot_job_items
"""

# Those of some items that are failed ones of a job.
_SELECT_FAILED = (
    "WITH candidate AS ("
    + _ITEM_COLUMNS
    + """
     WHERE id = ANY(%(item_ids)b::uuid[]) AND (job_id = %(job_id)s) IS TRUE
       AND (workspace_id = %(workspace_id)s) IS TRUE AND (status = 'error') IS TRUE
)
"""
    + _ORDERS_AND_GUARD
    + " ORDER BY candidate.item_id"
)

# The open items of a dispatch.
_SELECT_OPEN = (
    "WITH candidate AS ("
    + _ITEM_COLUMNS
    + """
     WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND (workspace_id = %(workspace_id)s) IS TRUE
       AND status IN ('pending', 'processing')
)
"""
    + _ORDERS_AND_GUARD
    + " ORDER BY candidate.item_id"
)
