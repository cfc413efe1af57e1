"""Read the outbox, and note what the bus took."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row

#: An event that the bus refused this often is set aside: it would be refused for ever.
MAX_ATTEMPTS = 50


@dataclass(frozen=True)
class OutboxRow:
    """An event that is true but not yet published."""

    id: int
    detail_type: str
    detail: str


def take_unpublished(conn: Connection, limit: int) -> list[OutboxRow]:
    """Lock and return unpublished events that the transaction may see, oldest first; others' are passed over."""
    return conn.cursor(row_factory=class_row(OutboxRow)).execute(_TAKE, {"limit": limit}).fetchall()


def mark_published(conn: Connection, ids: Sequence[int]) -> None:
    """Note that the bus has these events."""
    conn.execute(_MARK_PUBLISHED, {"ids": list(ids)})


def mark_failed(conn: Connection, errors: Sequence[tuple[int, str]]) -> None:
    """Note why the bus did not take these events; each waits twice as long as before, at most five minutes."""
    conn.execute(
        _MARK_FAILED,
        {
            "ids": [id_ for id_, _ in errors],
            "errors": [error[:1000] for _, error in errors],
            "max_attempts": MAX_ATTEMPTS,
        },
    )


def prune_published(conn: Connection) -> int:
    """Delete events that were published more than seven days ago, at most 10,000, and return how many."""
    [(count,)] = conn.execute(_PRUNE).fetchall()
    return int(count)


# What is due, oldest first, without what another publisher holds.
_TAKE = """
SELECT id, detail_type, detail::text AS detail
  FROM outbox
 WHERE published_at IS NULL AND set_aside_at IS NULL AND next_attempt_at <= now()
 ORDER BY id
 LIMIT %(limit)s
   FOR UPDATE SKIP LOCKED
"""

_MARK_PUBLISHED = """
UPDATE outbox SET published_at = now(), attempts = attempts + 1 WHERE id = ANY(%(ids)b)
"""

_MARK_FAILED = """
UPDATE outbox
   SET attempts = attempts + 1, last_error = failed.error,
       next_attempt_at = now() + least(power(2, attempts), 300) * interval '1 second',
       set_aside_at = CASE WHEN attempts + 1 >= %(max_attempts)s THEN now() END
  FROM unnest(%(ids)b::bigint[], %(errors)b::text[]) AS failed (id, error)
 WHERE outbox.id = failed.id
"""

# Bounded, so that a first run after a long pause holds no lock for long.
_PRUNE = """
WITH old AS (
    SELECT id FROM outbox WHERE published_at < now() - interval '7 days' ORDER BY id LIMIT 10000
       FOR UPDATE SKIP LOCKED
), pruned AS (
    DELETE FROM outbox USING old WHERE outbox.id = old.id RETURNING outbox.id
)
SELECT count(*) FROM pruned
"""
