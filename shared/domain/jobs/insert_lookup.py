"""Insert a job of lookups, whoever asked for it."""

from collections.abc import Sequence
from uuid import UUID

from psycopg import Connection

from shared.domain.carriers.usual import USUAL_WAVE_SIZE
from shared.domain.ids import uuid7, uuid7s
from shared.domain.jobs import lookups_sql as sql
from shared.domain.jobs.models import CreatedItem, CreatedJob

#: Where no orders are named, at most so many are looked up at once.
MAX_LOOKED_UP = 500


def insert_lookup(  # noqa: PLR0913 - what the job is made of
    conn: Connection,
    workspace_id: UUID,
    carrier: str,
    order_ids: Sequence[UUID],
    *,
    key: str | None = None,
    is_automatic: bool = False,
) -> CreatedJob:
    """Insert the job, its items and its first wave, in a line that is held; the caller tells of the wave."""
    job_id, item_ids = uuid7(), uuid7s(len(order_ids))
    row = {
        "job_id": job_id,
        "workspace_id": workspace_id,
        "carrier": carrier,
        "key": key,
        "is_automatic": is_automatic,
        "item_ids": item_ids,
        "order_ids": list(order_ids),
        "item_count": len(order_ids),
        "usual_wave_size": USUAL_WAVE_SIZE,
    }
    for statement in (sql.INSERT_JOB, sql.INSERT_ITEMS, sql.INSERT_WAVE):
        conn.execute(statement, row)
    items = [CreatedItem(*pair) for pair in zip(item_ids, order_ids, strict=True)]
    return CreatedJob(job_id, len(items), items)
