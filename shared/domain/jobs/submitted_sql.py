"""The event that asks for a hand-over, and what a wave may hold."""

#: What a robot takes at most in one hand-over.
MAX_HAND_OVER_BYTES = 5_000_000
#: What a hand-over has beside its orders: ids, credentials, the callback's URL and secret. An upper bound.
ENVELOPE_BYTES = 10_000
#: So much of orders fits in a wave.
MAX_WAVE_BYTES = MAX_HAND_OVER_BYTES - ENVELOPE_BYTES
#: Above this the orders stay out of the event: an entry of the bus may have 1 MB, its other members included.
MAX_ORDERS_BYTES = 900_000
#: What one order adds beside its pedidoInput: two ids, three names, punctuation.
ORDER_OVERHEAD_BYTES = 140
#: What an item adds to a hand-over or an event.
ITEM_BYTES = f"coalesce(octet_length(item.value_sent::text), 0) + {ORDER_OVERHEAD_BYTES}"

# robot/job.submitted for each wave that was `called`, as the system tells of it, which sees no credentials:
# dispatch_job reads orders and credentials from the database.
EMIT_CALLED_BY_SYSTEM = """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'robot/job.submitted',
       jsonb_build_object('jobId', job_id, 'workspaceId', workspace_id, 'carrier', carrier, 'dispatch', dispatch,
                          'kind', (SELECT kind FROM robot_jobs WHERE id = called.job_id),
                          'orders', '[]'::jsonb, 'ordersOmitted', item_count)
  FROM called
"""

# robot/job.submitted for each wave that was `called` (job_id, dispatch, workspace_id, carrier, item_count): the open
# items of it, of a lookup with the numbers to ask with, where they fit; and the credentials (ciphertext) that the
# workspace has.
EMIT_CALLED = f"""
, wave AS (
    SELECT called.*, (SELECT kind FROM robot_jobs WHERE id = called.job_id) AS kind,
           (SELECT coalesce(sum({ITEM_BYTES}), 0)
              FROM robot_job_items AS item
             WHERE item.job_id = called.job_id AND item.dispatch = called.dispatch
               AND item.status IN ('pending', 'processing')) <= {MAX_ORDERS_BYTES} AS with_orders
      FROM called
)
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT wave.workspace_id, 'robot/job.submitted',
       jsonb_strip_nulls(jsonb_build_object(
           'jobId', wave.job_id, 'workspaceId', wave.workspace_id, 'kind', wave.kind, 'carrier', wave.carrier,
           'dispatch', wave.dispatch,
           'credentials', CASE WHEN config.portal_username IS NOT NULL AND config.portal_password_sealed IS NOT NULL
               THEN jsonb_build_object('username', config.portal_username,
                                       'password', config.portal_password_sealed) END,
           'ordersOmitted', CASE WHEN NOT wave.with_orders THEN wave.item_count END))
       || jsonb_build_object('orders', coalesce((
           SELECT jsonb_agg(
                      jsonb_build_object('itemId', item.id, 'orderId', item.order_id)
                      || CASE WHEN item.value_sent IS NULL THEN '{{}}'
                              ELSE jsonb_build_object('pedidoInput', item.value_sent) END
                      || CASE WHEN asked.tracking_number IS NULL THEN '{{}}'
                              ELSE jsonb_build_object('pedidoNumber', asked.tracking_number) END
                      ORDER BY item.id)
             FROM robot_job_items AS item
             LEFT JOIN orders AS asked ON asked.id = item.order_id AND item.is_lookup
            WHERE wave.with_orders AND item.job_id = wave.job_id AND item.dispatch = wave.dispatch
              AND item.status IN ('pending', 'processing')), '[]'))
  FROM wave
  LEFT JOIN carrier_configs AS config
         ON config.workspace_id = wave.workspace_id AND config.carrier = wave.carrier
"""
