"""The barest statements that write the same rows as the product, by hand: nothing is looked at, nothing is answered."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from psycopg import Connection, Cursor

Row = Mapping[str, object]


def bare(conn: Connection, workspace_id: UUID, statements: Sequence[str], row: Row) -> list[Cursor]:
    """Run these statements in one transaction and one round trip."""
    with conn.pipeline(), conn.transaction():
        conn.execute(_BEGIN, [str(workspace_id)])
        return [conn.execute(statement, row, binary=True) for statement in statements]


# Plans that don't depend on what the statistics say of tables that have just grown, as the product asks for them.
_BEGIN = """
SELECT set_config('app.workspace_id', %s, true), set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('random_page_cost', '1.1', true), set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
"""

_COUNT_OWNED = "SELECT count(*) FROM orders WHERE id = ANY(%(order_ids)b) AND workspace_id = %(workspace_id)s"

_INSERT_JOB = """
INSERT INTO robot_jobs (id, workspace_id, carrier, total_items)
VALUES (%(job_id)s, %(workspace_id)s, 'coordinadora', %(count)s)
"""

_INSERT_ITEMS = """
INSERT INTO robot_job_items (id, workspace_id, job_id, order_id)
SELECT item.id, %(workspace_id)s, %(job_id)s, item.order_id
  FROM unnest(%(item_ids)b::uuid[], %(order_ids)b::uuid[]) AS item (id, order_id)
"""

_INSERT_DISPATCH = """
INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
SELECT id, dispatch, workspace_id, carrier, %(count)s FROM robot_jobs WHERE id = %(job_id)s
"""

_INSERT_SUBMITTED = """
INSERT INTO outbox (workspace_id, detail_type, detail) VALUES (%(workspace_id)s, 'robot/job.submitted', %(detail)s)
"""

#: A job with its items, dispatch and event.
CREATE = (_COUNT_OWNED, _INSERT_JOB, _INSERT_ITEMS, _INSERT_DISPATCH, _INSERT_SUBMITTED)

_MOVE_ITEMS = """
UPDATE robot_job_items AS item
   SET status = 'success', shipment = 'made', holds = true, tracking_number = report.number,
       started_at = coalesce(started_at, now()), completed_at = now(), closed_by = 'robot', updated_at = now()
  FROM unnest(%(item_ids)b::uuid[], %(numbers)b::text[]) AS report (item_id, number)
 WHERE item.id = report.item_id AND (item.status IN ('pending', 'processing')) IS TRUE
"""

_WRITE_HISTORY = """
INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, tracking_number, outcome, source)
SELECT %(workspace_id)s, report.item_id, 1, 'success', report.number, 'recorded', 'robot'
  FROM unnest(%(item_ids)b::uuid[], %(numbers)b::text[]) AS report (item_id, number)
"""

_SHIP_ORDERS = """
WITH shipped AS (
    UPDATE orders
       SET tracking_number = report.number, number_by_hand = false, updated_at = now()
      FROM unnest(%(order_ids)b::uuid[], %(numbers)b::text[]) AS report (order_id, number)
     WHERE orders.id = report.order_id
    RETURNING orders.*, (SELECT contacts.name FROM contacts WHERE contacts.id = orders.contact_id) AS contact_name,
              (SELECT contacts.phone FROM contacts WHERE contacts.id = orders.contact_id) AS contact_phone
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
                         'contactName', contact_name, 'contactPhone', contact_phone, 'cascadeDepth', 0)
  FROM shipped
"""

_COUNT = """
WITH job AS (
    UPDATE robot_jobs
       SET success_count = success_count + %(success)s, error_count = error_count + %(error)s, updated_at = now(),
           status = CASE WHEN success_count + error_count + %(count)s < total_items THEN status
                         WHEN success_count + %(success)s > 0 THEN 'completed' ELSE 'failed' END,
           completed_at = CASE WHEN success_count + error_count + %(count)s = total_items THEN now() END
     WHERE id = %(job_id)s
    RETURNING *
)
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'robot/job.completed',
       json_build_object('jobId', id, 'workspaceId', workspace_id, 'status', status, 'dispatch', dispatch,
                         'successCount', success_count, 'errorCount', error_count)
  FROM job
 WHERE status IN ('completed', 'failed')
