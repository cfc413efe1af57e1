"""A hand-over that waits, and the event that asks for it."""

#: Above this the orders stay out of the event: an entry of the bus may have 1 MB, its other members included.
MAX_ORDERS_BYTES = 900_000
#: What one order adds to the event beside its pedidoInput: two ids, three names, punctuation.
ORDER_OVERHEAD_BYTES = 140

# The hand-over that the job waits for.
INSERT_DISPATCH = """
INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
VALUES (%(job_id)s, %(dispatch)s, %(workspace_id)s, %(carrier)s, %(item_count)s)
"""

# robot/job.submitted for the open items of one dispatch, with the credentials (ciphertext) that the workspace has.
EMIT_JOB_SUBMITTED = """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT job.workspace_id, 'robot/job.submitted',
       jsonb_strip_nulls(jsonb_build_object(
           'jobId', job.id, 'workspaceId', job.workspace_id, 'carrier', job.carrier,
           'dispatch', %(dispatch)s::int,
           'credentials', CASE WHEN config.portal_username IS NOT NULL AND config.portal_password_sealed IS NOT NULL
               THEN jsonb_build_object('username', config.portal_username,
                                       'password', config.portal_password_sealed) END,
           'ordersOmitted', CASE WHEN NOT %(with_orders)s THEN %(item_count)s::int END))
       || jsonb_build_object('orders', coalesce((
           SELECT jsonb_agg(
                      CASE WHEN item.value_sent IS NULL
                          THEN jsonb_build_object('itemId', item.id, 'orderId', item.order_id)
                          ELSE jsonb_build_object('itemId', item.id, 'orderId', item.order_id,
                                                  'pedidoInput', item.value_sent) END
                      ORDER BY item.id)
             FROM robot_job_items AS item
            WHERE %(with_orders)s AND item.job_id = job.id AND item.dispatch = %(dispatch)s
              AND (item.status IN ('pending', 'processing')) IS TRUE), '[]'))
  FROM robot_jobs AS job
  LEFT JOIN carrier_configs AS config
         ON config.workspace_id = job.workspace_id AND config.carrier = job.carrier
 WHERE job.id = %(job_id)s AND job.workspace_id = %(workspace_id)s
"""
