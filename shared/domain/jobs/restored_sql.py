"""The statements of what is done after a database was restored. The locks are taken before, in `lock`."""

#: So many numbers a job's next wave leaves out: more than a job had waves in what was forgotten.
PASSED_OVER = 1_000

# Of every job: whatever number was given to a wave and forgotten, the next one has another.
PASS_OVER = f"""
WITH job AS (
    SELECT id
      FROM robot_jobs
     WHERE workspace_id = %(workspace_id)s
     ORDER BY id
       FOR NO KEY UPDATE
), passed AS (
    UPDATE robot_jobs
       SET numbers_passed_over = numbers_passed_over + {PASSED_OVER}
      FROM job
     WHERE robot_jobs.id = job.id
    RETURNING robot_jobs.id
)
SELECT count(*) FROM passed
"""

# What stands for the waves of a job that were forgotten: the last of the numbers that it passes over.
_PASSED = f"""
), passed AS (
    UPDATE robot_jobs
       SET numbers_passed_over = greatest(numbers_passed_over, {PASSED_OVER})
      FROM job
     WHERE robot_jobs.id = job.id
    RETURNING robot_jobs.id, robot_jobs.workspace_id, robot_jobs.carrier,
              robot_jobs.dispatch + robot_jobs.numbers_passed_over AS number
"""

# Items of which nobody knows any more whether they were sent are in that, each with an attempt.
_AND_ATTEMPTS = """
    RETURNING item.id, item.job_id, item.workspace_id, item.dispatch, passed.carrier,
              item.dispatch = passed.number AS is_forgotten
), wave AS (
    INSERT INTO robot_job_dispatches
           (job_id, dispatch, workspace_id, carrier, status, item_count, closed_at, restored_to)
    SELECT job_id, dispatch, workspace_id, carrier, 'closed', count(*), now(), %(restored_to)s
      FROM unsettled
     WHERE is_forgotten
     GROUP BY job_id, dispatch, workspace_id, carrier
        ON CONFLICT (job_id, dispatch)
        DO UPDATE SET item_count = robot_job_dispatches.item_count + excluded.item_count
)
INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id)
SELECT id, dispatch, job_id, workspace_id FROM unsettled WHERE is_forgotten
"""

# The open items of a job may have been shipped, but for lookups, which just end. Those that a robot had stay in its
# wave: it may come to them still.
UNSETTLE_OPEN = (
    """
WITH job AS (
    SELECT id FROM robot_jobs WHERE id = %(job_id)s AND (workspace_id = %(workspace_id)s) IS TRUE
"""
    + _PASSED
    + """
), unsettled AS (
    UPDATE robot_job_items AS item
       SET dispatch = CASE WHEN item.is_lookup OR item.shipment = 'possible' THEN item.dispatch ELSE passed.number END,
           shipment = CASE WHEN NOT item.is_lookup THEN 'possible' END,
           restored_to = %(restored_to)s, updated_at = now()
      FROM passed
     WHERE item.job_id = passed.id AND item.status IN ('pending', 'processing')
"""
    + _AND_ATTEMPTS
)

# Nothing of the job is open any more: its waves are over, also one whose call was under way.
CLOSE_WAVES = """
UPDATE robot_job_dispatches
   SET status = 'closed', closed_at = now(), last_error = %(words)s, updated_at = now()
 WHERE job_id = %(job_id)s AND (workspace_id = %(workspace_id)s) IS TRUE AND status <> 'closed'
"""

# The next orders of a workspace, by id.
SELECT_NEXT = """
SELECT id
  FROM orders
 WHERE workspace_id = %(workspace_id)s AND id > %(after)s
 ORDER BY id
 LIMIT %(limit)s
"""

