"""The statements of hand-overs. The locks are taken before, in `lock`."""

from shared.domain.jobs.kind_sql import IS_UNSENT

#: How long a robot has for a hand-over: ten minutes, and a minute and a half for each item.
DEADLINE_SPAN = "(interval '10 minutes' + item_count * interval '90 seconds')"

# A wave, whether it was called for its turn, and whether a message of it waits for a later try.
SELECT = """
SELECT status, carrier, (SELECT kind FROM robot_jobs WHERE id = %(job_id)s) AS kind, attempts,
       extract(epoch FROM now() - claimed_at)::float8 AS seconds_since_claim,
       called_at IS NOT NULL AS is_called,
       coalesce(next_attempt_at > now() + interval '1 second', false) AS is_scheduled
  FROM robot_job_dispatches
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s
"""

# A row, if it is still its turn.
SELECT_CALLED = """
SELECT 1
  FROM robot_job_dispatches
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s
   AND status = 'waiting' AND called_at IS NOT NULL
"""

# Ours alone from now on. The deadline stands at once: if we die during the call, it is what ends the items.
CLAIM = f"""
UPDATE robot_job_dispatches
   SET status = 'claimed', claimed_at = now(), attempts = attempts + 1, next_attempt_at = NULL,
       item_count = sent.count, robot_url = %(robot_url)s,
       deadline_at = now() + {DEADLINE_SPAN.replace("item_count", "sent.count")}, updated_at = now()
  FROM (SELECT %(item_count)s::int AS count) AS sent
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s AND status = 'waiting'
"""

# From the claim on a shipment is possible. What is sent stands on the item, and in its history.
CLAIM_ITEMS = """
WITH sent AS (
    UPDATE robot_job_items AS item
       SET shipment = 'possible', holds = true, value_sent = target.value::jsonb, personal_data_removed_at = NULL,
           updated_at = now()
      FROM unnest(%(item_ids)b::uuid[], %(values)b::text[]) AS target (item_id, value)
     WHERE item.id = target.item_id AND (item.workspace_id = %(workspace_id)s) IS TRUE
    RETURNING item.id, item.job_id, item.dispatch, item.workspace_id, item.value_sent
)
INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id, value_sent)
SELECT id, dispatch, job_id, workspace_id, value_sent FROM sent
"""

# What a lookup asks with, which is the order's number now.
CLAIM_LOOKUPS = """
WITH sent AS (
    UPDATE robot_job_items AS item
       SET pedido_number = target.value::jsonb ->> 'pedidoNumber', updated_at = now()
      FROM unnest(%(item_ids)b::uuid[], %(values)b::text[]) AS target (item_id, value)
     WHERE item.id = target.item_id AND (item.workspace_id = %(workspace_id)s) IS TRUE
    RETURNING item.id, item.job_id, item.dispatch, item.workspace_id, target.value::jsonb AS value
)
INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id, value_sent)
SELECT id, dispatch, job_id, workspace_id, value FROM sent
"""

# What does not fit into the hand-over any more waits for the next wave.
PUT_BACK = """
UPDATE robot_job_items
   SET dispatch = NULL, updated_at = now()
 WHERE id = ANY(%(item_ids)b::uuid[]) AND (workspace_id = %(workspace_id)s) IS TRUE
"""

# Refused for now; since when for this reason, and since when at all, is what decides when to give up.
RELEASE = """
UPDATE robot_job_dispatches
   SET status = 'waiting', claimed_at = NULL, deadline_at = NULL, robot_url = NULL,
       refused_since = CASE WHEN refused_as = %(refused_as)s THEN refused_since ELSE now() END,
       refused_as = %(refused_as)s, first_refused_at = coalesce(first_refused_at, now()),
       next_attempt_at = now() + %(delay_s)s * interval '1 second',
       last_error = %(last_error)s, updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s AND status = 'claimed'
RETURNING extract(epoch FROM now() - refused_since)::float8, extract(epoch FROM now() - first_refused_at)::float8
"""

# The robot took nothing: no shipment is possible, and there was no attempt.
RELEASE_ITEMS = """
UPDATE robot_job_items
   SET shipment = CASE WHEN NOT is_lookup THEN 'none' END, pedido_number = NULL, updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s
   AND status = 'pending'
"""

# What was closed by silence while the robot was asked, and the robot has refused: nothing was made of it.
PROVE_NONE = """
UPDATE robot_job_items
   SET shipment = 'none', holds = false, updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s
   AND status = 'error' AND shipment = 'possible' AND closed_by IN ('person', 'deadline', 'restart')
RETURNING order_id, lifted IS NOT NULL
"""

# But for what the robot reported all the same, whatever it said of the hand-over: of that a shipment may exist.
FORGET_ATTEMPTS = f"""
DELETE FROM robot_job_item_attempts AS attempt
 USING robot_job_items AS item
 WHERE attempt.job_id = %(job_id)s AND attempt.dispatch = %(dispatch)s AND attempt.workspace_id = %(workspace_id)s
   AND item.id = attempt.item_id AND ({IS_UNSENT}) IS TRUE
"""

# The robot has it, or may have it. The deadline runs from acceptance, or where that is unknown from the claim.
BEGIN = f"""
UPDATE robot_job_dispatches
   SET status = %(status)s,
       accepted_at = CASE WHEN %(status)s = 'accepted' THEN now() END,
       deadline_at = CASE WHEN %(status)s = 'accepted' THEN now() + {DEADLINE_SPAN} ELSE deadline_at END,
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

# A robot that refused a lookup for good is asked for none by itself until its configuration changes.
NOTE_GUIDES_REFUSED = """
UPDATE carrier_configs AS config
   SET guides_refused_at = now()
  FROM robot_jobs AS job
 WHERE job.id = %(job_id)s AND job.workspace_id = %(workspace_id)s AND (job.kind = 'guide_lookup') IS TRUE
   AND config.workspace_id = job.workspace_id AND config.carrier = job.carrier
"""

# Over, whatever became of it.
CLOSE = """
UPDATE robot_job_dispatches
   SET status = 'closed', closed_at = now(), last_error = %(last_error)s, updated_at = now()
 WHERE job_id = %(job_id)s AND dispatch = %(dispatch)s AND workspace_id = %(workspace_id)s AND status <> 'closed'
"""
