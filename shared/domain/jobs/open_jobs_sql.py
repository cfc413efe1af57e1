"""A workspace's jobs that have not ended."""

# The first so many (workspace_id, open, limit), in the order in which a person looks at them: shipments before lookups,
# those that are paused, those that have begun.
OPEN_JOBS = """
  FROM robot_jobs
 WHERE workspace_id = %(workspace_id)s AND status = ANY(%(open)b::text[])
 ORDER BY kind = 'guide_lookup', paused_at IS NULL, status = 'pending', id
 LIMIT %(limit)s
"""
OPEN_JOB_IDS = f"SELECT id {OPEN_JOBS}"
