"""Whose turn it is: waves that are over are closed, the next ones are made, and the one in turn is called.

Whoever calls these holds the workspace's line (`lock.lock_line`).
"""

from collections.abc import Sequence
from itertools import accumulate
from uuid import UUID

from psycopg import Connection

from shared.domain.jobs import turn_sql as sql
from shared.domain.jobs.submitted_sql import MAX_WAVE_BYTES, ORDER_OVERHEAD_BYTES


def fitting(bytes_of_values: Sequence[int]) -> int:
    """Return how many of these orders fit into one wave, from the first on, by the bytes of what is sent of each.

    The first always does: alone it was found small enough.
    """
    sizes = accumulate(size + ORDER_OVERHEAD_BYTES for size in bytes_of_values)
    return max(1, sum(size <= MAX_WAVE_BYTES for size in sizes))


def move_on(conn: Connection, workspace_id: UUID, job_ids: Sequence[UUID], *, by_system: bool = False) -> None:
    """Close the waves of these jobs that are over, make their next ones, and call the wave whose turn it is."""
    _make_waves(conn, workspace_id, job_ids)
    call_next(conn, workspace_id, by_system=by_system)


def call_next(conn: Connection, workspace_id: UUID, *, by_system: bool = False) -> None:
    """Call the wave whose turn it is, by its event, and park those whose turn it is no more."""
    conn.execute(sql.CALL_BY_SYSTEM if by_system else sql.CALL, {"workspace_id": workspace_id})


def make_first_wave(conn: Connection, workspace_id: UUID, job_id: UUID) -> None:
    """Make a wave of what a retry put in line, if none of the job's waits or is out, and tell of it at once."""
    _make_waves(conn, workspace_id, [job_id])
    tell_of_first_wave(conn, workspace_id, job_id)


def tell_of_first_wave(conn: Connection, workspace_id: UUID, job_id: UUID, *, by_system: bool = False) -> None:
    """Tell at once of the wave that this transaction has made for a job, whether or not it is its turn."""
    call_new = sql.CALL_NEW_BY_SYSTEM if by_system else sql.CALL_NEW
    conn.execute(call_new, {"workspace_id": workspace_id, "job_id": job_id})
    call_next(conn, workspace_id, by_system=by_system)


def _make_waves(conn: Connection, workspace_id: UUID, job_ids: Sequence[UUID]) -> None:
    conn.execute(sql.MAKE_WAVES, {"workspace_id": workspace_id, "job_ids": list(job_ids)})
