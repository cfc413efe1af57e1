"""The statements of the line: waves are closed, the next ones are cut, and the one whose turn it is is called."""

from shared.domain.jobs.submitted_sql import EMIT_CALLED, EMIT_CALLED_BY_SYSTEM, ITEM_BYTES, MAX_WAVE_BYTES

# A wave is over when none of its items is open, but for one whose call is under way: what comes of that is noted yet.
# Its job's next wave is made of what is in line: of those never sent first, then of those that a retry put back, as
# many as a robot is given at once, or as fit. The first always goes: alone it was small enough.
MAKE_WAVES = f"""
WITH closed AS (
    UPDATE robot_job_dispatches AS dispatch
       SET status = 'closed', closed_at = now(), updated_at = now()
     WHERE dispatch.workspace_id = %(workspace_id)s AND dispatch.job_id = ANY(%(job_ids)b::uuid[])
       AND dispatch.status IN ('waiting', 'accepted', 'unknown')
       AND NOT EXISTS (SELECT FROM robot_job_items AS item
                        WHERE item.job_id = dispatch.job_id AND item.dispatch = dispatch.dispatch
                          AND item.status IN ('pending', 'processing'))
    RETURNING dispatch.job_id, dispatch.dispatch
), job AS (
    SELECT job.id, job.workspace_id, job.carrier, job.dispatch + 1 AS dispatch, job.wave_size
      FROM robot_jobs AS job
     WHERE job.id = ANY(%(job_ids)b::uuid[]) AND (job.workspace_id = %(workspace_id)s) IS TRUE
       AND NOT EXISTS (SELECT FROM robot_job_dispatches AS dispatch
                        WHERE dispatch.job_id = job.id AND dispatch.status <> 'closed'
                          AND (dispatch.job_id, dispatch.dispatch) NOT IN (SELECT job_id, dispatch FROM closed))
), in_line AS (
    SELECT job.id AS job_id, job.dispatch, item.id,
           row_number() OVER line AS place, sum(item.bytes) OVER line AS bytes
      FROM job
     CROSS JOIN LATERAL (
         SELECT item.id, item.last_retry_at, {ITEM_BYTES} AS bytes
           FROM robot_job_items AS item
          WHERE item.job_id = job.id AND item.dispatch IS NULL AND item.status = 'pending'
          ORDER BY item.last_retry_at NULLS FIRST, item.id
          LIMIT job.wave_size) AS item
    WINDOW line AS (PARTITION BY job.id ORDER BY item.last_retry_at NULLS FIRST, item.id)
), in_wave AS (
    UPDATE robot_job_items AS item
       SET dispatch = in_line.dispatch, updated_at = now()
      FROM in_line
     WHERE item.id = in_line.id AND (in_line.place = 1 OR in_line.bytes <= {MAX_WAVE_BYTES})
    RETURNING item.job_id
), wave AS (
    SELECT job_id, count(*) AS items FROM in_wave GROUP BY job_id
), made AS (
    INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
    SELECT job.id, job.dispatch, job.workspace_id, job.carrier, wave.items
      FROM wave
      JOIN job ON job.id = wave.job_id
)
UPDATE robot_jobs AS job
   SET dispatch = job.dispatch + 1, updated_at = now()
  FROM wave
 WHERE job.id = wave.job_id
"""

# Whose turn it is, of each carrier of the workspace: none where a wave is with the robot, a call of the workspace is
# under way, or all are held; else, of the waves whose job is not paused, one of shipments before one of lookups, of an
# urgent job, or of the oldest. Job ids are made in the order of time.
_TURN = """
WITH turn AS (
    SELECT DISTINCT ON (dispatch.carrier) dispatch.job_id, dispatch.dispatch
      FROM robot_job_dispatches AS dispatch
      JOIN robot_jobs AS job ON job.id = dispatch.job_id AND (job.paused_at IS NULL) IS TRUE
     WHERE dispatch.workspace_id = %(workspace_id)s AND dispatch.status = 'waiting'
       AND NOT EXISTS (SELECT FROM robot_job_dispatches AS out
                        WHERE out.workspace_id = dispatch.workspace_id
                          AND (out.status = 'claimed'
                               OR (out.status = 'accepted' AND out.carrier = dispatch.carrier)))
       AND NOT EXISTS (SELECT FROM carrier_configs AS config
                        WHERE config.workspace_id = dispatch.workspace_id AND config.carrier = dispatch.carrier
                          AND NOT config.is_enabled)
     ORDER BY dispatch.carrier, (job.kind = 'shipment') DESC, (job.priority = 'urgent') DESC, dispatch.job_id
"""

# The wave whose turn it is is called, unless it was for this turn; those whose turn it is no more are parked. The time
# that a wave was parked moves its refusals, by which it is given up, as if they had come later.
_CALL = (
    _TURN
    + """
), parked AS (
    UPDATE robot_job_dispatches AS dispatch
       SET called_at = NULL, parked_at = now(), updated_at = now()
     WHERE dispatch.workspace_id = %(workspace_id)s AND dispatch.status = 'waiting' AND dispatch.called_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM turn
                        WHERE turn.job_id = dispatch.job_id AND turn.dispatch = dispatch.dispatch)
), called AS (
    UPDATE robot_job_dispatches AS dispatch
       SET called_at = now(), next_attempt_at = NULL, parked_at = NULL,
           refused_since = dispatch.refused_since + (now() - coalesce(dispatch.parked_at, now())),
           first_refused_at = dispatch.first_refused_at + (now() - coalesce(dispatch.parked_at, now())),
           updated_at = now()
      FROM turn
     WHERE dispatch.job_id = turn.job_id AND dispatch.dispatch = turn.dispatch AND dispatch.called_at IS NULL
    RETURNING dispatch.job_id, dispatch.dispatch, dispatch.workspace_id, dispatch.carrier, dispatch.item_count
)
"""
)

CALL = _CALL + EMIT_CALLED

# The first wave of a submission or a retry is told at once, whether or not it is its turn.
_CALL_NEW = """
WITH called AS (
    UPDATE robot_job_dispatches
       SET called_at = now(), updated_at = now()
     WHERE job_id = %(job_id)s AND (workspace_id = %(workspace_id)s) IS TRUE AND status = 'waiting'
       AND created_at = now() AND called_at IS NULL AND parked_at IS NULL
    RETURNING job_id, dispatch, workspace_id, carrier, item_count
)
"""

CALL_NEW = _CALL_NEW + EMIT_CALLED

CALL_BY_SYSTEM = _CALL + EMIT_CALLED_BY_SYSTEM
CALL_NEW_BY_SYSTEM = _CALL_NEW + EMIT_CALLED_BY_SYSTEM
