"""Change one order."""

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.orders.check import checked_contact, checked_order
from shared.domain.orders.contacts import ContactChange
from shared.domain.orders.models import Order, UpdateOrderParams
from shared.domain.orders.read import read_order
from shared.domain.orders.write import OrderChange, lock_orders, write_orders
from shared.domain.unset import UNSET
from shared.domain.validation import require_uuid


@domain_function
def update_order(conn: Connection, ctx: DomainContext, params: UpdateOrderParams) -> Order:
    """Change what is given and return the order; automations are told of each field that really changed.

    Refused: an unknown order (`NOT_FOUND`); values that can't be right, a contact that is not the workspace's
    (`INVALID`).
    """
    if not isinstance(params, UpdateOrderParams):
        raise page.unexpected_value("The change", "UpdateOrderParams")
    order_id = require_uuid(params.order_id, "order_id")
    fields = checked_order(params)
    contact = None
    if params.contact is not UNSET and "contact_id" in fields:
        raise page.two_contacts()
    if params.contact is None:
        fields["contact_id"] = None
    elif params.contact is not UNSET:
        contact = ContactChange(order_id, *checked_contact(params.contact))
    before = lock_orders(conn, ctx, [order_id])
    if not before:
        raise page.order_not_found(order_id=order_id)
    write_orders(conn, ctx, [OrderChange(order_id, fields, contact)], before)
    return read_order(conn, ctx, order_id)
