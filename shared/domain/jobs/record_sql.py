"""The statements that record what became of items. The locks are taken before, in `lock`.

Rows are reached by primary key; IS TRUE keeps the planner from looking for them by a condition that is only a check.
"""

from shared.domain.jobs.counting import COUNT_AND_END, count_reported
from shared.domain.jobs.lock import MAY_TAKE_HOLDS

# The reports about shipments, each with its item, what an error proves by its carrier, and whether it is in turn: of an
# order, the reports about one item at a time. Items are looked up by report and jobs by item, whatever a plan made on
# empty tables would rather do: OFFSET 0 and a subquery keep the planner from the other way round.
_REPORTED = """
    SELECT report.*,
           report.unsure_for <> '*'
               AND strpos(report.unsure_for,
                          concat(',', (SELECT carrier FROM robot_jobs AS job WHERE job.id = item.job_id), ',')) = 0
               AS proves_none,
           item.at AS item_at, item.job_id, item.order_id, item.status AS item_status, item.shipment, item.holds,
           item.closed_by, item.tracking_number AS item_number,
           item.other_numbers || item.voided_numbers AS other_numbers, item.lifted, item.lifted_number,
           coalesce(report.dispatch, item.dispatch) AS answered,
           report.dispatch IS NULL OR (report.dispatch = item.dispatch) IS TRUE AS is_current,
           first_value(item.id) OVER (PARTITION BY item.order_id ORDER BY report.place) = item.id AS is_in_turn
      FROM unnest(%(item_ids)b::uuid[], %(job_ids)b::uuid[], %(dispatches)b::int[], %(statuses)b::text[],
                  %(tracking_numbers)b::text[], %(validated_cities)b::text[], %(values_sent)b::text[],
                  %(error_types)b::text[], %(error_messages)b::text[], %(unsure_for)b::text[], %(places)b::int[])
           WITH ORDINALITY
           AS report (item_id, reported_job_id, dispatch, status, tracking_number, validated_city, value_sent,
                      error_type, error_message, unsure_for, place, position)
     CROSS JOIN LATERAL (
         SELECT ctid AS at, id, job_id, order_id, dispatch, status, shipment, holds, closed_by, tracking_number,
                other_numbers, voided_numbers, lifted, lifted_number
           FROM robot_job_items
          WHERE id = report.item_id AND (workspace_id = %(workspace_id)s) IS TRUE AND NOT is_lookup
            AND (job_id = coalesce(report.reported_job_id, job_id)) IS TRUE
         OFFSET 0) AS item
"""

# Before a success takes the hold on its order: whichever other item has it gives it up, unless that one was made and is
# none of those that a reshipment lifts. One that no robot has ends, since the shipment exists; one at the robot stays
# open, one that is unsettled stays so.
YIELD = (
    "WITH reported AS ("
    + _REPORTED
    + f"""
), success AS (
    SELECT order_id, item_id, lifted, max(tracking_number) AS tracking_number
      FROM reported
     WHERE {MAY_TAKE_HOLDS}
       AND is_in_turn AND status = 'success' AND item_status <> 'success' AND NOT holds
     GROUP BY order_id, item_id, lifted
), yielded AS (
    UPDATE robot_job_items AS item
       SET holds = false,
           status = CASE WHEN item.shipment = 'none' THEN 'error' ELSE item.status END,
           error_type = CASE WHEN item.shipment = 'none' THEN 'validation' ELSE item.error_type END,
           error_message = CASE WHEN item.shipment = 'none'
               THEN concat('already shipped: another job made the shipment',
                           coalesce(' ' || success.tracking_number, ' without a number'))
               ELSE item.error_message END,
           completed_at = CASE WHEN item.shipment = 'none' THEN now() ELSE item.completed_at END,
           closed_by = CASE WHEN item.shipment = 'none' THEN 'system' ELSE item.closed_by END,
           updated_at = now()
      FROM success
     WHERE item.order_id = success.order_id AND item.id <> success.item_id
       AND item.holds AND (item.shipment <> 'made' OR item.id = ANY(success.lifted))
       AND (item.workspace_id = %(workspace_id)s) IS TRUE
    RETURNING item.job_id, item.order_id, item.shipment, item.lifted
), difference AS (
    SELECT job_id, 0 AS successes, count(*) AS errors, count(*) AS closed
      FROM yielded
     WHERE shipment = 'none'
     GROUP BY job_id
"""
    + COUNT_AND_END
    + "SELECT job_id, order_id, lifted IS NOT NULL FROM yielded WHERE shipment = 'none'"
)

