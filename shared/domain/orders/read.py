"""Read an order."""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.orders.columns import listed
from shared.domain.orders.models import COLUMNS, Contact, Order
from shared.domain.validation import require_uuid


@domain_query
def get_order(conn: Connection, ctx: DomainContext, order_id: UUID) -> Order:
    """Return an order with its contact. Refused: the workspace has no such order (`NOT_FOUND`)."""
    return read_order(conn, ctx, require_uuid(order_id, "order_id"))


def read_order(conn: Connection, ctx: DomainContext, order_id: UUID) -> Order:
    """Return an order with its contact.

    Raises:
        RefusedError: the workspace has no such order.
    """
    row = {"workspace_id": ctx.workspace_id, "order_id": order_id}
    found = conn.cursor(row_factory=dict_row).execute(_SELECT, row).fetchone()
    if found is None:
        raise page.order_not_found(order_id=order_id)
    contact = {name: found.pop(f"contact_{name}") for name in ("name", "phone", "email", "identification", "is_client")}
    contact_id = found["contact_id"]
    return Order(**found, contact=None if contact_id is None else Contact(id=contact_id, **contact))


# One order and its contact.
_SELECT = f"""
SELECT orders.id, orders.workspace_id, {listed(COLUMNS, "orders.{}")}, orders.created_at, orders.updated_at,
       (SELECT coalesce(array_agg(DISTINCT beside.number ORDER BY beside.number), '{{}}')
          FROM robot_job_items AS item
         CROSS JOIN LATERAL unnest(CASE WHEN item.shipment = 'second' AND item.voided_at IS NULL
                                       THEN item.other_numbers || item.tracking_number ELSE item.other_numbers END)
               AS beside (number)
         WHERE item.order_id = orders.id AND item.workspace_id = %(workspace_id)s
           AND beside.number IS NOT NULL AND beside.number IS DISTINCT FROM orders.tracking_number) AS other_numbers,
       contact.name AS contact_name, contact.phone AS contact_phone, contact.email AS contact_email,
       contact.identification AS contact_identification, contact.is_client AS contact_is_client
  FROM orders
  LEFT JOIN contacts AS contact
         ON contact.id = orders.contact_id AND contact.workspace_id = %(workspace_id)s
 WHERE orders.id = %(order_id)s AND orders.workspace_id = %(workspace_id)s
"""
