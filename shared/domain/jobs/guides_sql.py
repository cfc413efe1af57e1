"""The statements that record what a robot said of guides. The locks are taken before, in `lock`."""

from shared.domain.jobs.counting import count_reported

# Reports about lookups are judged one of an order at a time, so that each sees what the one before has left:
#
#     item is                  report                  answers its dispatch   an older one
#     open                     success                 recorded               recorded
#     open                     error                   recorded               stale
#     error                    success                 recorded               recorded
#     error                    error                   duplicate              stale
#     success, no guide        success with a guide    recorded               recorded
#     success                  success, same or none   duplicate              duplicate
#     success                  success, other guide    conflict               conflict
#     success                  error                   stale                  stale
#
# "Not there yet" is a success without a guide, whatever number it names; the number that was asked with is none. The
# first guide of an order is its own, if the number is still the one that was asked with; any other stands beside the
# item's.
RECORD_GUIDES = (
    """
WITH reported AS (
    SELECT report.*,
           CASE WHEN report.is_found IS NOT FALSE AND report.number IS DISTINCT FROM asked.number
                     AND report.number IS DISTINCT FROM orders.tracking_number
               THEN report.number END AS guide,
           item.job_id, of_job.carrier, item.order_id, item.status AS item_status,
           item.tracking_number AS known_guide,
           coalesce(report.dispatch, item.dispatch) AS answered,
           report.dispatch IS NULL OR (report.dispatch = item.dispatch) IS TRUE AS is_current,
           orders.carrier_guide_number AS order_guide,
           (coalesce(asked.number, orders.tracking_number) = orders.tracking_number) IS TRUE AS is_of_order,
           row_number() OVER (PARTITION BY item.order_id ORDER BY report.place) = 1 AS is_in_turn
      FROM unnest(%(item_ids)b::uuid[], %(job_ids)b::uuid[], %(dispatches)b::int[], %(statuses)b::text[],
                  %(tracking_numbers)b::text[], %(found)b::boolean[], %(error_types)b::text[],
                  %(error_messages)b::text[], %(places)b::int[]) WITH ORDINALITY
           AS report (item_id, reported_job_id, dispatch, status, number, is_found, error_type, error_message, place,
                      position)
      JOIN robot_job_items AS item
        ON item.id = report.item_id AND (item.workspace_id = %(workspace_id)s) IS TRUE AND item.is_lookup
       AND (item.job_id = coalesce(report.reported_job_id, item.job_id)) IS TRUE
      JOIN robot_jobs AS of_job ON of_job.id = item.job_id
      JOIN orders ON orders.id = item.order_id AND (orders.workspace_id = %(workspace_id)s) IS TRUE
      LEFT JOIN robot_job_item_attempts AS attempt
        ON attempt.item_id = item.id AND attempt.dispatch = coalesce(report.dispatch, item.dispatch)
     CROSS JOIN LATERAL (
         -- What the wave asked with that is answered; the item may have been retried with another number since.
         SELECT coalesce(attempt.value_sent ->> 'pedidoNumber', item.pedido_number) AS number) AS asked
), judged AS (
    SELECT reported.*,
           CASE
               WHEN status = 'success' AND item_status <> 'success' THEN 'recorded'
               WHEN status = 'success' AND guide IS NULL THEN 'duplicate'
               WHEN status = 'success' AND known_guide IS NULL THEN 'recorded'
               WHEN status = 'success' AND guide = known_guide THEN 'duplicate'
               WHEN status = 'success' THEN 'conflict'
               WHEN item_status = 'success' OR NOT is_current THEN 'stale'
               WHEN item_status = 'error' THEN 'duplicate'
               ELSE 'recorded'
           END AS outcome,
           CASE
               WHEN guide IS NULL OR guide = order_guide THEN NULL
               WHEN known_guide IS NOT NULL OR order_guide IS NOT NULL OR NOT is_of_order THEN guide
           END AS other_guide
      FROM reported
     WHERE is_in_turn
), history AS (
    INSERT INTO robot_job_item_reports
           (workspace_id, item_id, dispatch, status, tracking_number, error_type, error_message, outcome, source)
    SELECT %(workspace_id)s, item_id, answered, status, guide, error_type,
           CASE WHEN status = 'success' AND guide IS NULL AND number IS NOT NULL
               THEN 'no guide: ' || number ELSE error_message END,
           outcome, %(source)s
      FROM judged
), moved AS (
    UPDATE robot_job_items AS item
       SET status = CASE WHEN judged.status = 'success' THEN 'success' ELSE item.status END,
           tracking_number = coalesce(item.tracking_number, judged.guide),
           other_numbers = CASE WHEN judged.other_guide IS NOT NULL AND judged.other_guide <> ALL (item.other_numbers)
               THEN item.other_numbers || judged.other_guide ELSE item.other_numbers END,
           error_type = NULL, error_message = NULL,
           started_at = coalesce(item.started_at, now()),
           completed_at = CASE WHEN judged.outcome = 'recorded' THEN now() ELSE item.completed_at END,
           closed_by = CASE WHEN judged.outcome = 'recorded' THEN %(source)s ELSE item.closed_by END,
           updated_at = now()
      FROM judged
     WHERE item.id = judged.item_id AND judged.status = 'success' AND judged.outcome IN ('recorded', 'conflict')
    RETURNING item.id, item.job_id, item.order_id, item.dispatch, item.status, judged.item_status AS old_status,
              judged.guide, judged.other_guide, judged.order_guide, judged.outcome
), failed AS (
    UPDATE robot_job_items AS item
       SET status = 'error', error_type = judged.error_type, error_message = judged.error_message,
           started_at = coalesce(item.started_at, now()), completed_at = now(), closed_by = %(source)s,
           updated_at = now()
      FROM judged
     WHERE item.id = judged.item_id AND judged.status = 'error' AND judged.outcome = 'recorded'
    RETURNING item.id, item.job_id, item.dispatch, item.status, judged.item_status AS old_status
), changed AS (
    SELECT id, job_id, dispatch, status, old_status FROM moved
     UNION ALL
    SELECT id, job_id, dispatch, status, old_status FROM failed
"""
    + count_reported("changed")
    + """
, over AS (
    -- Waves of which the last open item was closed just now.
    SELECT wave.job_id
      FROM (SELECT job_id, dispatch, array_agg(id) AS item_ids
              FROM changed
             WHERE old_status IN ('pending', 'processing') AND dispatch IS NOT NULL
             GROUP BY job_id, dispatch) AS wave
     WHERE NOT EXISTS (SELECT FROM robot_job_items AS other
                        WHERE other.job_id = wave.job_id AND other.dispatch = wave.dispatch
                          AND other.status IN ('pending', 'processing') AND other.id <> ALL (wave.item_ids))
)
SELECT judged.position, judged.order_id, judged.job_id, judged.outcome,
       (SELECT bool_or(errors_in_a_row > 0) FROM counted) AS may_break_row,
       (SELECT array_agg(job_id) FROM over) AS jobs_with_wave_over,
       CASE WHEN moved.outcome = 'recorded' AND moved.order_guide IS NULL AND moved.other_guide IS NULL
           THEN moved.guide END AS guide_of_order,
       judged.carrier
  FROM judged
  LEFT JOIN moved ON moved.id = judged.item_id
UNION ALL
SELECT position, order_id, job_id, NULL, NULL, NULL, NULL, NULL FROM reported WHERE NOT is_in_turn
"""
)
