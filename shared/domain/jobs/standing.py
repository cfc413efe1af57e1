"""The shipments of orders that stand at the carrier: where an order has two, a person voids one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.jobs.models import MAX_ITEMS
from shared.domain.validation import require_uuids
from shared.words import Shipment


@dataclass(frozen=True)
class StandingShipment:
    """A shipment that exists at the carrier and may be voided there while another one of its order stands."""

    order_id: UUID
    item_id: UUID
    job_id: UUID
    shipment: Shipment
    tracking_number: str | None
    #: Numbers that were reported for it beside its own.
    other_numbers: list[str]


@domain_query
def list_standing_shipments(conn: Connection, ctx: DomainContext, order_ids: Sequence[UUID]) -> list[StandingShipment]:
    """Return the shipments of 1 to 10,000 orders that stand, those of an order together, the oldest first.

    What a reshipment took the place of is not among them: it was asked for twice. Refused: bad ids (`INVALID`).
    """
    row = {"workspace_id": ctx.workspace_id, "order_ids": require_uuids(order_ids, "order_ids", at_most=MAX_ITEMS)}
    return conn.cursor(row_factory=class_row(StandingShipment)).execute(_SELECT, row).fetchall()


# What settling can void: the shipment that holds its order, and each second one that nobody has had voided.
_SELECT = """
SELECT item.order_id, item.id AS item_id, item.job_id, item.shipment, item.tracking_number, item.other_numbers
  FROM robot_job_items AS item
 WHERE item.order_id = ANY(%(order_ids)s::uuid[]) AND (item.workspace_id = %(workspace_id)s) IS TRUE
   AND ((item.shipment = 'made' AND item.holds) OR (item.shipment = 'second' AND item.voided_at IS NULL)) IS TRUE
 ORDER BY item.order_id, item.completed_at, item.id
"""
