"""New orders that look like one which is on its way or was shipped: an order entered twice is shipped twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain.context import DomainContext
from shared.logistics import mobile_number

LookalikeCode = Literal["same_name", "same_phone_and_address"]

#: How long a shipment is remembered for this.
DAYS = 30
#: Of the orders of one name, or to one address, so many are looked at, the newest: a pick-up point has thousands.
MAX_ALIKE = 200


@dataclass(frozen=True)
class NewOrder:
    """What a new order is compared by, and its place among those that are checked."""

    index: int
    order_id: UUID
    name: str | None
    address: str | None
    phone: str | None


@dataclass(frozen=True)
class Lookalike:
    """A new order, and the one that it looks like."""

    index: int
    order_id: UUID
    code: LookalikeCode
    reason: str
    like_order_id: UUID
    job_id: UUID | None
    tracking_number: str | None
    like_order_name: str | None


@dataclass(frozen=True)
class _Alike:
    index: int
    order_id: UUID
    name: str | None
    has_same_name: bool
    phone: str | None
    job_id: UUID | None
    tracking_number: str | None
    is_open: bool
    is_unsettled: bool
    at: datetime


def find_lookalikes(conn: Connection, ctx: DomainContext, orders: Sequence[NewOrder]) -> list[Lookalike]:
    """Return the orders that look like another one which is open in a job, or was or may have been shipped lately.

    Alike is what has the same name, or goes to the same address and phone, as a person reads them. Each is given once,
    with the newest order that it looks like; one of the same name first.
    """
    if not orders:
        return []
    row = {
        "workspace_id": ctx.workspace_id,
        "indexes": [order.index for order in orders],
        "names": [order.name for order in orders],
        "addresses": [order.address for order in orders],
        "days": DAYS,
        "at_most": MAX_ALIKE,
    }
    phones = {order.index: mobile_number(order.phone or "") for order in orders}
    alike: dict[int, _Alike] = {}
    for each in conn.cursor(row_factory=class_row(_Alike)).execute(_SELECT_ALIKE, row):
        phone = phones[each.index]
        if each.has_same_name or (phone is not None and phone == mobile_number(each.phone or "")):
            alike.setdefault(each.index, each)
    return [_lookalike(order, alike[order.index]) for order in orders if order.index in alike]


def _lookalike(order: NewOrder, like: _Alike) -> Lookalike:
    code: LookalikeCode = "same_name" if like.has_same_name else "same_phone_and_address"
    which = "has this name, too" if like.has_same_name else "goes to the same phone and address"
    reason = f"Order {like.name or like.order_id} {which}, and {_state(like)}."
    return Lookalike(
        order.index, order.order_id, code, reason, like.order_id, like.job_id, like.tracking_number, like.name
    )


def _state(like: _Alike) -> str:
    if like.is_open:
        return "is in a job that has not ended"
    number = f" with number {like.tracking_number}" if like.tracking_number else ""
    return f"{'may have been' if like.is_unsettled else 'was'} shipped on {like.at:%Y-%m-%d}{number}"


# The workspace's orders with the name or the address of a new one that are on their way, or were shipped lately; each
# with the last item that says so. A number that a person wrote counts from when its order was made.
_SELECT_ALIKE = """
WITH asked AS (
    SELECT index, look_key(name) AS name_key, look_key(address) AS address_key
      FROM unnest(%(indexes)b::int[], %(names)b::text[], %(addresses)b::text[]) AS asked (index, name, address)
), alike AS (
    SELECT asked.index, true AS has_same_name, named.*
      FROM asked
     CROSS JOIN LATERAL (
         SELECT orders.id, orders.name, orders.contact_id, orders.tracking_number, orders.created_at
           FROM orders
          WHERE orders.workspace_id = %(workspace_id)s AND orders.name_key = asked.name_key
          ORDER BY orders.created_at DESC
          LIMIT %(at_most)s) AS named
     UNION ALL
    SELECT asked.index, false, near.*
      FROM asked
     CROSS JOIN LATERAL (
         SELECT orders.id, orders.name, orders.contact_id, orders.tracking_number, orders.created_at
           FROM orders
          WHERE orders.workspace_id = %(workspace_id)s AND orders.address_key = asked.address_key
          ORDER BY orders.created_at DESC
          LIMIT %(at_most)s) AS near
)
SELECT alike.index, alike.id AS order_id, alike.name, alike.has_same_name, contact.phone, item.job_id,
       coalesce(item.tracking_number, alike.tracking_number) AS tracking_number,
       coalesce(item.status IN ('pending', 'processing'), false) AS is_open,
       coalesce(item.shipment = 'possible', false) AS is_unsettled,
       coalesce(item.completed_at, alike.created_at) AS at
  FROM alike
  LEFT JOIN contacts AS contact
         ON contact.id = alike.contact_id AND contact.workspace_id = %(workspace_id)s
  LEFT JOIN LATERAL (
      SELECT job_id, tracking_number, status, shipment, completed_at
        FROM robot_job_items
       WHERE order_id = alike.id AND workspace_id = %(workspace_id)s AND NOT is_lookup
         AND (completed_at IS NULL
              OR (shipment <> 'none' AND voided_at IS NULL
                  AND completed_at > now() - make_interval(days => %(days)s)))
       ORDER BY completed_at DESC NULLS FIRST
       LIMIT 1) AS item ON true
 WHERE item.job_id IS NOT NULL
    OR (alike.tracking_number IS NOT NULL AND alike.created_at > now() - make_interval(days => %(days)s))
 ORDER BY alike.has_same_name DESC, at DESC, alike.id
"""
