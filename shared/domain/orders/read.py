"""Read an order."""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.orders.columns import listed
from shared.domain.orders.models import COLUMNS, Contact, Order
from shared.domain.refusals import RefusedError, not_found
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
        raise order_not_found(order_id)
    contact = {name: found.pop(f"contact_{name}") for name in ("name", "phone", "email", "identification", "is_client")}
    contact_id = found["contact_id"]
    return Order(**found, contact=None if contact_id is None else Contact(id=contact_id, **contact))


def order_not_found(order_id: UUID) -> RefusedError:
    """Return the refusal of an order that this workspace does not have."""
    return not_found("order_not_found", f"There is no order {order_id}.", order_id=order_id)


# One order and its contact.
_SELECT = f"""
SELECT orders.id, orders.workspace_id, {listed(COLUMNS, "orders.{}")}, orders.created_at, orders.updated_at,
       contact.name AS contact_name, contact.phone AS contact_phone, contact.email AS contact_email,
       contact.identification AS contact_identification, contact.is_client AS contact_is_client
  FROM orders
  LEFT JOIN contacts AS contact
         ON contact.id = orders.contact_id AND contact.workspace_id = %(workspace_id)s
 WHERE orders.id = %(order_id)s AND orders.workspace_id = %(workspace_id)s
"""  # noqa: S608 - the names are the specification's
