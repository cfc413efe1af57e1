"""Close open items as errors: when a job is ended or cancelled, a robot refuses, a deadline passes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection

from shared.domain.jobs.close_sql import CLOSE_ITEMS, CLOSE_OPEN_ITEMS
from shared.domain.jobs.lock import Target, columns_of
from shared.domain.jobs.record_sql import RETURN_HOLDS
from shared.words import ClosedBy, ErrorType


def close_open_items(  # noqa: PLR0913 - what the items get
    conn: Connection,
    targets: Sequence[Target],
    *,
    error_type: ErrorType,
    error_message: str,
    closed_by: ClosedBy = "system",
    is_none_made: bool = False,
    only_unsent: bool = False,
    ended_status: str | None = None,
) -> int:
    """Close the open items of the targets, end the jobs that have none left, and return how many were closed.

    The caller holds the workspace's line, so that no item can open meanwhile, has locked the open items, and moves the
    line on afterwards. Of what was with a robot a shipment stays possible, unless `is_none_made`; `only_unsent` leaves
    that open. `ended_status` is what an ended job is called; without it, that goes by whether anything succeeded.
    """
    row = columns_of(targets) | {
        "error_type": error_type,
        "error_message": error_message,
        "closed_by": closed_by,
        "is_none_made": is_none_made,
        "only_unsent": only_unsent,
        "ended_status": ended_status,
        "is_report": False,
    }
    return _closed(conn, conn.execute(CLOSE_OPEN_ITEMS, row).fetchall(), [each.workspace_id for each in targets])


def close_items(conn: Connection, workspace_id: UUID, messages: Mapping[UUID, str]) -> int:
    """Close open items that no robot has, each as `validation` with its own words; return how many were closed."""
    row = {
        "workspace_id": workspace_id,
        "item_ids": list(messages),
        "messages": list(messages.values()),
        "error_type": "validation",
        "closed_by": "system",
        "is_none_made": True,
        "ended_status": None,
        "is_report": False,
    }
    return _closed(conn, conn.execute(CLOSE_ITEMS, row).fetchall(), [workspace_id])


def _closed(conn: Connection, closed: Sequence[tuple[Any, ...]], workspace_ids: Sequence[UUID]) -> int:
    if freed := [order_id for order_id, frees_reshipment in closed if frees_reshipment]:
        conn.execute(RETURN_HOLDS, {"order_ids": freed, "workspace_ids": list(workspace_ids)})
    return len(closed)
