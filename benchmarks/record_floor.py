"""The barest statements that record successes: items, orders, history, events and counters, nothing looked at."""

from collections.abc import Sequence
from uuid import UUID

import psycopg
from psycopg import Connection

#: An item, its order and its number.
Shipment = tuple[UUID, UUID, str]

_connections: dict[str, Connection] = {}


def record_floor(url: str, workspace_id: UUID, job_id: UUID, batches: Sequence[Sequence[Shipment]]) -> None:
    """Record these batches, each in a transaction of one round trip, over this process's connection to the URL."""
    if url not in _connections:
        _connections[url] = psycopg.connect(url, autocommit=True, prepare_threshold=0)
    for batch in batches:
        _record(_connections[url], workspace_id, job_id, batch)


def close_floor() -> None:
    """Close this process's connections."""
    while _connections:
        _connections.popitem()[1].close()


def _record(conn: Connection, workspace_id: UUID, job_id: UUID, batch: Sequence[Shipment]) -> None:
    item_ids, order_ids, numbers = zip(*sorted(batch), strict=True)
    row = {
        "workspace_id": workspace_id,
        "job_id": job_id,
        "count": len(batch),
        "item_ids": list(item_ids),
        "order_ids": list(order_ids),
        "numbers": list(numbers),
    }
    with conn.pipeline(), conn.transaction():
        conn.execute(BEGIN, [str(workspace_id)])
        conn.execute(_MOVE_ITEMS, row)
        conn.execute(_WRITE_HISTORY, row)
        conn.execute(_SHIP_ORDERS, row)
        conn.execute(_COUNT, row)


# Plans that don't depend on what the statistics say of tables that have just grown.
BEGIN = """
SELECT set_config('app.workspace_id', %s, true), set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('seq_page_cost', '1000', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true)
"""

_MOVE_ITEMS = """
UPDATE robot_job_items AS item
   SET status = 'success', tracking_number = report.number, started_at = coalesce(started_at, now()),
       completed_at = now(), updated_at = now()
  FROM unnest(%(item_ids)b::uuid[], %(numbers)b::text[]) AS report (item_id, number)
 WHERE item.id = report.item_id AND (item.status IN ('pending', 'processing')) IS TRUE
"""

_WRITE_HISTORY = """
INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, tracking_number, outcome)
SELECT %(workspace_id)s, report.item_id, 1, 'success', report.number, 'recorded'
  FROM unnest(%(item_ids)b::uuid[], %(numbers)b::text[]) AS report (item_id, number)
"""

_SHIP_ORDERS = """
WITH shipped AS (
    UPDATE orders
       SET tracking_number = report.number, updated_at = now()
      FROM unnest(%(order_ids)b::uuid[], %(numbers)b::text[]) AS report (order_id, number)
     WHERE orders.id = report.order_id
    RETURNING orders.*
)
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'automation/field.changed',
       json_build_object('workspaceId', workspace_id, 'entityType', 'order', 'entityId', id,
                         'fieldName', 'tracking_number', 'previousValue', null, 'newValue', tracking_number,
                         'contactId', contact_id, 'cascadeDepth', 0)
  FROM shipped
UNION ALL
SELECT workspace_id, 'automation/robot.coord.completed',
       json_build_object('workspaceId', workspace_id, 'orderId', id, 'orderName', name,
                         'trackingNumber', tracking_number, 'carrier', 'coordinadora', 'contactId', contact_id,
                         'orderValue', total_value, 'shippingCity', shipping_city,
                         'shippingAddress', shipping_address, 'shippingDepartment', shipping_department,
                         'cascadeDepth', 0)
  FROM shipped
"""

_COUNT = """
WITH job AS (
    UPDATE robot_jobs
       SET success_count = success_count + %(count)s, updated_at = now(),
           status = CASE WHEN success_count + error_count + %(count)s = total_items THEN 'completed' ELSE status END,
           completed_at = CASE WHEN success_count + error_count + %(count)s = total_items THEN now() END
     WHERE id = %(job_id)s
    RETURNING *
)
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'robot/job.completed',
       json_build_object('jobId', id, 'workspaceId', workspace_id, 'status', status, 'dispatch', dispatch,
                         'successCount', success_count, 'errorCount', error_count)
  FROM job
 WHERE status = 'completed'
"""
