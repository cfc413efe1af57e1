"""Make and change up to 1,000 orders at once."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.orders.check import COLUMNS, checked_contact, checked_order
from shared.domain.orders.contacts import ContactChange
from shared.domain.orders.models import MAX_IMPORT, ImportedOrders, ImportOrder, ImportOrdersParams
from shared.domain.orders.sql import INSERT_ORDERS
from shared.domain.orders.write import OrderChange, columns_of, lock_orders, write_orders
from shared.domain.unset import UNSET
from shared.domain.validation import require_uuids

_NEW_ORDER: Mapping[str, object] = dict.fromkeys(COLUMNS) | {"prepaid": False, "custom_fields": {}}


@domain_function
def import_orders(conn: Connection, ctx: DomainContext, params: ImportOrdersParams) -> ImportedOrders:
    """Make the orders that the workspace does not have and change those that it has, contacts included.

    Automations are told of changes as `update_order` tells them, and nothing of new orders. Refused: no orders or
    more than 1,000, an id twice or in use by another workspace, values that can't be right (`INVALID`).
    """
    if not isinstance(params, ImportOrdersParams) or not isinstance(params.orders, list | tuple):
        raise page.unexpected_value("The orders", "a list in ImportOrdersParams")
    if not all(isinstance(order, ImportOrder) for order in params.orders):
        raise page.unexpected_value("Each of orders", "an ImportOrder")
    order_ids = require_uuids([order.id for order in params.orders], "orders", at_most=MAX_IMPORT)
    changes = [_change(order) for order in params.orders]
    new_ids = _insert(conn, ctx, changes)
    known_ids = [id_ for id_ in order_ids if id_ not in new_ids]
    before = lock_orders(conn, ctx, known_ids) if known_ids else {}
    _refuse_taken([id_ for id_ in known_ids if id_ not in before])
    made = {change.order_id: {**_NEW_ORDER, **change.fields} for change in changes if change.order_id in new_ids}
    write_orders(conn, ctx, changes, before | made, new_ids)
    return ImportedOrders(len(changes))


def _change(order: ImportOrder) -> OrderChange:
    fields = checked_order(order)
    if order.contact is None:
        return OrderChange(order.id, fields | {"contact_id": None}, None)
    if order.contact is UNSET:
        return OrderChange(order.id, fields, None)
    return OrderChange(order.id, fields, ContactChange(order.id, *checked_contact(order.contact)))


def _insert(conn: Connection, ctx: DomainContext, changes: Sequence[OrderChange]) -> frozenset[UUID]:
    """Insert what no workspace has, without contacts, and return the ids; an insert decides it, not a read."""
    rows = {change.order_id: {**_NEW_ORDER, **change.fields} for change in changes}
    row = {"workspace_id": ctx.workspace_id} | columns_of(rows)
    return frozenset(id_ for (id_,) in conn.execute(INSERT_ORDERS, row))


def _refuse_taken(order_ids: list[UUID]) -> None:
    if order_ids:
        raise page.order_ids_taken(order_ids=order_ids)
