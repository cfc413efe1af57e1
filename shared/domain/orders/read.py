"""Read an order."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.orders.columns import listed
from shared.domain.orders.models import COLUMNS, Contact, Order, OrderInDetail, OrderItem, OrderShipment
from shared.domain.validation import require_uuid


@domain_query
def get_order(conn: Connection, ctx: DomainContext, order_id: UUID) -> Order:
    """Return an order with its contact. Refused: the workspace has no such order (`NOT_FOUND`)."""
    return read_order(conn, ctx, require_uuid(order_id, "order_id"))


@domain_query
def get_order_in_detail(conn: Connection, ctx: DomainContext, order_id: UUID) -> OrderInDetail:
    """Return an order with its contact, its shipments and its items. Refused: an unknown order (`NOT_FOUND`)."""
    row = {"workspace_id": ctx.workspace_id, "order_id": require_uuid(order_id, "order_id")}
    shipments = conn.cursor(row_factory=class_row(OrderShipment)).execute(_SELECT_SHIPMENTS, row)
    items = conn.cursor(row_factory=class_row(OrderItem)).execute(_SELECT_ITEMS, row)
    asked = conn.execute(_SELECT_GUIDE_ASKED, row)
    order = read_order(conn, ctx, order_id)
    [(guide_asked_at,)] = asked.fetchall()
    return OrderInDetail(
        **vars(order), shipments=shipments.fetchall(), items=items.fetchall(), guide_asked_at=guide_asked_at
    )


def read_order(conn: Connection, ctx: DomainContext, order_id: UUID) -> Order:
    """Return an order with its contact.

    Raises:
        RefusedError: the workspace has no such order.
    """
    row = {"workspace_id": ctx.workspace_id, "order_id": order_id}
    found = conn.cursor(row_factory=dict_row).execute(_SELECT, row).fetchone()
    if found is None:
        raise page.order_not_found(order_id=order_id)
    return order_of(found)


def order_of(found: dict[str, Any]) -> Order:
    """Return an order as a row of `ORDER_COLUMNS` has it."""
    contact = {name: found.pop(f"contact_{name}") for name in ("name", "phone", "email", "identification", "is_client")}
    contact_id = found["contact_id"]
    return Order(**found, contact=None if contact_id is None else Contact(id=contact_id, **contact))


#: An order and its contact, as `order_of` takes them.
ORDER_COLUMNS = f"""
       orders.id, orders.workspace_id, {listed(COLUMNS, "orders.{}")}, orders.created_at, orders.updated_at,
       (SELECT coalesce(array_agg(DISTINCT beside.number ORDER BY beside.number), '{{}}')
          FROM robot_job_items AS item
         CROSS JOIN LATERAL unnest(CASE WHEN item.shipment = 'second' AND item.voided_at IS NULL
                                       THEN item.other_numbers || item.tracking_number ELSE item.other_numbers END)
               AS beside (number)
         WHERE item.order_id = orders.id AND item.workspace_id = %(workspace_id)s AND NOT item.is_lookup
           AND beside.number IS NOT NULL AND beside.number IS DISTINCT FROM orders.tracking_number) AS other_numbers,
       contact.name AS contact_name, contact.phone AS contact_phone, contact.email AS contact_email,
       contact.identification AS contact_identification, contact.is_client AS contact_is_client
"""

#: The orders of a page (page.id) and their contacts, which `ORDER_COLUMNS` are of.
ORDERS_OF_PAGE = """
  FROM page
 CROSS JOIN LATERAL (
     SELECT * FROM orders
      WHERE orders.id = page.id AND (orders.workspace_id = %(workspace_id)s) IS TRUE OFFSET 0) AS orders
  LEFT JOIN LATERAL (
     SELECT * FROM contacts
      WHERE contacts.id = orders.contact_id AND (contacts.workspace_id = %(workspace_id)s) IS TRUE OFFSET 0) AS contact
         ON true
"""

# One order and its contact.
_SELECT = f"""
SELECT {ORDER_COLUMNS}
  FROM orders
  LEFT JOIN contacts AS contact
         ON contact.id = orders.contact_id AND contact.workspace_id = %(workspace_id)s
 WHERE orders.id = %(order_id)s AND orders.workspace_id = %(workspace_id)s
"""

# An order's shipments that exist or may exist, oldest first; those that were voided at the carrier do not.
_SELECT_SHIPMENTS = """
SELECT item.job_id, item.id AS item_id, job.carrier, item.tracking_number, item.shipment,
       coalesce(item.completed_at, (SELECT max(attempt.claimed_at) FROM robot_job_item_attempts AS attempt
                                     WHERE attempt.item_id = item.id), item.updated_at) AS at
  FROM robot_job_items AS item
  JOIN robot_jobs AS job ON job.id = item.job_id
 WHERE item.order_id = %(order_id)s AND (item.workspace_id = %(workspace_id)s) IS TRUE
   AND item.shipment <> 'none' AND item.voided_at IS NULL
 ORDER BY at, item.id
"""

# When a robot last said of an order's guide what it found.
_SELECT_GUIDE_ASKED = """
SELECT max(item.completed_at)
  FROM robot_job_items AS item
 WHERE item.order_id = %(order_id)s AND (item.workspace_id = %(workspace_id)s) IS TRUE
   AND item.is_lookup AND item.status = 'success'
"""

# Where an order is, and was, an item; oldest first.
_SELECT_ITEMS = """
SELECT item.job_id, item.id AS item_id, item.status, item.created_at
  FROM robot_job_items AS item
 WHERE item.order_id = %(order_id)s AND (item.workspace_id = %(workspace_id)s) IS TRUE
 ORDER BY item.id
"""
