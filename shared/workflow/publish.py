"""Publish what the outbox holds."""

from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import Connection

from shared.aws.bus import Entry, put_entries
from shared.db.outbox import (
    Backlog,
    mark_delayed,
    mark_failed,
    mark_published,
    prune_published,
    read_backlog,
    take_unpublished,
)
from shared.db.transaction import system_transaction, transaction
from shared.logs import logger


@dataclass(frozen=True)
class Relayed:
    """How many events the bus took, how many it did not, and whether it can be asked at once to take more."""

    published: int
    failed: int
    has_more: bool


def publish_committed(workspace_id: UUID) -> None:
    """Publish a workspace's events right after the commit that made them true.

    What does not go through now is published by relay_events: the caller's work is done either way.
    """
    try:
        has_more = True
        while has_more:
            with transaction(workspace_id) as conn:
                has_more = _publish(conn).has_more
    except psycopg.Error:
        logger.warning("events are left to the relay: the database was lost after the commit", exc_info=True)


def relay_batch() -> Relayed:
    """Publish a batch of every workspace's events that are due.

    Raises:
        psycopg.Error: the database did not answer; what was published may be published again.
    """
    with system_transaction() as conn:
        return _publish(conn)


def prune() -> int:
    """Delete a batch of events that were published more than seven days ago, and return how many."""
    with system_transaction() as conn:
        return prune_published(conn)


def backlog() -> Backlog:
    """Return how much waits, over every workspace."""
    with system_transaction() as conn:
        return read_backlog(conn)


def _publish(conn: Connection) -> Relayed:
    taken = take_unpublished(conn)
    rows = taken.rows
    if not rows:
        return Relayed(0, 0, has_more=False)
    outcomes = put_entries([Entry(row.detail_type, row.detail) for row in rows])
    # Fewer outcomes than rows: the bus failed, and the rest was not tried. It stays due.
    tried = list(zip(rows, outcomes, strict=False))
    published = [row.id for row, not_taken in tried if not_taken is None]
    refused = [(row.id, not_taken.words) for row, not_taken in tried if not_taken and not_taken.is_refused]
    delayed = [(row.id, not_taken.words) for row, not_taken in tried if not_taken and not not_taken.is_refused]
    if published:
        mark_published(conn, published)
    if refused:
        logger.error("the bus refuses events", extra={"refused": len(refused), "first_error": refused[0][1]})
        mark_failed(conn, refused)
    if delayed:
        logger.warning("the bus did not take events", extra={"failed": len(delayed), "first_error": delayed[0][1]})
        mark_delayed(conn, delayed)
    # A bus that fails is left alone for now: it took nothing, or was not asked for the rest.
    is_bus_up = bool(published or refused) and len(outcomes) == len(rows)
    return Relayed(len(published), len(refused) + len(delayed), has_more=taken.has_more and is_bus_up)