"""

#: Successes: items, orders, history, events and counters.
RECORD = (_MOVE_ITEMS, _WRITE_HISTORY, _SHIP_ORDERS, _COUNT)

#: A hand-over in two transactions, as the robot is called between them: its orders and the claim; the acceptance.
CLAIM = (
    """
SELECT id, order_id, value_sent FROM robot_job_items
 WHERE job_id = %(job_id)s AND (status IN ('pending', 'processing')) IS TRUE ORDER BY id FOR UPDATE
""",
    """
UPDATE robot_job_dispatches
   SET status = 'claimed', claimed_at = now(), attempts = attempts + 1, updated_at = now(),
       deadline_at = now() + interval '10 minutes' + item_count * interval '90 seconds'
 WHERE job_id = %(job_id)s
""",
    """
WITH sent AS (
    UPDATE robot_job_items SET shipment = 'possible', holds = true, updated_at = now()
     WHERE job_id = %(job_id)s AND (status IN ('pending', 'processing')) IS TRUE
    RETURNING id, dispatch, job_id, workspace_id, value_sent
)
INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id, value_sent) SELECT * FROM sent
""",
)

ACCEPT = (
    """
UPDATE robot_job_dispatches
   SET status = 'accepted', accepted_at = now(), updated_at = now(),
       deadline_at = now() + interval '10 minutes' + item_count * interval '90 seconds'
 WHERE job_id = %(job_id)s
""",
    """
UPDATE robot_job_items SET status = 'processing', started_at = now(), updated_at = now()
 WHERE job_id = %(job_id)s AND (status = 'pending') IS TRUE
""",
    "UPDATE robot_jobs SET status = 'processing', started_at = now(), updated_at = now() WHERE id = %(job_id)s",
)

#: A failed job's items put back in line, and its next wave.
RETRY = (
    """
UPDATE robot_job_items
   SET status = 'pending', shipment = 'none', holds = true, closed_by = NULL, dispatch = NULL,
       retry_count = retry_count + 1, last_retry_at = now(), error_type = NULL, error_message = NULL,
       completed_at = NULL, updated_at = now()
 WHERE job_id = %(job_id)s AND (status = 'error') IS TRUE
RETURNING id
""",
    """
UPDATE robot_jobs
   SET status = 'pending', dispatch = dispatch + 1, error_count = error_count - %(count)s, completed_at = NULL,
       updated_at = now()
 WHERE id = %(job_id)s
""",
    _INSERT_DISPATCH,
    """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'robot/job.submitted',
       json_build_object('jobId', id, 'workspaceId', workspace_id, 'carrier', carrier, 'dispatch', dispatch,
                         'orders', '[]'::json, 'ordersOmitted', %(count)s::int)
  FROM robot_jobs
 WHERE id = %(job_id)s
""",
)

#: A wave at its deadline: its open items, which keep their orders since they may have been shipped, its job, itself.
EXPIRE = (
    """
WITH closed AS (
    UPDATE robot_job_items
       SET status = 'error', error_type = 'timeout', error_message = 'no report from the robot', completed_at = now(),
           closed_by = 'deadline', updated_at = now()
     WHERE job_id = %(job_id)s AND (status IN ('pending', 'processing')) IS TRUE
    RETURNING id, workspace_id, dispatch
)
INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, error_type, error_message, outcome, source)
SELECT workspace_id, id, dispatch, 'error', 'timeout', 'no report from the robot', 'recorded', 'deadline' FROM closed
""",
    _COUNT,
    """
UPDATE robot_job_dispatches SET status = 'closed', closed_at = now(), updated_at = now() WHERE job_id = %(job_id)s
""",
)

#: A job and some of its items, for plain tuples.
READ = (
    "SELECT * FROM robot_jobs WHERE id = %(job_id)s",
    """
SELECT id, job_id, order_id, status, tracking_number, validated_city, value_sent, error_type, error_message,
       retry_count, last_retry_at, started_at, completed_at, created_at, updated_at
  FROM robot_job_items
 WHERE job_id = %(job_id)s
 ORDER BY id
 LIMIT %(limit)s
""",
)
