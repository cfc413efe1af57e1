"""The event that says that a job was paused."""

EMIT_PAUSED = """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'robot/job.paused',
       json_object('jobId': id, 'workspaceId': workspace_id, 'reason': paused_reason,
                   'message': nullif(paused_message, ''), 'dispatch': dispatch ABSENT ON NULL)
  FROM robot_jobs
 WHERE id = ANY(%(job_ids)b::uuid[]) AND (workspace_id = %(workspace_id)s) IS TRUE
"""
