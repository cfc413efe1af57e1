"""Close open items as errors, for every caller that ends them without a report."""

# The open items of these dispatches (a null dispatch: every open item of the job), in the order that all lock them in.
LOCK_OPEN_ITEMS = """
SELECT count(*)
  FROM (SELECT FROM robot_job_items AS item
         WHERE (item.workspace_id = ANY(%(workspace_ids)b::uuid[])) IS TRUE
           AND (item.status IN ('pending', 'processing')) IS TRUE
           AND EXISTS (SELECT FROM unnest(%(job_ids)b::uuid[], %(dispatches)b::int[]) AS target (job_id, dispatch)
                        WHERE target.job_id = item.job_id
                          AND coalesce(target.dispatch, item.dispatch) = item.dispatch)
           AND item.job_id = ANY(%(job_ids)b::uuid[])
         ORDER BY item.id
           FOR NO KEY UPDATE) AS locked
"""

# Close them, count them, and end the jobs that have no open item left: as `ended_status` where the caller asks for
# one, else completed if anything succeeded.
CLOSE_OPEN_ITEMS = """
WITH closed AS (
    UPDATE robot_job_items AS item
       SET status = 'error', error_type = %(error_type)s, error_message = %(error_message)s,
           completed_at = now(), updated_at = now()
      FROM unnest(%(job_ids)b::uuid[], %(dispatches)b::int[]) AS target (job_id, dispatch)
     WHERE item.job_id = target.job_id AND coalesce(target.dispatch, item.dispatch) = item.dispatch
       AND (item.status IN ('pending', 'processing')) IS TRUE
       AND (item.workspace_id = ANY(%(workspace_ids)b::uuid[])) IS TRUE
    RETURNING item.job_id
), difference AS (
    SELECT job_id, count(*) AS errors FROM closed GROUP BY job_id
), counted AS (
    SELECT job.id, difference.errors
      FROM robot_jobs AS job
      JOIN difference ON difference.job_id = job.id
     ORDER BY job.id
       FOR NO KEY UPDATE OF job
), job AS (
    UPDATE robot_jobs AS job
       SET error_count = job.error_count + counted.errors,
           status = CASE
               WHEN job.success_count + job.error_count + counted.errors < job.total_items THEN job.status
               ELSE coalesce(%(ended_status)s::text,
                             CASE WHEN job.success_count > 0 THEN 'completed' ELSE 'failed' END)
           END,
           completed_at = CASE
               WHEN job.success_count + job.error_count + counted.errors < job.total_items THEN NULL
               ELSE now()
           END,
           updated_at = now()
      FROM counted
     WHERE job.id = counted.id
    RETURNING job.id, job.workspace_id, job.status, job.dispatch, job.success_count, job.error_count, job.total_items
), event AS (
    INSERT INTO outbox (workspace_id, detail_type, detail)
    SELECT job.workspace_id, 'robot/job.completed',
           jsonb_build_object('jobId', job.id, 'workspaceId', job.workspace_id, 'status', job.status,
                              'dispatch', job.dispatch, 'successCount', job.success_count,
                              'errorCount', job.error_count)
      FROM job
     WHERE job.success_count + job.error_count = job.total_items
)
SELECT count(*) FROM closed
"""
