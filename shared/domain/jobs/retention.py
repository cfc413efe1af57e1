"""Remove what a robot was told about people once a workspace need not keep it any more."""

from uuid import UUID

from shared.db.transaction import system_transaction

#: Items in one call; who calls it goes on while it gives as many.
BATCH = 5_000
#: Workspaces that one statement looks at, and one call: a call goes on where the last one of this process has ended.
_AT_ONCE, _IN_ALL = 50, 2_000
#: Days where the workspace has no configuration of the carrier; the schema's default is the same.
DEFAULT_RETENTION_DAYS = 90
_BEGINNING = UUID(int=0)


def remove_personal_data() -> int:
    """Remove what was sent for items that ended longer ago than their workspace keeps it, and return of how many.

    At most `BATCH` items, of 2,000 workspaces that hold such data, in turn with the others; safe to run twice at once.
    Who gave commands so long ago is forgotten as well.

    Raises:
        psycopg.Error: the database did not answer; nothing is half done, and the next run does it.
    """
    _ACTORS.sweep(BATCH)
    with system_transaction() as conn:
        conn.execute(_DELETE_UPLOADS)
    return _ITEMS.sweep(BATCH)


class _Round:
    """One statement's way round the workspaces. Where a process begins anew, so does the round."""

    def __init__(self, statement: str) -> None:
        self._statement = statement
        self._after = _BEGINNING

    def sweep(self, batch: int) -> int:
        """Return how many rows were emptied, `batch` at most."""
        emptied = 0
        start: UUID | None = self._after
        for _ in range(_IN_ALL // _AT_ONCE):
            row = {"default_days": DEFAULT_RETENTION_DAYS, "batch": batch - emptied}
            with system_transaction() as conn:
                [(count, last)] = conn.execute(self._statement, row | {"after": self._after, "most": _AT_ONCE})
            emptied += count
            if emptied >= batch:
                break  # There may be more of these.
            self._after = last or _BEGINNING
            if last is None:
                if start in {None, _BEGINNING}:
                    break
                start = None
        return emptied


def _workspaces(table: str, holds_data: str) -> str:
    """Return the beginning of a statement: the next workspaces that hold such data.

    They are found by jumping from one to the next in the index: a long list that one of them keeps for years is never
    read through.
    """
    return f"""
WITH RECURSIVE workspace (id, place) AS (
    (SELECT workspace_id, 1 FROM {table} WHERE {holds_data} AND workspace_id > %(after)s
      ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT workspace_id FROM {table} WHERE {holds_data} AND workspace_id > workspace.id
             ORDER BY workspace_id LIMIT 1), place + 1
      FROM workspace
     WHERE workspace.id IS NOT NULL AND place < %(most)s
)"""


# The last workspace that was looked at; null: there are none after it.
_LAST = "(SELECT id FROM workspace WHERE place = %(most)s)"

# Of each workspace the items past its own days. An item that something else works on is left to the next run, and an
# item that a retry has opened meanwhile is none of them any more.
_REMOVE = (
    _workspaces("robot_job_items", "value_sent IS NOT NULL AND completed_at IS NOT NULL")
    + """
, past AS (
    SELECT item.id
      FROM (SELECT id FROM workspace WHERE id IS NOT NULL) AS workspace
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
"""
    + f"SELECT (SELECT count(*) FROM removed), {_LAST}"
)

# Who gave a command is forgotten as long after it as the workspace keeps what was sent; of several carriers, as the
# one that keeps it longest.
_FORGET_ACTORS = (
    _workspaces("activity", "actor IS NOT NULL")
    + """
, past AS (
    SELECT entry.id
      FROM (SELECT id FROM workspace WHERE id IS NOT NULL) AS workspace
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
), forgotten AS (
    UPDATE activity SET actor = NULL FROM past WHERE activity.id = past.id RETURNING activity.id
)
"""
    + f"SELECT (SELECT count(*) FROM forgotten), {_LAST}"
)

# Files that nobody imported within a day, or that were imported.
_DELETE_UPLOADS = "DELETE FROM uploads WHERE created_at < now() - interval '1 day'"

_ITEMS, _ACTORS = _Round(_REMOVE), _Round(_FORGET_ACTORS)
