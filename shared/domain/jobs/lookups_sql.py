"""The statements that make jobs which look up guides. The workspace's line is held before."""

#: Of an order the moment of its shipment by the carrier, in so many days: by a robot, or by hand, where nobody knows
#: more than when the order was written last. Null: it was not shipped then, or not by the carrier.
_MADE = """
      LEFT JOIN LATERAL (
          SELECT coalesce(min(item.completed_at),
                          CASE WHEN orders.number_by_hand AND coalesce(lower(orders.carrier), {carrier}) = {carrier}
                               THEN orders.updated_at END) AS at
            FROM robot_job_items AS item
            JOIN robot_jobs AS job ON job.id = item.job_id AND (job.carrier = {carrier}) IS TRUE
           WHERE item.order_id = orders.id AND item.shipment = 'made'
             AND item.completed_at > now() - %(days)s * interval '1 day') AS made ON true
     WHERE orders.workspace_id = {workspace_id} AND orders.tracking_number IS NOT NULL
       AND orders.carrier_guide_number IS NULL AND orders.updated_at > now() - %(days)s * interval '1 day'
"""

#: Of the orders of a workspace, those shipped in some days that have a number and no guide, each with when that was.
#: None that a lookup is open for. A number is written with `updated_at`, so that nothing older has to be looked at.
_WITHOUT_GUIDE = (
    """
WITH lacking AS (
    SELECT orders.id, made.at
      FROM orders
"""
    + _MADE.format(carrier="%(carrier)s", workspace_id="%(workspace_id)s")
    + """
       AND made.at IS NOT NULL
       AND NOT EXISTS (SELECT FROM robot_job_items AS asked
                        WHERE asked.order_id = orders.id AND asked.is_lookup
                          AND asked.status IN ('pending', 'processing'))
)
"""
)

# The oldest shipments first.
SELECT_WITHOUT_GUIDE = (
    _WITHOUT_GUIDE
    + """
SELECT id FROM lacking ORDER BY at, id LIMIT %(at_most)s
"""
)

# Those asked for longest ago first, so that all have their turn.
SELECT_DUE_ORDERS = (
    _WITHOUT_GUIDE
    + """
SELECT lacking.id
  FROM lacking
  LEFT JOIN LATERAL (SELECT max(asked.completed_at) AS at
                       FROM robot_job_items AS asked
                      WHERE asked.order_id = lacking.id AND asked.is_lookup) AS last ON true
 ORDER BY last.at NULLS FIRST, lacking.at, lacking.id
 LIMIT %(at_most)s
"""
)

# The orders named, each with its number, and the job of the lookup that is open for it.
SELECT_NAMED = """
SELECT orders.id, orders.tracking_number, open.job_id
  FROM unnest(%(order_ids)b::uuid[]) WITH ORDINALITY AS asked (id, position)
  JOIN orders ON orders.id = asked.id AND (orders.workspace_id = %(workspace_id)s) IS TRUE
  LEFT JOIN robot_job_items AS open
         ON open.order_id = orders.id AND open.is_lookup AND open.status IN ('pending', 'processing')
 ORDER BY asked.position
"""

INSERT_JOB = """
INSERT INTO robot_jobs (id, workspace_id, kind, is_automatic, carrier, total_items, idempotency_key, wave_size)
VALUES (%(job_id)s, %(workspace_id)s, 'guide_lookup', %(is_automatic)s, %(carrier)s, %(item_count)s, %(key)s,
        coalesce((SELECT wave_size FROM carrier_configs
                   WHERE workspace_id = %(workspace_id)s AND carrier = %(carrier)s),
                 %(usual_wave_size)s))
"""

# One item an order; the first ones are in the first wave.
INSERT_ITEMS = """
INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, dispatch, is_lookup, shipment, holds)
SELECT item.id, %(workspace_id)s, job.id, item.order_id, CASE WHEN item.position <= job.wave_size THEN 1 END, true,
       NULL, false
  FROM robot_jobs AS job
 CROSS JOIN unnest(%(item_ids)b::uuid[], %(order_ids)b::uuid[]) WITH ORDINALITY AS item (id, order_id, position)
 WHERE job.id = %(job_id)s
 ORDER BY item.order_id
"""

INSERT_WAVE = """
INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
SELECT id, dispatch, workspace_id, carrier, least(total_items, wave_size) FROM robot_jobs WHERE id = %(job_id)s
"""

# Workspaces and carriers for which the schedule looks up guides now: an order lacks one that was shipped not too many
# days ago, and before the first lookup so many hours ago, as the configuration says; no lookup of the schedule was made
# in those hours, none is open at all, and the robot makes no shipments nor is about to.
_DUE = (
    """
SELECT config.workspace_id, config.carrier
  FROM carrier_configs AS config
 CROSS JOIN LATERAL (
     SELECT max(job.created_at) FILTER (WHERE job.is_automatic) AS made_at,
            bool_or(job.status IN ('pending', 'processing')) AS is_open
       FROM robot_jobs AS job
      WHERE job.workspace_id = config.workspace_id AND job.carrier = config.carrier AND job.kind = 'guide_lookup'
        AND job.created_at > now() - interval '30 days') AS lookup
 WHERE config.guide_lookup_hours > 0 AND config.is_enabled AND config.guides_refused_at IS NULL
   AND config.carrier = ANY(%(carriers)b::text[])
   AND lookup.is_open IS NOT TRUE
   AND coalesce(lookup.made_at <= now() - config.guide_lookup_hours * interval '1 hour', true)
   AND NOT EXISTS (SELECT FROM robot_job_dispatches AS wave
                     JOIN robot_jobs AS job ON job.id = wave.job_id AND (job.kind = 'shipment') IS TRUE
                    WHERE wave.workspace_id = config.workspace_id AND wave.carrier = config.carrier
                      AND wave.status <> 'closed'
                      AND (wave.status <> 'waiting' OR wave.called_at IS NOT NULL))
   AND EXISTS (
    SELECT
      FROM orders
"""
    + _MADE.format(carrier="config.carrier", workspace_id="config.workspace_id")
    + """
       AND made.at <= CASE WHEN lookup.made_at IS NULL THEN now() - config.guide_lookup_hours * interval '1 hour'
                           ELSE now() END)
"""
)

SELECT_DUE = _DUE + " ORDER BY lookup.made_at NULLS FIRST, config.workspace_id LIMIT %(batch)s"
SELECT_STILL_DUE = _DUE + " AND config.workspace_id = %(workspace_id)s AND config.carrier = %(carrier)s"
