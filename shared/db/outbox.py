"""Read the outbox, and note what the bus took."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row

#: An event that the bus refused this often is set aside: it would be refused for ever.
MAX_ATTEMPTS = 50
#: Events in one transaction: enough for a batch of a hundred reports.
MAX_ROWS = 200
#: Together, as the database stores them, compressed; the memory that their text then takes is measured by `make bench`.
MAX_STORED_BYTES = 200_000


@dataclass(frozen=True)
class OutboxRow:
    """An event that is true but not yet published."""

    id: int
    detail_type: str
    detail: str


@dataclass(frozen=True)
class Taken:
    """Unpublished events, and whether more of them are due."""

    rows: list[OutboxRow]
    has_more: bool


@dataclass(frozen=True)
class Backlog:
    """What has not been published: how many events were set aside, and how old the oldest of the others is."""

    set_aside: int
    oldest_s: float


def take_unpublished(conn: Connection, limit: int = MAX_ROWS) -> Taken:
    """Lock and return unpublished events that the transaction may see, oldest first; others' are passed over.

    At most `limit`, and fewer where they are large: what is taken has to fit into a function's memory.
    """
    limits = {"limit": limit, "stored_bytes": MAX_STORED_BYTES}
    found = conn.execute(_TAKE, limits).fetchall()
    due = found[0][-1] if found else 0
    return Taken([OutboxRow(*row[:-1]) for row in found], has_more=due > len(found) or due == limit)


def mark_published(conn: Connection, ids: Sequence[int]) -> None:
    """Note that the bus has these events."""
    conn.execute(_MARK_PUBLISHED, {"ids": list(ids)})


def mark_failed(conn: Connection, errors: Sequence[tuple[int, str]]) -> None:
    """Note why the bus refused these events; each waits twice as long as before, at most five minutes.

    One that was refused too often is set aside.
    """
    conn.execute(_MARK_FAILED, _columns(errors) | {"max_attempts": MAX_ATTEMPTS})


def mark_delayed(conn: Connection, errors: Sequence[tuple[int, str]]) -> None:
    """Note that the bus could not take these events now; they wait as refused ones do, but are never set aside."""
    conn.execute(_MARK_FAILED, _columns(errors) | {"max_attempts": None})


def _columns(errors: Sequence[tuple[int, str]]) -> dict[str, object]:
    return {"ids": [id_ for id_, _ in errors], "errors": [error[:1000] for _, error in errors]}


def read_backlog(conn: Connection) -> Backlog:
    """Return how much waits that should not, over what the transaction may see."""
    [backlog] = conn.cursor(row_factory=class_row(Backlog)).execute(_BACKLOG).fetchall()
    return backlog


def prune_published(conn: Connection) -> int:
    """Delete events that were published more than seven days ago, at most 10,000, and return how many."""
    [(count,)] = conn.execute(_PRUNE).fetchall()
    return int(count)


# What is due, oldest first, without what another publisher holds, and how many there are up to the limit. The first
# goes however large it is. Stored sizes are those of compressed JSON, known without reading it.
_TAKE = """
WITH due AS MATERIALIZED (
    SELECT id, detail_type, detail
      FROM outbox
     WHERE published_at IS NULL AND set_aside_at IS NULL AND next_attempt_at <= now()
     ORDER BY id
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
), sized AS (
    SELECT due.*, sum(pg_column_size(detail)) OVER (ORDER BY id) - pg_column_size(detail) AS bytes_before
      FROM due
)
SELECT id, detail_type, detail::text AS detail, (SELECT count(*) FROM due) AS due
  FROM sized
 WHERE bytes_before < %(stored_bytes)s
 ORDER BY id
"""

_MARK_PUBLISHED = """
UPDATE outbox SET published_at = now(), attempts = attempts + 1 WHERE id = ANY(%(ids)b)
"""

_MARK_FAILED = """
UPDATE outbox
   SET attempts = attempts + 1, last_error = failed.error,
       next_attempt_at = now() + least(power(2, least(attempts, 9)), 300) * interval '1 second',
       set_aside_at = CASE WHEN attempts + 1 >= %(max_attempts)s::int THEN now() END
  FROM unnest(%(ids)b::bigint[], %(errors)b::text[]) AS failed (id, error)
 WHERE outbox.id = failed.id
"""

# Both counts read what waits, by its own index, and nothing of what was published.
_BACKLOG = """
SELECT (SELECT count(*) FROM outbox WHERE set_aside_at IS NOT NULL) AS set_aside,
       coalesce((SELECT extract(epoch FROM now() - min(created_at)) FROM outbox
                  WHERE published_at IS NULL AND set_aside_at IS NULL), 0)::float8 AS oldest_s
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
