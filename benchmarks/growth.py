"""What an item costs in small and large jobs, and what a page and a list cost in a large table."""

from collections.abc import Iterator
from uuid import UUID

from psycopg import Connection

from benchmarks.database import Database, fresh_database, product_on, schema_digest
from benchmarks.measure import RUNS, Bar, Row, elapsed_ms, in_turn
from benchmarks.record import make_job, record_product, reports_of
from local.stack.postgres import Postgres
from shared.domain import DomainContext, GetJobPageParams, ListJobsParams, get_job_page, list_jobs
from shared.domain.ids import uuid7

_SIZES = (10, 100, 1_000, 10_000, 100_000)
_BASE = 1_000
_JOB = 10_000
_BATCH = 100
#: Item rows in the small and the large table, and items in a job of them.
_SMALL, _LARGE, _PER_JOB = 5_000, 5_000_000, 500
_PAGE = 100


def run(server: Postgres) -> Iterator[Row]:
    """Measure."""
    with fresh_database(server, "bench_growth") as database, database.connect_owner() as owner:
        yield from _cost_per_item(owner)
    yield from _large_table(server)


def _cost_per_item(owner: Connection) -> Iterator[Row]:
    def cost(count: int) -> float:
        spent = 0.0
        workspace_id = uuid7()
        for begin in range(0, count, _JOB):
            job = make_job(owner, min(_JOB, count - begin), workspace_id)
            batches = reports_of(job.shipments, _BATCH)
            spent += elapsed_ms(lambda job=job, batches=batches: record_product(job.workspace_id, batches))  # type: ignore[misc] # mypy can't infer a lambda's defaults
        return spent * 1000 / count

    *_, large = _SIZES
    for size in _SIZES:
        if size == _BASE:
            continue
        bar = Bar("<=", 1.25) if size == large else None
        ours, base = in_turn(lambda size=size: cost(size), lambda: cost(_BASE), warm_ups=0)  # type: ignore[misc] # the same
        yield Row("growth", f"an item of {size:,}", "µs/item", ours, base, floor_name=f"of {_BASE:,}", bar=bar)


def _large_table(server: Postgres) -> Iterator[Row]:
    with fresh_database(server, "bench_small") as small_database, small_database.connect_owner() as owner:
        small = _fill(owner, _SMALL)
        large_database, large = _kept_large(server)
        yield from _compare(small_database, small, large_database, large)


def _compare(
    small_database: Database, small: tuple[UUID, UUID], large_database: Database, large: tuple[UUID, UUID]
) -> Iterator[Row]:
    def page(database: Database, of: tuple[UUID, UUID]) -> float:
        ctx, params = DomainContext(of[0], source="bench"), GetJobPageParams(of[1], limit=_PAGE)
        return _third(database, lambda: get_job_page(ctx, params))

    def jobs(database: Database, of: tuple[UUID, UUID]) -> float:
        ctx, params = DomainContext(of[0], source="bench"), ListJobsParams(limit=10)
        return _third(database, lambda: list_jobs(ctx, params))

    for name, read in ((f"page of {_PAGE} items", page), ("list of 10 jobs", jobs)):
        ours, base = in_turn(
            lambda read=read: read(large_database, large),  # type: ignore[misc] # mypy can't infer a lambda's defaults
            lambda read=read: read(small_database, small),  # type: ignore[misc] # the same
            runs=3 * RUNS,
        )
        what = f"{name}, {_LARGE:,} item rows"
        yield Row("growth", what, "ms", ours, base, floor_name=f"{_SMALL:,} rows", bar=Bar("<=", 1.5))


def _third(database: Database, read: object) -> float:
    """Return what a read costs once the connection is there and its statements are prepared."""
    if not callable(read):
        raise TypeError
    with product_on(database):
        read()
        read()
        return min(elapsed_ms(read) for _ in range(3))


def _kept_large(server: Postgres) -> tuple[Database, tuple[UUID, UUID]]:
    """Return the large database, which is filled once for each state of the migrations and kept."""
    database = Database(server, f"bench_large_{schema_digest()}")
    with database.connect_server() as conn:
        known = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database.name]).fetchone()
    if not known:
        with fresh_database(server, "bench_large_unfinished") as unfinished:
            with unfinished.connect_owner() as owner:
                _fill(owner, _LARGE)
            unfinished.rename(database.name)
    with database.connect_owner() as owner:
        [row] = owner.execute("SELECT workspace_id, id FROM robot_jobs ORDER BY id OFFSET 5 LIMIT 1").fetchall()
    return database, (row[0], row[1])


def _fill(owner: Connection, items: int) -> tuple[UUID, UUID]:
    """Insert jobs with their items, past the checks that need other tables, and return a workspace and a job of it."""
    owner.execute("SET session_replication_role = replica")
    owner.execute(_INSERT_JOBS, {"jobs": items // _PER_JOB, "per_job": _PER_JOB})
    owner.execute(_INSERT_ITEMS, {"per_job": _PER_JOB})
    owner.execute("ANALYZE")
    [row] = owner.execute("SELECT workspace_id, id FROM robot_jobs ORDER BY id OFFSET 5 LIMIT 1").fetchall()
    return row[0], row[1]


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