# The whole of recording. Reports are judged in their order, each by the item as it was and by the reports about
# the same item before it:
#
#     item is                  report                  answers its dispatch   an older one
#     open                     success                 recorded               recorded
#     open                     error                   recorded               stale
#     error                    success                 recorded               recorded
#     error                    error                   duplicate              stale
#     closed by silence        error that proves       recorded               stale
#                              that nothing was made
#     success, no number       success with a number   recorded               recorded
#     success                  success, same or none   duplicate              duplicate
#     success                  success, other number   conflict               conflict
#     success                  error                   stale                  stale
#
# Then what was recorded moves the items, the orders' numbers, the jobs' counters and the outbox, and every report goes
# to the history. A success is `made` and holds its order, unless another item of it was made that it does not lift, or
# the order has another number than the report: then it is `second`. The order keeps its number; only the one that a
# reshipment found is replaced.
#
# Two things are for speed alone. Only where a batch has several reports of one item is it looked at what came before
# each of them. And items are updated where they were read, by their place in the table: they are locked, so that no one
# can have moved them since.
RECORD = (
    "WITH reported AS ("
    + _REPORTED
    + """
), known AS (
    SELECT reported.*, item_status = 'success' AS is_success, item_status = 'error' AS is_error,
           item_number AS known_number, false AS is_proven
      FROM reported
     WHERE is_in_turn AND NOT %(has_repeats)s
    UNION ALL
    SELECT reported.*,
           item_status = 'success' OR coalesce(bool_or(status = 'success') OVER earlier, false) AS is_success,
           item_status = 'error' OR coalesce(bool_or(status = 'error' AND is_current) OVER earlier, false) AS is_error,
           coalesce(item_number, (array_agg(tracking_number) FILTER (WHERE tracking_number IS NOT NULL)
                                  OVER earlier)[1]) AS known_number,
           coalesce(bool_or(status = 'error' AND is_current AND proves_none) OVER earlier, false) AS is_proven
      FROM reported
     WHERE is_in_turn AND %(has_repeats)s
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
               WHEN item_status = 'error' AND shipment = 'possible' AND closed_by IN ('deadline', 'restart', 'person')
                    AND proves_none AND NOT is_proven THEN 'recorded'
               WHEN is_error THEN 'duplicate'
               ELSE 'recorded'
           END AS outcome
      FROM known
), history AS (
    INSERT INTO robot_job_item_reports
           (workspace_id, item_id, dispatch, status, tracking_number, error_type, error_message, outcome, source)
    SELECT %(workspace_id)s, item_id, answered, status, tracking_number, error_type, error_message, outcome, %(source)s
      FROM judged
), change AS (
    SELECT item_at, job_id, order_id, item_status, shipment, holds, item_number, lifted, lifted_number, status,
           CASE WHEN outcome = 'recorded' THEN tracking_number END AS tracking_number,
           CASE WHEN outcome = 'conflict' THEN ARRAY[tracking_number] ELSE '{}' END AS new_numbers,
           CASE WHEN outcome = 'recorded' THEN validated_city END AS validated_city,
           CASE WHEN outcome = 'recorded' THEN value_sent END AS value_sent,
           error_type, error_message, proves_none
      FROM judged
     WHERE NOT %(has_repeats)s
       AND (outcome = 'recorded' OR (outcome = 'conflict' AND tracking_number <> ALL(other_numbers)))
    UNION ALL
    SELECT item_at, job_id, order_id, item_status, shipment, holds, item_number, lifted, lifted_number,
           CASE WHEN bool_or(status = 'success') THEN 'success' ELSE 'error' END AS status,
           max(tracking_number) FILTER (WHERE outcome = 'recorded') AS tracking_number,
           coalesce(array_agg(DISTINCT tracking_number)
                    FILTER (WHERE outcome = 'conflict' AND tracking_number <> ALL(other_numbers)), '{}') AS new_numbers,
           (array_agg(validated_city ORDER BY position)
            FILTER (WHERE validated_city IS NOT NULL AND outcome = 'recorded'))[1] AS validated_city,
           (array_agg(value_sent ORDER BY position)
            FILTER (WHERE value_sent IS NOT NULL AND outcome = 'recorded'))[1] AS value_sent,
           max(error_type) FILTER (WHERE outcome = 'recorded') AS error_type,
           max(error_message) FILTER (WHERE outcome = 'recorded') AS error_message,
           bool_or(proves_none) FILTER (WHERE outcome = 'recorded') AS proves_none
      FROM judged
     WHERE %(has_repeats)s
       AND (outcome = 'recorded' OR (outcome = 'conflict' AND tracking_number <> ALL(other_numbers)))
     GROUP BY item_at, job_id, order_id, item_status, shipment, holds, item_number, lifted, lifted_number
), ordered AS (
    SELECT change.*, orders.tracking_number AS order_number, orders.contact_id, orders.name, orders.total_value,
           orders.shipping_city, orders.shipping_address, orders.shipping_department,
           contact.name AS contact_name, contact.phone AS contact_phone,
           item_status <> 'success' AND status = 'success' AS is_shipped_now,
           coalesce(orders.tracking_number <> change.tracking_number
                    AND orders.tracking_number IS DISTINCT FROM change.lifted_number, false) AS is_other_number,
           made_before.id AS made_before_id
      FROM change
      JOIN orders ON orders.id = change.order_id AND (orders.workspace_id = %(workspace_id)s) IS TRUE
      LEFT JOIN contacts AS contact ON contact.id = orders.contact_id
      LEFT JOIN LATERAL (
          SELECT made.id FROM robot_job_items AS made
           WHERE made.order_id = change.order_id AND made.shipment = 'made' AND made.ctid <> change.item_at
             AND made.id <> ALL (coalesce(change.lifted, '{}'))
           ORDER BY made.holds DESC, made.completed_at DESC
           LIMIT 1) AS made_before ON true
), placed AS (
    SELECT ordered.*,
           CASE
               WHEN is_shipped_now AND (is_other_number OR made_before_id IS NOT NULL) THEN 'second'
               WHEN is_shipped_now THEN 'made'
               WHEN item_status <> 'success' THEN CASE WHEN proves_none THEN 'none' ELSE 'possible' END
               WHEN shipment = 'made' AND holds AND is_other_number THEN 'second'
               ELSE shipment
           END AS new_shipment
      FROM ordered
), moved AS (
    UPDATE robot_job_items AS item
       SET status = CASE WHEN item.status = 'success' THEN 'success' ELSE placed.status END,
           shipment = placed.new_shipment,
           holds = CASE
               WHEN placed.new_shipment IN ('none', 'second') THEN false
               WHEN placed.is_shipped_now THEN true
               ELSE item.holds
           END,
           tracking_number = coalesce(item.tracking_number, placed.tracking_number),
           other_numbers = item.other_numbers || placed.new_numbers,
           validated_city = coalesce(placed.validated_city, item.validated_city),
           value_sent = coalesce(placed.value_sent::jsonb, item.value_sent),
           error_type = CASE WHEN placed.is_shipped_now THEN NULL WHEN item.status = 'error' THEN item.error_type
                             ELSE placed.error_type END,
           error_message = CASE WHEN placed.is_shipped_now THEN NULL WHEN item.status = 'error' THEN item.error_message
                                ELSE placed.error_message END,
           started_at = coalesce(item.started_at, now()),
           completed_at = CASE WHEN placed.is_shipped_now OR item.completed_at IS NULL THEN now()
                               ELSE item.completed_at END,
           closed_by = CASE WHEN placed.is_shipped_now OR item.closed_by IS NULL THEN %(source)s
                            ELSE item.closed_by END,
           updated_at = now()
      FROM placed
     WHERE item.ctid = placed.item_at
    RETURNING item.id, item.job_id, item.order_id, item.status, item.shipment, item.holds, item.dispatch,
              item.value_sent, placed.item_status AS old_status,
              placed.shipment AS old_shipment, placed.tracking_number AS new_number,
              item.tracking_number, placed.new_numbers, placed.order_number, placed.made_before_id, placed.contact_id,
              placed.name, placed.total_value, placed.shipping_city, placed.shipping_address,
              placed.shipping_department, placed.contact_name, placed.contact_phone, placed.lifted
), attempt AS (
    -- The robot had what it reports, whatever it had said of the hand-over.
    INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id, value_sent)
    SELECT id, dispatch, job_id, %(workspace_id)s, value_sent
      FROM moved
     WHERE shipment = 'possible' AND old_shipment = 'none' AND dispatch IS NOT NULL
        ON CONFLICT DO NOTHING
), news AS (
    SELECT *, order_number IS DISTINCT FROM new_number AND shipment = 'made' AND holds AS is_news
      FROM moved
     WHERE new_number IS NOT NULL
), numbered AS (
    UPDATE orders
       SET tracking_number = news.new_number, number_by_hand = false, updated_at = now()
      FROM news
     WHERE orders.id = news.order_id AND news.is_news
), duplicated AS (
    SELECT id AS item_id, job_id, order_id, tracking_number,
           coalesce(order_number, (SELECT made.tracking_number FROM robot_job_items AS made
                                    WHERE made.id = made_before_id)) AS first_number
      FROM moved
     WHERE shipment = 'second' AND old_shipment <> 'second'
    UNION ALL
    SELECT id, job_id, order_id, other.number, tracking_number
      FROM moved
     CROSS JOIN LATERAL unnest(new_numbers) AS other (number)
"""
    + count_reported("moved")
    + """
, event AS (
    INSERT INTO outbox (workspace_id, detail_type, detail)
    SELECT %(workspace_id)s, 'automation/field.changed',
           json_object('workspaceId': %(workspace_id)s::uuid, 'entityType': 'order', 'entityId': order_id,
                       'fieldName': 'tracking_number', 'previousValue': coalesce(to_json(order_number), 'null'),
                       'newValue': new_number, 'contactId': contact_id, 'cascadeDepth': %(cascade_depth)s::int
                       ABSENT ON NULL)
      FROM news
     WHERE is_news AND %(emits_changes)s
    UNION ALL
    SELECT %(workspace_id)s, told.detail_type,
           json_object('workspaceId': %(workspace_id)s::uuid, 'orderId': news.order_id,
                       'orderName': news.name, 'trackingNumber': news.new_number, 'carrier': counted.carrier,
                       'contactId': news.contact_id, 'orderValue': news.total_value,
                       'shippingCity': news.shipping_city, 'shippingAddress': news.shipping_address,
                       'shippingDepartment': news.shipping_department, 'contactName': news.contact_name,
                       'contactPhone': news.contact_phone, 'cascadeDepth': %(cascade_depth)s::int
                       ABSENT ON NULL)
      FROM news
      JOIN counted ON counted.id = news.job_id
      JOIN unnest(%(told_carriers)b::text[], %(told_events)b::text[]) AS told (carrier, detail_type)
        ON told.carrier = counted.carrier
    UNION ALL
    SELECT %(workspace_id)s, 'robot/shipment.duplicated',
           json_object('workspaceId': %(workspace_id)s::uuid, 'orderId': order_id, 'jobId': job_id,
                       'itemId': item_id, 'trackingNumber': tracking_number, 'firstTrackingNumber': first_number
                       ABSENT ON NULL)
      FROM duplicated
), over AS (
    -- Waves of which the last open item was closed just now.
    SELECT wave.job_id
      FROM (SELECT job_id, dispatch, array_agg(id) AS item_ids
              FROM moved
             WHERE old_status IN ('pending', 'processing') AND dispatch IS NOT NULL
             GROUP BY job_id, dispatch) AS wave
     WHERE NOT EXISTS (SELECT FROM robot_job_items AS other
                        WHERE other.job_id = wave.job_id AND other.dispatch = wave.dispatch
                          AND other.status IN ('pending', 'processing') AND other.id <> ALL(wave.item_ids))
)
SELECT position, order_id, job_id, outcome,
       (SELECT bool_or(lifted IS NOT NULL AND shipment = 'none') FROM moved) AS frees_reshipments,
       (SELECT bool_or(errors_in_a_row > 0) FROM counted) AS may_break_row,
       (SELECT array_agg(job_id) FROM over) AS jobs_with_wave_over
  FROM judged
UNION ALL
SELECT position, order_id, job_id, NULL, NULL, NULL, NULL FROM reported WHERE NOT is_in_turn
"""
)

