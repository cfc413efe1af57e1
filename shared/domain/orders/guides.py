"""The guide of an order: written once, by the first lookup that finds it."""

from collections.abc import Mapping
from uuid import UUID

from psycopg import Connection

from shared.domain.context import MAX_CASCADE_DEPTH, DomainContext


def write_guides(conn: Connection, ctx: DomainContext, guides: Mapping[UUID, tuple[str, str]]) -> None:
    """Give locked orders the guides that were found, each with its carrier, and tell automations; none is replaced.

    `automation/robot.guide.found` goes out once an order, also where a person has cleared its guide meanwhile.
    """
    row = {
        "workspace_id": ctx.workspace_id,
        "order_ids": list(guides),
        "guides": [guide for guide, _ in guides.values()],
        "carriers": [carrier for _, carrier in guides.values()],
        "cascade_depth": ctx.cascade_depth,
        "emits_changes": ctx.cascade_depth < MAX_CASCADE_DEPTH,
    }
    conn.execute(_WRITE, row)


_WRITE = """
WITH found AS (
    UPDATE orders
       SET carrier_guide_number = target.guide, updated_at = now()
      FROM unnest(%(order_ids)b::uuid[], %(guides)b::text[], %(carriers)b::text[]) AS target (order_id, guide, carrier)
     WHERE orders.id = target.order_id AND (orders.workspace_id = %(workspace_id)s) IS TRUE
       AND (orders.carrier_guide_number IS NULL) IS TRUE
    RETURNING orders.id, orders.name, orders.tracking_number, target.guide, target.carrier, orders.contact_id
)
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT %(workspace_id)s, 'automation/field.changed',
       json_object('workspaceId': %(workspace_id)s::uuid, 'entityType': 'order', 'entityId': id,
                   'fieldName': 'carrier_guide_number', 'previousValue': 'null'::json, 'newValue': guide,
                   'contactId': contact_id, 'cascadeDepth': %(cascade_depth)s::int ABSENT ON NULL)
  FROM found
 WHERE %(emits_changes)s
UNION ALL
SELECT %(workspace_id)s, 'automation/robot.guide.found',
       json_object('workspaceId': %(workspace_id)s::uuid, 'orderId': found.id, 'orderName': found.name,
                   'trackingNumber': found.tracking_number, 'carrierGuideNumber': found.guide,
                   'carrier': found.carrier, 'contactId': found.contact_id, 'contactName': contact.name,
                   'contactPhone': contact.phone, 'cascadeDepth': %(cascade_depth)s::int ABSENT ON NULL)
  FROM found
  LEFT JOIN contacts AS contact ON contact.id = found.contact_id
 WHERE NOT EXISTS (SELECT FROM robot_job_items AS before
                    WHERE before.order_id = found.id AND before.is_lookup
                      AND before.tracking_number IS NOT NULL AND before.tracking_number <> ALL (before.other_numbers)
                      AND (before.completed_at < now()) IS TRUE)
"""
