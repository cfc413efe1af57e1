"""The statements of what is due by itself. The workspace's line is held before, but where workspaces are looked for."""

from shared.domain.jobs.submitted_sql import EMIT_CALLED_BY_SYSTEM

# A passed deadline waits for reports that are not recorded yet, but not for ever.
_IS_OVERDUE = """
       status IN ('claimed', 'accepted', 'unknown') AND deadline_at <= now()
       AND (deadline_at <= now() - %(mail_wait_s)s * interval '1 second'
            OR NOT (%(has_mail)s OR workspace_id = ANY(%(with_mail)b::uuid[])))
"""

# A claim whose caller has died: nobody knows whether the robot has the orders.
_IS_LOST = "status = 'claimed' AND claimed_at < now() - %(claim_lost_s)s * interval '1 second'"

# A wave whose turn it is, and which should have been tried long ago: its message is lost.
_IS_ASLEEP = """
       status = 'waiting' AND called_at IS NOT NULL AND NOT %(are_off)s::boolean
       AND coalesce(next_attempt_at, called_at) < now() - %(wake_s)s * interval '1 second'
"""

# Workspaces where something is due: a deadline, a lost claim, a lost message, a turn that nobody was told of, or one
# that was told of before hand-overs were switched off. The next ones in the order of their ids. Lines of waves, which
# are a workspace's at one carrier, are found by jumping from one to the next in the index, however many waves wait in
# each; only where nobody is at the robot and nobody is called is it looked at what waits there.
SELECT_WORKSPACES = f"""
WITH RECURSIVE line (workspace_id, carrier) AS (
    (SELECT workspace_id, carrier FROM robot_job_dispatches
      WHERE status = 'waiting' AND workspace_id > %(after)s AND NOT %(are_off)s::boolean
      ORDER BY workspace_id, carrier
      LIMIT 1)
    UNION ALL
    SELECT next.workspace_id, next.carrier
      FROM line
     CROSS JOIN LATERAL (
         SELECT workspace_id, carrier FROM robot_job_dispatches
          WHERE status = 'waiting' AND (workspace_id, carrier) > (line.workspace_id, line.carrier)
          ORDER BY workspace_id, carrier
          LIMIT 1) AS next
)
SELECT workspace_id FROM robot_job_dispatches WHERE {_IS_OVERDUE} AND (workspace_id > %(after)s) IS TRUE
UNION
SELECT workspace_id FROM robot_job_dispatches WHERE {_IS_LOST} AND (workspace_id > %(after)s) IS TRUE
UNION
SELECT workspace_id FROM robot_job_dispatches WHERE {_IS_ASLEEP} AND (workspace_id > %(after)s) IS TRUE
UNION
SELECT workspace_id FROM robot_job_dispatches
 WHERE %(are_off)s::boolean AND status = 'waiting' AND called_at IS NOT NULL AND (workspace_id > %(after)s) IS TRUE
UNION
SELECT idle.workspace_id
  FROM (SELECT * FROM line
         WHERE NOT EXISTS (SELECT FROM robot_job_dispatches AS out
                            WHERE out.workspace_id = line.workspace_id AND out.carrier = line.carrier
                              AND out.status IN ('claimed', 'accepted'))
           AND NOT EXISTS (SELECT FROM robot_job_dispatches AS called
                            WHERE called.workspace_id = line.workspace_id AND called.carrier = line.carrier
                              AND called.status = 'waiting' AND called.called_at IS NOT NULL)
           AND NOT EXISTS (SELECT FROM carrier_configs AS config
                            WHERE config.workspace_id = line.workspace_id AND config.carrier = line.carrier
                              AND NOT config.is_enabled)
        OFFSET 0) AS idle
 WHERE EXISTS (SELECT FROM robot_job_dispatches AS wave
                 JOIN robot_jobs AS job ON job.id = wave.job_id AND (job.paused_at IS NULL) IS TRUE
                WHERE wave.workspace_id = idle.workspace_id AND wave.carrier = idle.carrier AND wave.status = 'waiting')
 ORDER BY workspace_id
 LIMIT %(batch)s
"""

SELECT_OVERDUE = f"""
SELECT job_id, dispatch FROM robot_job_dispatches WHERE workspace_id = %(workspace_id)s AND {_IS_OVERDUE}
"""

SELECT_LOST = f"""
SELECT job_id, dispatch FROM robot_job_dispatches WHERE workspace_id = %(workspace_id)s AND {_IS_LOST}
"""

CLOSE_DISPATCHES = """
UPDATE robot_job_dispatches AS dispatch
   SET status = 'closed', closed_at = now(), last_error = %(last_error)s, updated_at = now()
  FROM unnest(%(job_ids)b::uuid[], %(dispatches)b::int[]) AS due (job_id, dispatch)
 WHERE dispatch.job_id = due.job_id AND dispatch.dispatch = due.dispatch AND dispatch.status <> 'closed'
"""

NOTE_RESTARTED = """
UPDATE robot_job_dispatches AS dispatch
   SET restarted_at = now(), updated_at = now()
  FROM unnest(%(job_ids)b::uuid[], %(dispatches)b::int[]) AS due (job_id, dispatch)
 WHERE dispatch.job_id = due.job_id AND dispatch.dispatch = due.dispatch AND dispatch.restarted_at IS NULL
"""

NOTE_LOST = """
WITH noted AS (
    UPDATE robot_job_dispatches AS dispatch
       SET status = 'unknown', updated_at = now()
      FROM unnest(%(job_ids)b::uuid[], %(dispatches)b::int[]) AS lost (job_id, dispatch)
     WHERE dispatch.job_id = lost.job_id AND dispatch.dispatch = lost.dispatch
    RETURNING dispatch.job_id, dispatch.dispatch
), item AS (
    UPDATE robot_job_items AS item
       SET status = 'processing', started_at = coalesce(item.started_at, now()), updated_at = now()
      FROM noted
     WHERE item.job_id = noted.job_id AND item.dispatch = noted.dispatch AND (item.status = 'pending') IS TRUE
)
UPDATE robot_jobs
   SET status = 'processing', started_at = coalesce(started_at, now()), updated_at = now()
 WHERE id IN (SELECT job_id FROM noted) AND (status = 'pending') IS TRUE
"""

# It is called again.
WAKE = f"""
WITH called AS (
    UPDATE robot_job_dispatches
       SET next_attempt_at = now(), updated_at = now()
     WHERE workspace_id = %(workspace_id)s AND {_IS_ASLEEP}
    RETURNING job_id, dispatch, workspace_id, carrier, item_count
)
{EMIT_CALLED_BY_SYSTEM}
"""

# How many were called in this transaction.
COUNT_CALLED = """
SELECT count(*) FROM robot_job_dispatches
 WHERE workspace_id = %(workspace_id)s AND status = 'waiting' AND called_at = now()
"""
