"""A workspace's jobs that have not ended."""

# The first so many (workspace_id, open, limit), in the order in which a person looks at them: shipments before lookups,
# those that are paused, those that have begun. Status by status: of a list of them the planner knows nothing, and would
# read all jobs of the workspace.
OPEN_JOBS = """
  FROM unnest(%(open)b::text[]) AS open (state)
 CROSS JOIN LATERAL (
     SELECT * FROM robot_jobs WHERE status = open.state AND workspace_id = %(workspace_id)s OFFSET 0) AS robot_jobs
 ORDER BY kind = 'guide_lookup', paused_at IS NULL, status = 'pending', id
 LIMIT %(limit)s
"""
OPEN_JOB_IDS = f"SELECT id {OPEN_JOBS}"
