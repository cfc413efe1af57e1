"""A tracking number belongs to one order: who writes one by hand is stopped where another order has it."""

from collections.abc import Mapping
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext


def refuse_numbers_in_use(conn: Connection, ctx: DomainContext, numbers: Mapping[UUID, str]) -> None:
    """Refuse numbers, by the order that is to get each, which another order of the workspace has.

    Of two calls at once that write one number, one waits for the other and is refused. Reports are never stopped so.

    Raises:
        RefusedError: another order has one of the numbers, or two of these orders are to get the same.
    """
    if not numbers:
        return
    row = {
        "workspace_id": ctx.workspace_id,
        "order_ids": list(numbers),
        "numbers": list(numbers.values()),
    }
    conn.execute(_LOCK_NUMBERS, row)
    found = conn.execute(_SELECT_IN_USE, row).fetchall()
    if found:
        raise page.number_in_use(
            [f"{number} (order {order_id})" for order_id, number in found],
            orders=[{"order_id": order_id, "tracking_number": number} for order_id, number in found],
        )


# One writer of numbers at a time in a workspace, until the transaction ends; writing one by hand is rare.
_LOCK_NUMBERS = """
SELECT pg_advisory_xact_lock(hashtextextended(concat('numbers of ', %(workspace_id)s::uuid), 0))
"""

_SELECT_IN_USE = """
WITH asked AS (
    SELECT * FROM unnest(%(order_ids)b::uuid[], %(numbers)b::text[]) AS asked (order_id, number)
)
SELECT orders.id, orders.tracking_number
  FROM asked
  JOIN orders ON orders.workspace_id = %(workspace_id)s AND orders.tracking_number = asked.number
             AND orders.id <> asked.order_id
UNION
SELECT other.order_id, other.number
  FROM asked
  JOIN asked AS other ON other.number = asked.number AND other.order_id <> asked.order_id
 ORDER BY 2, 1
"""
