"""How a job's counters move, when it ends, and the event that says so: the same for reports and for closings."""

# What follows a `difference` (job_id, successes, errors, closed): what the statement really changed of each job.
# Counters move by it. A job has ended when every item is closed: as %(ended_status)s where a person asked for one, else
# completed if anything succeeded; a late success makes a failed job completed. The event goes out when the last open
# item was closed, once for each time.
COUNT_AND_END = """
), counted AS (
    SELECT job.id, job.carrier, difference.successes, difference.errors, difference.closed,
           job.success_count + difference.successes AS success_count,
           job.error_count + difference.errors AS error_count,
           job.success_count + difference.successes + job.error_count + difference.errors = job.total_items AS is_ended,
           job.errors_in_a_row
      FROM robot_jobs AS job
      JOIN difference ON difference.job_id = job.id
     ORDER BY job.id
       FOR NO KEY UPDATE OF job
), job AS (
    UPDATE robot_jobs AS job
       SET success_count = counted.success_count,
           error_count = counted.error_count,
           status = CASE
               WHEN NOT counted.is_ended THEN job.status
               WHEN counted.closed > 0 AND %(ended_status)s::text IS NOT NULL THEN %(ended_status)s
               WHEN counted.success_count > 0 AND (counted.closed > 0 OR job.status = 'failed') THEN 'completed'
               WHEN counted.closed > 0 THEN 'failed'
               ELSE job.status
           END,
           started_at = CASE WHEN %(is_report)s THEN coalesce(job.started_at, now()) ELSE job.started_at END,
           completed_at = CASE WHEN counted.is_ended THEN coalesce(job.completed_at, now()) ELSE job.completed_at END,
           paused_at = CASE WHEN NOT counted.is_ended THEN job.paused_at END,
           paused_reason = CASE WHEN NOT counted.is_ended THEN job.paused_reason END,
           paused_message = CASE WHEN NOT counted.is_ended THEN job.paused_message END,
           updated_at = now()
      FROM counted
     WHERE job.id = counted.id AND (counted.successes <> 0 OR counted.errors <> 0)
    RETURNING job.id, job.workspace_id, job.kind, job.status, job.dispatch, job.success_count, job.error_count,
              counted.closed > 0 AND counted.is_ended AS has_ended_now
), job_completed AS (
    INSERT INTO outbox (workspace_id, detail_type, detail)
    SELECT job.workspace_id, 'robot/job.completed',
           json_object('jobId': job.id, 'workspaceId': job.workspace_id, 'kind': job.kind, 'status': job.status,
                       'dispatch': job.dispatch, 'successCount': job.success_count, 'errorCount': job.error_count)
      FROM job
     WHERE job.has_ended_now
)
"""


def count_reported(changes: str) -> str:
    """Return what counts and ends by `changes` of the statement: items with their job_id, status and old_status."""
    return f"""
), difference AS (
    SELECT job_id,
           count(*) FILTER (WHERE status = 'success' AND old_status <> 'success') AS successes,
           count(*) FILTER (WHERE status = 'error' AND old_status <> 'error')
               - count(*) FILTER (WHERE status = 'success' AND old_status = 'error') AS errors,
           count(*) FILTER (WHERE old_status IN ('pending', 'processing')) AS closed
      FROM {changes}
     GROUP BY job_id
{COUNT_AND_END}"""
