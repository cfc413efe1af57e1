"""What became of orders, each in one word: what a list of them says."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.domain.context import DomainContext
from shared.domain.function import domain_question
from shared.domain.validation import require_uuids
from shared.words import OrderStanding

#: As many as a page of a list has.
MAX_ORDERS = 500


@dataclass(frozen=True)
class OrderStates:
    """What became of each order that the workspace has."""

    of: dict[UUID, OrderStanding]


@domain_question
def get_order_states(
    conn: Connection, ctx: DomainContext, order_ids: Sequence[UUID]
) -> Generator[None, None, OrderStates]:
    """Return what became of up to 500 orders; unknown ones are left out. Refused: bad ids (`INVALID`)."""
    ids = require_uuids(order_ids, "order_ids", at_most=MAX_ORDERS)
    asked = conn.execute(_SELECT_STATES, {"workspace_id": ctx.workspace_id, "order_ids": ids})
    yield
    return OrderStates(dict(asked.fetchall()))


# What needs an eye comes first: a second shipment, then what goes on, then what nobody knows. A voided second is none.
_SELECT_STATES = """
SELECT orders.id,
       CASE
           WHEN items.has_second THEN 'second'
           WHEN items.is_with_robot THEN 'processing'
           WHEN items.is_open THEN 'pending'
           WHEN items.is_unsettled THEN 'unsettled'
           WHEN orders.tracking_number IS NOT NULL OR items.is_made THEN 'success'
           WHEN items.has_failed THEN 'error'
           ELSE 'to_ship'
       END
  FROM unnest(%(order_ids)b::uuid[]) AS asked (id)
  JOIN orders ON orders.id = asked.id AND (orders.workspace_id = %(workspace_id)s) IS TRUE
 CROSS JOIN LATERAL (
     SELECT bool_or((item.shipment = 'second' AND item.voided_at IS NULL) OR item.other_numbers <> '{}') AS has_second,
            bool_or(item.status = 'processing') AS is_with_robot,
            bool_or(item.status = 'pending') AS is_open,
            bool_or(item.status = 'error' AND item.shipment = 'possible') AS is_unsettled,
            bool_or(item.shipment = 'made') AS is_made,
            bool_or(item.status = 'error') AS has_failed
       FROM robot_job_items AS item
      WHERE item.order_id = orders.id AND (item.workspace_id = %(workspace_id)s) IS TRUE
        AND NOT item.is_lookup) AS items
"""
