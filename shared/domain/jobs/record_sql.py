"""The statements that record reports. Lock order, here and everywhere: items by id, orders by id, jobs by id.

Rows are reached by primary key; IS TRUE keeps the planner from looking for them by a condition that is only a check.
"""

# The reported items, in the order that every batch takes them in: batches that share items can't deadlock. A statement
# of its own, so that the next one sees the items, and the counters that go with them, as they are then.
LOCK_ITEMS = """
SELECT count(*)
  FROM (SELECT FROM robot_job_items
         WHERE id = ANY(%(item_ids)b) AND (workspace_id = %(workspace_id)s) IS TRUE
         ORDER BY id
           FOR NO KEY UPDATE) AS locked
"""

# The whole of recording. Reports are judged in their order, each by the item as it was and by the reports about
# the same item before it:
#
#     item is                  report                  answers its dispatch   an older one
#     open                     success                 recorded               recorded
#     open                     error                   recorded               stale
#     error                    success                 recorded               recorded
#     error                    error                   duplicate              stale
#     success, no number       success with a number   recorded               recorded
#     success                  success, same or none   duplicate              duplicate
#     success                  success, other number   conflict               conflict
#     success                  error                   stale                  stale
#
# Then what was recorded moves the items, the orders' numbers, the jobs' counters and the outbox, and every report
# goes to the history. Orders and jobs are locked as they are read, in the order of their ids.
#
# Two things are for speed alone. Only where a batch has several reports of one item is it looked at what came before
# each of them. And items are updated where they were read, by their place in the table: they are locked, so that no one
# can have moved them since.
RECORD = """
WITH reported AS (
    SELECT report.*,
           item.ctid AS item_at, item.job_id, item.order_id,
           item.status AS item_status, item.tracking_number AS item_number,
           coalesce(report.dispatch, item.dispatch) AS answered,
           coalesce(report.dispatch, item.dispatch) = item.dispatch AS is_current
      FROM unnest(%(item_ids)b::uuid[], %(job_ids)b::uuid[], %(dispatches)b::int[], %(statuses)b::text[],
                  %(tracking_numbers)b::text[], %(validated_cities)b::text[], %(values_sent)b::text[],
                  %(error_types)b::text[], %(error_messages)b::text[])
           WITH ORDINALITY
           AS report (item_id, reported_job_id, dispatch, status, tracking_number, validated_city, value_sent,
                      error_type, error_message, position)
      JOIN robot_job_items AS item
        ON item.id = report.item_id AND (item.workspace_id = %(workspace_id)s) IS TRUE
       AND (item.job_id = coalesce(report.reported_job_id, item.job_id)) IS TRUE
), known AS (
    SELECT reported.*, item_status = 'success' AS is_success, item_status = 'error' AS is_error,
           item_number AS known_number
      FROM reported
     WHERE NOT %(has_repeats)s
    UNION ALL
    SELECT reported.*,
           item_status = 'success' OR coalesce(bool_or(status = 'success') OVER earlier, false) AS is_success,
           item_status = 'error' OR coalesce(bool_or(status = 'error' AND is_current) OVER earlier, false) AS is_error,
           coalesce(item_number, (array_agg(tracking_number) FILTER (WHERE tracking_number IS NOT NULL)
                                  OVER earlier)[1]) AS known_number
      FROM reported
     WHERE %(has_repeats)s
    WINDOW earlier AS (PARTITION BY item_id ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), judged AS (
    SELECT known.*,
           CASE
               WHEN status = 'success' AND NOT is_success THEN 'recorded'
               WHEN status = 'success' AND tracking_number IS NULL THEN 'duplicate'
               WHEN status = 'success' AND known_number IS NULL THEN 'recorded'
               WHEN status = 'success' AND tracking_number = known_number THEN 'duplicate'
               WHEN status = 'success' THEN 'conflict'
               WHEN is_success OR NOT is_current THEN 'stale'
               WHEN is_error THEN 'duplicate'
               ELSE 'recorded'
           END AS outcome
      FROM known
), history AS (
    INSERT INTO robot_job_item_reports
           (workspace_id, item_id, dispatch, status, tracking_number, error_type, error_message, outcome)
    SELECT %(workspace_id)s, item_id, answered, status, tracking_number, error_type, error_message, outcome
      FROM judged
), change AS (
    SELECT item_at, item_status, status, tracking_number, validated_city, value_sent, error_type, error_message
      FROM judged
     WHERE outcome = 'recorded' AND NOT %(has_repeats)s
    UNION ALL
    SELECT item_at, item_status,
           CASE WHEN bool_or(status = 'success') THEN 'success' ELSE 'error' END AS status,
           max(tracking_number) AS tracking_number,
           (array_agg(validated_city ORDER BY position) FILTER (WHERE validated_city IS NOT NULL))[1] AS validated_city,
           (array_agg(value_sent ORDER BY position) FILTER (WHERE value_sent IS NOT NULL))[1] AS value_sent,
           max(error_type) AS error_type,
           max(error_message) AS error_message
      FROM judged
     WHERE outcome = 'recorded' AND %(has_repeats)s
     GROUP BY item_at, item_status
), moved AS (
    UPDATE robot_job_items AS item
       SET status = change.status,
           tracking_number = coalesce(item.tracking_number, change.tracking_number),
           validated_city = coalesce(change.validated_city, item.validated_city),
           value_sent = coalesce(change.value_sent::jsonb, item.value_sent),
           error_type = CASE WHEN change.status = 'error' THEN change.error_type END,
           error_message = CASE WHEN change.status = 'error' THEN change.error_message END,
           started_at = coalesce(item.started_at, now()),
           completed_at = CASE WHEN change.item_status = 'success' THEN item.completed_at ELSE now() END,
           updated_at = now()
      FROM change
     WHERE item.ctid = change.item_at
    RETURNING item.id, item.job_id, item.order_id, item.status, change.item_status AS old_status,
              change.tracking_number AS new_number
), delivery AS (
    SELECT id AS item_id, job_id, order_id, new_number,
           lead(order_id) OVER (ORDER BY order_id, id) IS DISTINCT FROM order_id AS is_last_of_order
      FROM moved
     WHERE new_number IS NOT NULL
), shipment AS (
    SELECT delivery.item_id, delivery.job_id, delivery.new_number, orders.id AS order_id,
           orders.tracking_number AS old_number, orders.contact_id, orders.name, orders.total_value,
           orders.shipping_city, orders.shipping_address, orders.shipping_department,
           is_last_of_order AND orders.tracking_number IS DISTINCT FROM new_number AS is_news
      FROM delivery
      JOIN orders ON orders.id = delivery.order_id AND (orders.workspace_id = %(workspace_id)s) IS TRUE
     ORDER BY orders.id, delivery.item_id
       FOR NO KEY UPDATE OF orders
), shipped AS (
    UPDATE orders
       SET tracking_number = shipment.new_number, updated_at = now()
      FROM shipment
     WHERE orders.id = shipment.order_id AND shipment.is_news
), difference AS (
    SELECT job_id,
           count(*) FILTER (WHERE status = 'success' AND old_status <> 'success') AS successes,
           count(*) FILTER (WHERE status = 'error' AND old_status <> 'error')
               - count(*) FILTER (WHERE status = 'success' AND old_status = 'error') AS errors,
           count(*) FILTER (WHERE old_status IN ('pending', 'processing')) AS closed
      FROM moved
     GROUP BY job_id
), counted AS (
    SELECT job.id, job.carrier, difference.successes, difference.errors, difference.closed
      FROM robot_jobs AS job
      JOIN difference ON difference.job_id = job.id
     ORDER BY job.id
       FOR NO KEY UPDATE OF job
), job AS (
    UPDATE robot_jobs AS job
       SET success_count = job.success_count + counted.successes,
           error_count = job.error_count + counted.errors,
           status = CASE
               WHEN job.success_count + counted.successes + job.error_count + counted.errors < job.total_items
                   THEN job.status
               WHEN job.success_count + counted.successes > 0 AND (counted.closed > 0 OR job.status = 'failed')
                   THEN 'completed'
               WHEN counted.closed > 0 THEN 'failed'
               ELSE job.status
           END,
           started_at = coalesce(job.started_at, now()),
           completed_at = CASE
               WHEN job.success_count + counted.successes + job.error_count + counted.errors < job.total_items
                   THEN job.completed_at
               ELSE coalesce(job.completed_at, now())
           END,
           updated_at = now()
      FROM counted
     WHERE job.id = counted.id AND (counted.successes <> 0 OR counted.errors <> 0)
    RETURNING job.id, job.status, job.dispatch, job.success_count, job.error_count,
              counted.closed > 0 AND job.success_count + job.error_count = job.total_items AS ended_now
), event AS (
    INSERT INTO outbox (workspace_id, detail_type, detail)
    SELECT %(workspace_id)s, 'automation/field.changed',
           json_object('workspaceId': %(workspace_id)s::uuid, 'entityType': 'order', 'entityId': order_id,
                       'fieldName': 'tracking_number', 'previousValue': coalesce(to_json(old_number), 'null'),
                       'newValue': new_number, 'contactId': contact_id, 'cascadeDepth': %(cascade_depth)s::int
                       ABSENT ON NULL)
      FROM shipment
     WHERE is_news AND %(emits_changes)s
    UNION ALL
    SELECT %(workspace_id)s, 'automation/robot.coord.completed',
           json_object('workspaceId': %(workspace_id)s::uuid, 'orderId': shipment.order_id,
                       'orderName': shipment.name, 'trackingNumber': shipment.new_number, 'carrier': counted.carrier,
                       'contactId': shipment.contact_id, 'orderValue': shipment.total_value,
                       'shippingCity': shipment.shipping_city, 'shippingAddress': shipment.shipping_address,
                       'shippingDepartment': shipment.shipping_department, 'cascadeDepth': %(cascade_depth)s::int
                       ABSENT ON NULL)
      FROM shipment
      JOIN counted ON counted.id = shipment.job_id
    UNION ALL
    SELECT %(workspace_id)s, 'robot/job.completed',
           json_object('jobId': job.id, 'workspaceId': %(workspace_id)s::uuid, 'status': job.status,
                       'dispatch': job.dispatch, 'successCount': job.success_count, 'errorCount': job.error_count)
      FROM job
     WHERE job.ended_now
)
SELECT position, order_id, outcome FROM judged
"""