# What is to be done about each order. One that has an item of this restoration, or an open one, is done with or not
# ours. An unsettled one stays so. Else a failed item that a retry could send becomes unsettled, the last of them; where
# there is none, an order that was not made gets an item. What was made, and was not to be made again, is known.
SELECT_FATES = """
SELECT orders.id, failed.id AS failed_id,
       EXISTS (SELECT FROM robot_job_items AS item
                WHERE item.order_id = orders.id
                  AND NOT item.is_lookup
                  AND (item.restored_to >= %(restored_to)s OR item.status IN ('pending', 'processing'))) AS is_done,
       EXISTS (SELECT FROM robot_job_items AS item
                WHERE item.order_id = orders.id AND item.status = 'error' AND item.shipment = 'possible')
           AS is_unsettled,
       EXISTS (SELECT FROM robot_job_items AS item
                WHERE item.order_id = orders.id AND item.shipment = 'made') AS is_made
  FROM orders
  LEFT JOIN LATERAL (
      SELECT item.id
        FROM robot_job_items AS item
       WHERE item.order_id = orders.id AND item.status = 'error' AND item.shipment = 'none'
         AND NOT EXISTS (SELECT FROM robot_job_items AS made
                          WHERE made.order_id = item.order_id AND made.shipment = 'made'
                            AND made.id <> ALL (coalesce(item.lifted, '{}')))
       ORDER BY item.id DESC
       LIMIT 1) AS failed ON true
 WHERE orders.id = ANY(%(order_ids)b::uuid[]) AND (orders.workspace_id = %(workspace_id)s) IS TRUE
 ORDER BY orders.id
"""

# Unsettled already: what a robot says of the hand-over that is known proves nothing of those that are not.
KEEP_UNSETTLED = """
UPDATE robot_job_items
   SET closed_by = 'system', restored_to = %(restored_to)s, updated_at = now()
 WHERE order_id = ANY(%(order_ids)b::uuid[]) AND (workspace_id = %(workspace_id)s) IS TRUE
   AND status = 'error' AND shipment = 'possible'
"""

# Failed, and it may have been retried since.
UNSETTLE_FAILED = (
    """
WITH job AS (
    SELECT id
      FROM robot_jobs
     WHERE id IN (SELECT job_id FROM robot_job_items WHERE id = ANY(%(item_ids)b::uuid[]))
       AND (workspace_id = %(workspace_id)s) IS TRUE
     ORDER BY id
       FOR NO KEY UPDATE
"""
    + _PASSED
    + """
), unsettled AS (
    UPDATE robot_job_items AS item
       SET dispatch = passed.number, shipment = 'possible', holds = true, error_type = 'unknown',
           error_message = %(words)s, closed_by = 'system', restored_to = %(restored_to)s, updated_at = now()
      FROM passed
     WHERE item.job_id = passed.id AND item.id = ANY(%(item_ids)b::uuid[])
       AND item.status = 'error' AND item.shipment = 'none'
"""
    + _AND_ATTEMPTS
)

# A job of orders that had none, or have forgotten it; its one wave stands for whatever was handed over.
INSERT_JOB = """
INSERT INTO robot_jobs (id, workspace_id, carrier, total_items)
VALUES (%(job_id)s, %(workspace_id)s, %(carrier)s, %(item_count)s)
"""

INSERT_ITEMS = """
WITH wave AS (
    INSERT INTO robot_job_dispatches
           (job_id, dispatch, workspace_id, carrier, status, item_count, closed_at, restored_to)
    VALUES (%(job_id)s, 1, %(workspace_id)s, %(carrier)s, 'closed', %(item_count)s, now(), %(restored_to)s)
), item AS (
    INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, dispatch, shipment, restored_to)
    SELECT new.id, %(workspace_id)s, %(job_id)s, new.order_id, 1, 'possible', %(restored_to)s
      FROM unnest(%(item_ids)b::uuid[], %(order_ids)b::uuid[]) AS new (id, order_id)
    RETURNING id, dispatch, job_id, workspace_id
)
INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id)
SELECT id, dispatch, job_id, workspace_id FROM item
"""

# Workspaces that have orders, one after the other by the index.
SELECT_WORKSPACES = """
WITH RECURSIVE workspace (id) AS (
    (SELECT workspace_id FROM orders ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT orders.workspace_id FROM orders
             WHERE orders.workspace_id > workspace.id
             ORDER BY orders.workspace_id
             LIMIT 1)
      FROM workspace
     WHERE workspace.id IS NOT NULL
)
SELECT id FROM workspace WHERE id IS NOT NULL
"""
