"""Read an order."""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.orders.models import Contact, Order
from shared.domain.orders.sql import SELECT_ORDER
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
    found = conn.cursor(row_factory=dict_row).execute(SELECT_ORDER, row).fetchone()
    if found is None:
        raise page.order_not_found(order_id=order_id)
    contact = {name: found.pop(f"contact_{name}") for name in ("name", "phone", "email", "identification", "is_client")}
    contact_id = found["contact_id"]
    return Order(**found, contact=None if contact_id is None else Contact(id=contact_id, **contact))
