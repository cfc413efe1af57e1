"""Remove what a robot was told about people once a workspace need not keep it any more."""

from shared.db.transaction import system_transaction

#: Items in one transaction; the next minute takes the rest.
BATCH = 5_000
#: Days where the workspace has no configuration of the carrier; the schema's default is the same.
DEFAULT_RETENTION_DAYS = 90


def remove_personal_data() -> int:
    """Remove what was sent for items that ended longer ago than their workspace keeps it, and return of how many.

    At most `BATCH` items, over every workspace; safe to run twice at once.

    Raises:
        psycopg.Error: the database did not answer; nothing is half done, and the next run does it.
    """
    row = {"batch": BATCH, "default_days": DEFAULT_RETENTION_DAYS}
    with system_transaction() as conn:
        [(count,)] = conn.execute(_REMOVE, row).fetchall()
    with system_transaction() as conn:
        conn.execute(_FORGET_ACTORS, row)
    with system_transaction() as conn:
        conn.execute(_DELETE_UPLOADS, row)
    return int(count)


def _workspaces(table: str, holds_data: str) -> str:
    """Return the beginning of a statement: the workspaces that hold such data.

    They are found by jumping from one to the next in the index: a long list that one of them keeps for years is never
    read through.
    """
    return f"""
WITH RECURSIVE workspace (id) AS (
    (SELECT workspace_id FROM {table} WHERE {holds_data} ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT workspace_id FROM {table} WHERE {holds_data} AND workspace_id > workspace.id
             ORDER BY workspace_id LIMIT 1)
      FROM workspace
     WHERE workspace.id IS NOT NULL
)"""


# Of each workspace the items past its own days. An item that something else works on is left to the next run, and an
# item that a retry has opened meanwhile is none of them any more.
_REMOVE = (
    _workspaces("robot_job_items", "value_sent IS NOT NULL AND completed_at IS NOT NULL")
    + """
, past AS (
    SELECT item.id
      FROM workspace
     CROSS JOIN LATERAL (
         SELECT coalesce(min(personal_data_retention_days), %(default_days)s) AS days
           FROM carrier_configs
          WHERE workspace_id = workspace.id) AS shortest
     CROSS JOIN LATERAL (
         SELECT robot_job_items.id
           FROM robot_job_items
           JOIN robot_jobs ON robot_jobs.id = robot_job_items.job_id
           LEFT JOIN carrier_configs
                  ON carrier_configs.workspace_id = robot_jobs.workspace_id
                 AND carrier_configs.carrier = robot_jobs.carrier
          WHERE robot_job_items.workspace_id = workspace.id
            AND robot_job_items.value_sent IS NOT NULL
            AND robot_job_items.completed_at < now() - shortest.days * interval '1 day'
            AND robot_job_items.completed_at
                < now() - coalesce(carrier_configs.personal_data_retention_days, %(default_days)s) * interval '1 day'
          ORDER BY robot_job_items.completed_at
          LIMIT %(batch)s) AS item
     LIMIT %(batch)s
), locked AS (
    SELECT item.id
      FROM robot_job_items AS item
     WHERE item.id IN (SELECT id FROM past)
       AND item.value_sent IS NOT NULL AND item.completed_at IS NOT NULL
     ORDER BY item.id
       FOR NO KEY UPDATE SKIP LOCKED
), removed AS (
    UPDATE robot_job_items AS item
       SET value_sent = NULL, personal_data_removed_at = now(), updated_at = now()
      FROM locked
     WHERE item.id = locked.id
    RETURNING item.id
), emptied AS (
    UPDATE robot_job_item_attempts AS attempt
       SET value_sent = NULL
      FROM locked
     WHERE attempt.item_id = locked.id AND attempt.value_sent IS NOT NULL
)
SELECT count(*) FROM removed
"""
)

# Who gave a command is forgotten as long after it as the workspace keeps what was sent; of several carriers, as the
# one that keeps it longest.
_FORGET_ACTORS = (
    _workspaces("activity", "actor IS NOT NULL")
    + """
, past AS (
    SELECT entry.id
      FROM workspace
     CROSS JOIN LATERAL (
         SELECT coalesce(max(personal_data_retention_days), %(default_days)s) AS days
           FROM carrier_configs
          WHERE workspace_id = workspace.id) AS longest
     CROSS JOIN LATERAL (
         SELECT activity.id
           FROM activity
          WHERE activity.workspace_id = workspace.id AND activity.actor IS NOT NULL
            AND activity.at < now() - longest.days * interval '1 day'
          ORDER BY activity.at
          LIMIT %(batch)s) AS entry
     LIMIT %(batch)s
)
UPDATE activity SET actor = NULL FROM past WHERE activity.id = past.id
"""
)

# Files that nobody imported within a day, or that were imported.
_DELETE_UPLOADS = "DELETE FROM uploads WHERE created_at < now() - interval '1 day'"
