"""expire_dispatches of the largest wave, against the bare statements that close the same rows."""

from collections.abc import Iterator

import psycopg
from psycopg import Connection

from benchmarks.database import checkpoint, fresh_database, product_on
from benchmarks.floors import EXPIRE, bare
from benchmarks.jobs import Job, make_job
from benchmarks.measure import Row, elapsed_ms, in_turn
from local.stack.postgres import Postgres
from shared.domain import expire_dispatches

_ITEMS = 500
_SYSTEM = "robot_jobs_system"


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with (
        fresh_database(server, "bench_expire") as database,
        database.connect_owner() as owner,
        psycopg.connect(database.url(_SYSTEM), autocommit=True, prepare_threshold=0) as conn,
    ):

        def product() -> float:
            job = make_job(owner, _ITEMS)
            checkpoint(owner)
            with product_on(database, _SYSTEM):
                expire_dispatches()  # There is a connection then, and nothing to do yet.
                make_overdue(owner, job)
                return elapsed_ms(expire_dispatches)

        def floor() -> float:
            job = make_job(owner, _ITEMS)
            checkpoint(owner)
            make_overdue(owner, job)
            row = {"job_id": job.job_id, "count": _ITEMS, "success": 0, "error": _ITEMS}
            return elapsed_ms(lambda: bare(conn, job.workspace_id, EXPIRE, row))

        yield Row("expire", f"expire {_ITEMS:,}", "ms", *in_turn(product, floor))


def make_overdue(owner: Connection, job: Job) -> None:
    """Put a job's deadline into the past, as if the robot had been silent since it took the first wave."""
    owner.execute(_MAKE_OVERDUE, {"job_id": job.job_id})


_MAKE_OVERDUE = """
WITH taken AS (
    UPDATE robot_job_items SET status = 'processing', shipment = 'possible', started_at = now()
     WHERE job_id = %(job_id)s AND dispatch = 1
)
UPDATE robot_job_dispatches SET status = 'accepted', claimed_at = now(), accepted_at = now(), deadline_at = now()
 WHERE job_id = %(job_id)s
"""