# A reshipment that ended with none gives the hold back to what was made last before it; a number of that one which came
# meanwhile is the order's, where the order has none.
RETURN_HOLDS = """
WITH last AS (
    SELECT DISTINCT ON (ended.order_id) made.id
      FROM robot_job_items AS ended
      JOIN robot_job_items AS made ON made.id = ANY(ended.lifted) AND made.shipment = 'made'
     WHERE ended.order_id = ANY(%(order_ids)b::uuid[]) AND ended.lifted IS NOT NULL
       AND ended.status = 'error' AND ended.shipment = 'none'
       AND (ended.workspace_id = ANY(%(workspace_ids)b::uuid[])) IS TRUE
       AND NOT EXISTS (SELECT FROM robot_job_items AS holder
                        WHERE holder.order_id = ended.order_id AND holder.holds)
     ORDER BY ended.order_id, made.completed_at DESC, made.id DESC
), returned AS (
    UPDATE robot_job_items AS item SET holds = true, updated_at = now()
      FROM last
     WHERE item.id = last.id
    RETURNING item.order_id, item.workspace_id, item.tracking_number
), numbered AS (
    UPDATE orders SET tracking_number = returned.tracking_number, updated_at = now()
      FROM returned
     WHERE orders.id = returned.order_id AND orders.tracking_number IS NULL AND NOT orders.number_by_hand
       AND returned.tracking_number IS NOT NULL
    RETURNING orders.id, orders.workspace_id, orders.tracking_number, orders.contact_id
)
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'automation/field.changed',
       json_object('workspaceId': workspace_id, 'entityType': 'order', 'entityId': id,
                   'fieldName': 'tracking_number', 'previousValue': 'null'::json, 'newValue': tracking_number,
                   'contactId': contact_id, 'cascadeDepth': 0 ABSENT ON NULL)
  FROM numbered
"""
