"""The statements of hand-overs. Lock order: the job's dispatches, its items by id, the job."""

# A dispatch with what its hand-over needs, and whether no older one of the workspace waits for the same robot.
# A configuration that is not enabled counts as none.
SELECT = """
SELECT dispatch.status, dispatch.workspace_id, dispatch.carrier, dispatch.attempts,
       extract(epoch FROM now() - dispatch.claimed_at)::float8 AS seconds_since_claim,
       extract(epoch FROM now() - dispatch.created_at)::float8 AS seconds_since_created,
       coalesce(dispatch.next_attempt_at > now() + interval '1 second', false) AS is_scheduled,
       NOT EXISTS (SELECT FROM robot_job_dispatches AS older
                    WHERE older.workspace_id = dispatch.workspace_id AND older.carrier = dispatch.carrier
                      AND older.status = 'waiting'
                      AND (older.created_at, older.job_id) < (dispatch.created_at, dispatch.job_id)) AS is_next,
       config.robot_url, config.portal_username AS username, config.portal_password_sealed AS password_sealed
  FROM robot_job_dispatches AS dispatch
  LEFT JOIN carrier_configs AS config
         ON config.workspace_id = dispatch.workspace_id AND config.carrier = dispatch.carrier AND config.is_enabled
 WHERE dispatch.job_id = %(job_id)s AND dispatch.dispatch = %(dispatch)s AND dispatch.workspace_id = %(workspace_id)s
"""

# What is still to be sent: open items of this dispatch.
SELECT_ITEMS = """
SELECT id AS item_id, order_id, coalesce(value_sent, '{}') AS pedido_input
  FROM robot_job_items
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s
   AND (status IN ('pending', 'processing')) IS TRUE
 ORDER BY id
"""

# Ours alone from now on. The deadline stands at once: if we die during the call, it is what ends the items.
CLAIM = """
UPDATE robot_job_dispatches
   SET status = 'claimed', claimed_at = now(), attempts = attempts + 1, next_attempt_at = NULL,
       deadline_at = now() + interval '10 minutes' + item_count * interval '60 seconds', updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s AND status = 'waiting'
"""

# Not its turn yet.
POSTPONE = """
UPDATE robot_job_dispatches
   SET next_attempt_at = now() + %(delay_s)s * interval '1 second', updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s AND status = 'waiting'
"""

# Refused for now; since when for this reason, and since when at all, is what decides when to give up.
RELEASE = """
UPDATE robot_job_dispatches
   SET status = 'waiting', claimed_at = NULL, deadline_at = NULL,
       refused_since = CASE WHEN refused_as = %(refused_as)s THEN refused_since ELSE now() END,
       refused_as = %(refused_as)s, first_refused_at = coalesce(first_refused_at, now()),
       next_attempt_at = now() + %(delay_s)s * interval '1 second',
       last_error = %(last_error)s, updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s AND status = 'claimed'
RETURNING extract(epoch FROM now() - refused_since)::float8, extract(epoch FROM now() - first_refused_at)::float8
"""

# The robot has it, or may have it. The deadline: 10 minutes and one for each item, from acceptance or the claim.
BEGIN = """
UPDATE robot_job_dispatches
   SET status = %(status)s,
       accepted_at = CASE WHEN %(status)s = 'accepted' THEN now() END,
       deadline_at = CASE WHEN %(status)s = 'accepted'
           THEN now() + interval '10 minutes' + item_count * interval '60 seconds' ELSE deadline_at END,
       updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s AND status = 'claimed'
"""

BEGIN_ITEMS = """
UPDATE robot_job_items
   SET status = 'processing', started_at = coalesce(started_at, now()), updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s
   AND (status = 'pending') IS TRUE
"""

BEGIN_JOB = """
UPDATE robot_jobs
   SET status = 'processing', started_at = coalesce(started_at, now()), updated_at = now()
 WHERE id = %(job_id)s AND workspace_id = %(workspace_id)s AND (status = 'pending') IS TRUE
"""

# Over, whatever became of it.
CLOSE = """
UPDATE robot_job_dispatches
   SET status = 'closed', closed_at = now(), last_error = %(last_error)s, updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s AND status <> 'closed'
"""
