"""Read the outbox, and note what the bus took."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

#: An event that the bus refused this often is set aside: it would be refused for ever.
MAX_ATTEMPTS = 50
#: Events in one transaction: enough for a batch of a hundred reports.
MAX_ROWS = 200
#: Workspaces that are looked at in one transaction.
MAX_WORKSPACES = 50
#: An event that waits for longer was not published by who wrote it: from then on it is the relay's.
BACKLOG_S = 60
#: Whoever has just committed waits so long for another publisher; then its events are the relay's.
PUBLISHING_LOCK_MS = 2_000
#: Events that are deleted in one transaction.
MAX_PRUNED = 10_000
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
    """Unpublished events, whether more of them are due, and whether the oldest has waited long: then others do, too."""

    rows: list[OutboxRow]
    has_more: bool
    is_backlog: bool


@dataclass(frozen=True)
class Waiting:
    """Workspaces in the order of their ids: those that are ours to publish of now, and where the next ones begin."""

    workspace_ids: list[UUID]
    #: None: there are none after these.
    next_after: UUID | None


@dataclass(frozen=True)
class Backlog:
    """What has not been published: how many events were set aside, and how old the oldest of the others is."""

    set_aside: int
    oldest_s: float


def lock_publishing(conn: Connection, workspace_id: UUID) -> None:
    """Wait until nobody else publishes of the workspace, and let nobody until the transaction ends.

    So its events leave in their order, also where several publish at once.

    Raises:
        psycopg.errors.LockNotAvailable: somebody took long.
    """
    conn.execute(_LOCK, {"workspace_id": workspace_id, "timeout": f"{PUBLISHING_LOCK_MS}ms"})


def lock_waiting(conn: Connection, after: UUID, publishers: int = 1, limit: int = MAX_WORKSPACES) -> Waiting:
    """Look at the next workspaces with events that are due, `limit` at most, and lock a publisher's share of them.

    Those that somebody publishes of are passed over.
    """
    row = {"after": after, "limit": limit, "publishers": publishers}
    [(found, last_found, share, locked)] = conn.execute(_LOCK_WAITING, row).fetchall()
    if len(locked) == share < found:
        return Waiting(locked, locked[-1])
    return Waiting(locked, last_found if found == limit else None)


def take_unpublished(conn: Connection, workspace_ids: Sequence[UUID], limit: int = MAX_ROWS) -> Taken:
    """Return unpublished events of workspaces that are locked for it, of each oldest first, and as many of each.

    At most `limit`, and fewer where they are large: what is taken has to fit into a function's memory.
    """
    limits = {"limit": limit, "each": -(-limit // max(1, len(workspace_ids))), "stored_bytes": MAX_STORED_BYTES}
    found = conn.execute(_TAKE, limits | {"workspace_ids": list(workspace_ids), "backlog_s": BACKLOG_S}).fetchall()
    due, most, is_backlog = found[0][-3:] if found else (0, 0, False)
    return Taken(
        [OutboxRow(*row[:-3]) for row in found],
        has_more=due > len(found) or most == limits["each"],
        is_backlog=is_backlog,
    )


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
    [(count,)] = conn.execute(_PRUNE, {"limit": MAX_PRUNED}).fetchall()
    return int(count)


_DUE = "published_at IS NULL AND set_aside_at IS NULL"

# The number keeps these locks apart from others in this database.
_KEY = "hashtextextended({}::uuid::text, 7315064202)"

_LOCK = f"""
SELECT set_config('lock_timeout', %(timeout)s, true), pg_advisory_xact_lock({_KEY.format("%(workspace_id)s")})
"""

# By jumps from one workspace to the next in the index of what is unpublished: however much there is of one of them,
# and whatever was published, is not read. What the bus did not take a moment ago is passed over. The locks are tried in
# order, and no more of them than the share: the rest is for other publishers.
_LOCK_WAITING = f"""
WITH RECURSIVE waiting (workspace_id, place) AS (
    (SELECT workspace_id, 1 FROM outbox
      WHERE {_DUE} AND next_attempt_at <= now() AND workspace_id > %(after)s
      ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT workspace_id FROM outbox
             WHERE {_DUE} AND next_attempt_at <= now() AND workspace_id > waiting.workspace_id
             ORDER BY workspace_id LIMIT 1), place + 1
      FROM waiting
     WHERE waiting.workspace_id IS NOT NULL AND place < %(limit)s
), few AS MATERIALIZED (
    SELECT workspace_id FROM waiting WHERE workspace_id IS NOT NULL ORDER BY place
), share (size) AS (
    SELECT greatest(1, ceil(count(*)::numeric / %(publishers)s))::int FROM few
), locked AS MATERIALIZED (
    SELECT workspace_id FROM few
     WHERE pg_try_advisory_xact_lock({_KEY.format("workspace_id")})
     LIMIT (SELECT size FROM share)
)
SELECT (SELECT count(*) FROM few), (SELECT workspace_id FROM few ORDER BY workspace_id DESC LIMIT 1),
       (SELECT size FROM share), ARRAY(SELECT workspace_id FROM locked)
