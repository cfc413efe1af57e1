"""How long the items that are open have been so."""

from shared.db.transaction import system_transaction


def oldest_open_item_s() -> int:
    """Return the seconds since the item was made or retried that has been open longest, of every workspace; 0: none is.

    Raises:
        psycopg.Error: the database did not answer.
    """
    with system_transaction() as conn:
        [(seconds,)] = conn.execute(_OLDEST).fetchall()
    return int(seconds)


# The partial index of open orders holds few rows: those that are open now.
_OLDEST = """
SELECT coalesce(extract(epoch FROM now() - min(coalesce(last_retry_at, created_at))), 0)
  FROM robot_job_items
 WHERE status IN ('pending', 'processing')
"""
