"""Close open items as errors: when a job is ended or cancelled, a robot refuses, a deadline passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.domain.jobs.close_sql import CLOSE_OPEN_ITEMS, LOCK_OPEN_ITEMS
from shared.domain.jobs.models import ErrorType


@dataclass(frozen=True)
class Target:
    """The open items of one dispatch, or of the whole job (`dispatch` None)."""

    workspace_id: UUID
    job_id: UUID
    dispatch: int | None


def lock_open_items(conn: Connection, targets: Sequence[Target]) -> None:
    """Wait for reports on their way, and keep new ones out until the transaction ends."""
    conn.execute(LOCK_OPEN_ITEMS, _columns(targets))


def close_open_items(
    conn: Connection,
    targets: Sequence[Target],
    *,
    error_type: ErrorType,
    error_message: str,
    ended_status: str | None = None,
) -> int:
    """Close the open items of the targets, end the jobs that have none left, and return how many were closed.

    The caller has locked the dispatches of each job, so that no item can open meanwhile, and then the open items.
    `ended_status` is what an ended job is called; without it, that goes by whether anything succeeded.
    """
    row = _columns(targets) | {
        "error_type": error_type,
        "error_message": error_message,
        "ended_status": ended_status,
    }
    [(closed,)] = conn.execute(CLOSE_OPEN_ITEMS, row).fetchall()
    return int(closed)


def _columns(targets: Sequence[Target]) -> dict[str, object]:
    return {
        "workspace_ids": [target.workspace_id for target in targets],
        "job_ids": [target.job_id for target in targets],
        "dispatches": [target.dispatch for target in targets],
    }