"""

# What is due, without what another publisher holds (one of before these locks), and how many there are up to the limit.
# The first goes however large it is. Stored sizes are those of compressed JSON, known without reading it.
_TAKE = f"""
WITH due AS MATERIALIZED (
    SELECT theirs.workspace_id, event.id, event.detail_type, event.detail, event.created_at
      FROM unnest(%(workspace_ids)b::uuid[]) AS theirs (workspace_id)
     CROSS JOIN LATERAL (
         SELECT outbox.id, outbox.detail_type, outbox.detail, outbox.created_at
           FROM outbox
          WHERE outbox.workspace_id = theirs.workspace_id AND {_DUE} AND outbox.next_attempt_at <= now()
          ORDER BY outbox.id
          LIMIT %(each)s
            FOR UPDATE SKIP LOCKED) AS event
     LIMIT %(limit)s
), sized AS (
    SELECT due.*, sum(pg_column_size(detail)) OVER (ORDER BY id) - pg_column_size(detail) AS bytes_before
      FROM due
)
SELECT id, detail_type, detail::text AS detail, (SELECT count(*) FROM due) AS due,
       (SELECT max(of_each.due) FROM (SELECT count(*) AS due FROM due GROUP BY workspace_id) AS of_each) AS most,
       (SELECT min(created_at) < now() - %(backlog_s)s * interval '1 second' FROM due) AS is_backlog
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

# Both read what waits, by its own index, and nothing of what was published. Ids of a workspace ascend with time (but
# for what two transactions at once have crossed), so that its first event is its oldest.
_BACKLOG = f"""
WITH RECURSIVE waiting (workspace_id) AS (
    (SELECT workspace_id FROM outbox WHERE {_DUE} ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT workspace_id FROM outbox WHERE {_DUE} AND workspace_id > waiting.workspace_id
             ORDER BY workspace_id LIMIT 1)
      FROM waiting
     WHERE waiting.workspace_id IS NOT NULL
)
SELECT (SELECT count(*) FROM outbox WHERE set_aside_at IS NOT NULL) AS set_aside,
       coalesce((SELECT extract(epoch FROM now() - min(oldest.created_at))
                   FROM waiting
                  CROSS JOIN LATERAL (SELECT created_at FROM outbox
                                       WHERE outbox.workspace_id = waiting.workspace_id AND {_DUE}
                                       ORDER BY id LIMIT 1) AS oldest), 0)::float8 AS oldest_s
"""

# Bounded, so that a first run after a long pause holds no lock for long.
_PRUNE = """
WITH old AS (
    SELECT id FROM outbox WHERE published_at < now() - interval '7 days' ORDER BY published_at LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
), pruned AS (
    DELETE FROM outbox USING old WHERE outbox.id = old.id RETURNING outbox.id
)
SELECT count(*) FROM pruned
"""
