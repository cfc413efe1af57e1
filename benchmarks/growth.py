"""What an item costs in small and large jobs, and what a page and a list cost in a large table."""

from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

from psycopg import Connection

from benchmarks.database import Database, fresh_database, kept_database, migrated, product_on
from benchmarks.jobs import chunks, make_job, record
from benchmarks.measure import RUNS, Bar, Row, elapsed_ms, in_turn
from local.stack.postgres import Postgres
from shared.domain import DomainContext, GetJobPageParams, ListJobsParams, get_job_page, list_jobs
from shared.domain.ids import uuid7

#: Items in a run, many and few; the domain takes them in jobs of at most `_JOB`.
_MANY, _FEW, _JOB, _BATCH = 100_000, 1_000, 10_000, 100
#: Item rows in the small and the large table, and items in a job of them.
_SMALL, _LARGE, _PER_JOB = 5_000, 5_000_000, 500
_PAGE = 100


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with fresh_database(server, "bench_growth") as database, database.connect_owner() as owner:
        figures = in_turn(lambda: _cost_per_item(owner, _MANY), lambda: _cost_per_item(owner, _FEW), warm_ups=0)
        yield Row("growth", f"an item of {_MANY:,}", "µs/item", *figures, f"of {_FEW:,}", Bar("<=", 1.25))
    template = migrated(server).name
    large, small = (
        kept_database(server, f"bench_{items}", template, partial(_fill, items)) for items in (_LARGE, _SMALL)
    )
    for name, read in ((f"page of {_PAGE} items", _read_page), ("list of 10 jobs", _read_list)):
        figures = in_turn(partial(_third, large, read), partial(_third, small, read), runs=3 * RUNS)
        what = f"{name}, {_LARGE:,} item rows"
        yield Row("growth", what, "ms", *figures, f"{_SMALL:,} rows", Bar("<=", 1.5))


def _cost_per_item(owner: Connection, count: int) -> float:
    spent = 0.0
    workspace_id = uuid7()
    for begin in range(0, count, _JOB):
        job = make_job(owner, min(_JOB, count - begin), workspace_id)
        batches = chunks(job.reports(), _BATCH)
        spent += elapsed_ms(lambda job=job, batches=batches: record(job.ctx, batches))  # type: ignore[misc] # mypy can't infer a lambda's defaults
    return spent * 1000 / count


def _read_page(ctx: DomainContext, job_id: UUID) -> object:
    return get_job_page(ctx, GetJobPageParams(job_id, limit=_PAGE))


def _read_list(ctx: DomainContext, _job_id: UUID) -> object:
    return list_jobs(ctx, ListJobsParams(limit=10))


def _third(database: Database, read: Callable[[DomainContext, UUID], object]) -> float:
    """Return what a read costs once the connection is there and its statements are prepared."""
    with database.connect_owner() as owner:
        [(workspace_id, job_id)] = owner.execute(
            "SELECT workspace_id, id FROM robot_jobs ORDER BY id OFFSET 5 LIMIT 1"
        ).fetchall()
    ctx = DomainContext(workspace_id, source="bench")
    with product_on(database):
        read(ctx, job_id)
        read(ctx, job_id)
        return min(elapsed_ms(lambda: read(ctx, job_id)) for _ in range(3))


def _fill(items: int, empty: Database) -> None:
    """Insert jobs with their items, past the checks that need other tables."""
    with empty.connect_owner() as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(_INSERT_JOBS, {"jobs": items // _PER_JOB, "per_job": _PER_JOB})
        owner.execute(_INSERT_ITEMS, {"per_job": _PER_JOB})
        owner.execute("ANALYZE")


# Ten jobs a workspace.
_INSERT_JOBS = """
INSERT INTO robot_jobs (id, workspace_id, carrier, status, total_items, success_count, completed_at)
SELECT uuidv7(n * interval '1 second' - interval '100000 seconds'), md5((n / 10)::text)::uuid, 'coordinadora',
       'completed', %(per_job)s, %(per_job)s, now()
  FROM generate_series(1, %(jobs)s) AS n
"""

_INSERT_ITEMS = """
INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, status, tracking_number, completed_at)
SELECT uuidv7(), job.workspace_id, job.id, gen_random_uuid(), 'success', 'T-' || n, now()
  FROM robot_jobs AS job, generate_series(1, %(per_job)s) AS n
"""
