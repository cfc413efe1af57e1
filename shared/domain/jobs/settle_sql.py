"""The statements of settling. The locks are taken before, in `lock`."""

from shared.domain.jobs.wave_sql import DEADLINE_SPAN

SELECT_JOB = """
SELECT 1 FROM robot_jobs WHERE id = %(job_id)s AND workspace_id = %(workspace_id)s
"""

# The items named, and from when on the robot can't come to them any more. A hand-over is over when all of it was
# reported, when its robot has restarted since or taken a later one of the workspace (it works on one at a time), or
# when twice its time has passed.
SELECT_ITEMS = f"""
SELECT item.id, item.order_id, item.status, item.shipment, item.tracking_number, item.voided_at,
       item.other_numbers <> '{{}}' AS has_other_numbers, item.voided_numbers <> '{{}}' AS has_voided_numbers,
       EXISTS (SELECT FROM robot_job_items AS beside
                WHERE beside.order_id = item.order_id AND beside.id <> item.id AND item.shipment = 'made' AND item.holds
                  AND beside.shipment = 'second' AND beside.voided_at IS NULL) AS has_standing_second,
       CASE WHEN NOT is_over.by_reports AND NOT is_over.by_a_later_one AND dispatch.restarted_at IS NULL
                 AND hand_over.ends_at > now()
           THEN hand_over.ends_at END AS over_at
  FROM robot_job_items AS item
  LEFT JOIN robot_job_dispatches AS dispatch
         ON dispatch.job_id = item.job_id AND dispatch.dispatch = item.dispatch
 CROSS JOIN LATERAL (
     SELECT coalesce(dispatch.accepted_at, dispatch.claimed_at) + 2 * {DEADLINE_SPAN} AS ends_at) AS hand_over
 CROSS JOIN LATERAL (
     SELECT NOT EXISTS (SELECT FROM robot_job_item_attempts AS attempt
                         WHERE attempt.job_id = item.job_id AND attempt.dispatch = item.dispatch
                           AND NOT EXISTS (SELECT FROM robot_job_item_reports AS report
                                            WHERE report.item_id = attempt.item_id
                                              AND report.dispatch = attempt.dispatch
                                              AND report.source = 'robot')) AS by_reports,
            EXISTS (SELECT FROM robot_job_dispatches AS later
                     WHERE later.workspace_id = dispatch.workspace_id AND later.robot_url = dispatch.robot_url
                       AND later.accepted_at > dispatch.claimed_at
                       AND (later.job_id, later.dispatch) <> (dispatch.job_id, dispatch.dispatch)) AS by_a_later_one
 ) AS is_over
 WHERE item.id = ANY(%(item_ids)b::uuid[]) AND item.job_id = %(job_id)s
   AND (item.workspace_id = %(workspace_id)s) IS TRUE
"""

#: How the report of a person begins who found no shipment; their note follows.
NOT_SHIPPED = "not shipped"

# Nothing was made: the order is free again, and the item can be retried.
SETTLE_NOT_SHIPPED = f"""
WITH settled AS (
    UPDATE robot_job_items AS item
       SET shipment = 'none', holds = false, updated_at = now()
     WHERE item.id = ANY(%(item_ids)b::uuid[]) AND (item.workspace_id = %(workspace_id)s) IS TRUE
       AND item.status = 'error' AND item.shipment = 'possible'
    RETURNING item.id, item.workspace_id, item.dispatch, item.error_type
)
INSERT INTO robot_job_item_reports
       (workspace_id, item_id, dispatch, status, error_type, error_message, outcome, source)
SELECT workspace_id, id, dispatch, 'error', error_type, concat_ws(': ', '{NOT_SHIPPED}', %(note)s::text), 'recorded',
       'person'
  FROM settled
"""

# A second that was cancelled at the carrier; or numbers beside the item's own that were.
VOID = """
UPDATE robot_job_items
   SET voided_at = CASE WHEN shipment = 'second' THEN now() ELSE voided_at END,
       voided_numbers = voided_numbers || other_numbers, other_numbers = '{}', updated_at = now()
 WHERE id = ANY(%(item_ids)b::uuid[]) AND (workspace_id = %(workspace_id)s) IS TRUE
   AND (shipment = 'second' OR other_numbers <> '{}')
"""

# The shipment that was made first was cancelled, and a second one stands: the two change places, in two statements,
# since an order has one holder at any moment.
LET_GO = """
UPDATE robot_job_items AS item
   SET shipment = 'second', holds = false, voided_at = now(), updated_at = now()
 WHERE item.id = ANY(%(item_ids)b::uuid[]) AND (item.workspace_id = %(workspace_id)s) IS TRUE
   AND item.shipment = 'made' AND item.holds
   AND EXISTS (SELECT FROM robot_job_items AS beside
                WHERE beside.order_id = item.order_id AND beside.shipment = 'second' AND beside.voided_at IS NULL)
"""

PROMOTE_SECONDS = """
UPDATE robot_job_items AS item
   SET shipment = 'made', holds = true, updated_at = now()
  FROM (SELECT DISTINCT ON (beside.order_id) beside.id
          FROM robot_job_items AS voided
          JOIN robot_job_items AS beside
            ON beside.order_id = voided.order_id AND beside.shipment = 'second' AND beside.voided_at IS NULL
         WHERE voided.id = ANY(%(item_ids)b::uuid[]) AND (voided.workspace_id = %(workspace_id)s) IS TRUE
           AND NOT EXISTS (SELECT FROM robot_job_items AS holder
                            WHERE holder.order_id = voided.order_id AND holder.holds)
         ORDER BY beside.order_id, beside.completed_at, beside.id) AS next
 WHERE item.id = next.id
"""

# The order's number is that of the shipment that stands.
RENUMBER = """
WITH standing AS (
    SELECT orders.id, orders.tracking_number AS old_number, orders.contact_id, item.tracking_number AS new_number
      FROM robot_job_items AS voided
      JOIN robot_job_items AS item ON item.order_id = voided.order_id AND item.holds AND item.shipment = 'made'
      JOIN orders ON orders.id = item.order_id
                 AND orders.tracking_number IS NOT DISTINCT FROM voided.tracking_number
     WHERE voided.id = ANY(%(item_ids)b::uuid[]) AND (voided.workspace_id = %(workspace_id)s) IS TRUE
       AND voided.voided_at IS NOT NULL AND item.tracking_number IS DISTINCT FROM orders.tracking_number
), renumbered AS (
    UPDATE orders
       SET tracking_number = standing.new_number, number_by_hand = false, updated_at = now()
      FROM standing
     WHERE orders.id = standing.id
)
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT %(workspace_id)s, 'automation/field.changed',
       json_object('workspaceId': %(workspace_id)s::uuid, 'entityType': 'order', 'entityId': id,
                   'fieldName': 'tracking_number', 'previousValue': coalesce(to_json(old_number), 'null'),
                   'newValue': coalesce(to_json(new_number), 'null'),
                   'contactId': contact_id, 'cascadeDepth': %(cascade_depth)s::int ABSENT ON NULL)
  FROM standing
"""
