"""Publish what the outbox holds, right after the commit that wrote it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import Connection

from shared.aws.bus import Entry, put_entries
from shared.db.outbox import (
    Taken,
    lock_publishing,
    mark_delayed,
    mark_failed,
    mark_published,
    take_unpublished,
)
from shared.db.transaction import transaction
from shared.logs import logger

#: Somebody waits for the end of a request: what others go on to write is published by them, or by the relay.
_BEGIN_WITHIN_S = 5.0


@dataclass(frozen=True)
class Published:
    """How many events the bus took, how many it did not, and whether it can be asked at once to take more."""

    published: int
    failed: int
    has_more: bool
    is_bus_up: bool = True
    is_backlog: bool = False


def publish_committed(workspace_id: UUID) -> None:
    """Publish a workspace's events right after the commit that made them true, after those before them.

    What does not go through now is published by relay_events, and so is a backlog of which these are the end: the
    caller's work is done either way.
    """
    last_begin_at = time.monotonic() + _BEGIN_WITHIN_S
    try:
        has_more = True
        while has_more and time.monotonic() < last_begin_at:
            with transaction(workspace_id) as conn:
                lock_publishing(conn, workspace_id)
                done = publish(conn, [workspace_id])
            has_more = done.has_more and not done.is_backlog
    except psycopg.errors.LockNotAvailable:
        logger.info("events are left to the relay: somebody publishes of the workspace")
    except psycopg.Error:
        logger.warning("events are left to the relay: the database was lost after the commit", exc_info=True)


def publish(conn: Connection, workspace_ids: Sequence[UUID]) -> Published:
    """Publish a batch of what is due of workspaces that are locked for it, and note what the bus took."""
    taken = take_unpublished(conn, workspace_ids)
    return _put(conn, taken) if taken.rows else Published(0, 0, has_more=False)


def _put(conn: Connection, taken: Taken) -> Published:
    rows = taken.rows
    outcomes = put_entries([Entry(row.detail_type, row.detail) for row in rows])
    # Fewer outcomes than rows: the bus failed or is slow, and the rest was not tried. It stays due.
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
    # A bus that fails is left alone for now: it took nothing, or was not asked for the rest because a call failed.
    last = outcomes[-1]
    is_bus_up = bool(published or refused) and (len(outcomes) == len(rows) or last is None or last.is_refused)
    failed = len(refused) + len(delayed)
    return Published(
        len(published), failed, (taken.has_more or len(outcomes) < len(rows)) and is_bus_up, is_bus_up, taken.is_backlog
    )
