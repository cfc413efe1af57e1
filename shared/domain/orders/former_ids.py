"""An order that was imported under another id goes on under it: whoever derives ids names those of before."""

from collections.abc import Sequence
from uuid import UUID

from psycopg import Connection

from shared.domain.context import DomainContext
from shared.domain.orders.models import MAX_FORMER_IDS, ImportOrder
from shared.domain.validation import require_uuids


def ids_before(conn: Connection, ctx: DomainContext, orders: Sequence[ImportOrder]) -> dict[UUID, UUID]:
    """Return, by the id that an order comes with, the first of its former ids that the workspace has an order of.

    Raises:
        RefusedError: former ids that are no list of ids.
    """
    former = {
        order.id: require_uuids(order.former_ids, "former_ids", at_most=MAX_FORMER_IDS)
        for order in orders
        if order.former_ids
    }
    if not former:
        return {}
    row = {"workspace_id": ctx.workspace_id, "order_ids": sorted({id_ for ids in former.values() for id_ in ids})}
    there = {id_ for (id_,) in conn.execute(_SELECT, row)}
    found = {order_id: [id_ for id_ in ids if id_ in there] for order_id, ids in former.items()}
    return {order_id: ids[0] for order_id, ids in found.items() if ids}


# The orders that the workspace has of these.
_SELECT = """
SELECT id
  FROM orders
 WHERE id = ANY(%(order_ids)b::uuid[]) AND workspace_id = %(workspace_id)s
"""
