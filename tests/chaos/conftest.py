"""What a sound chaos run leaves behind, for the tests of its verdict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from local.chaos.bus import key_of
from local.chaos.database import Database
from local.chaos.findings import Evidence
from local.chaos.work import Work
from shared.domain import DomainContext
from tests.chaos.traces import asked, reported, shipment
from tests.factories import hand_over, make_carrier_config, make_job, report_success

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from psycopg import Connection

    from local.stack.postgres import Postgres
    from shared.domain import CreatedJob


@pytest.fixture
def database(fresh_database: str, postgres: Postgres, tmp_path: Path) -> Database:
    """Give the database of the run, which is this test's own."""
    return Database(postgres.url(fresh_database), tmp_path)


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID) -> DomainContext:
    """Give the context of a call for the test's workspace."""
    assert fresh_database
    return DomainContext(workspace, source="test")


@pytest.fixture
def job(owner: Connection, ctx: DomainContext, workspace: UUID) -> CreatedJob:
    """Give a job of one item that was handed over once and shipped as T-1."""
    make_carrier_config(owner, workspace)
    made = make_job(owner, ctx, items=1)
    hand_over(ctx, made)
    report_success(ctx, made.items[0].item_id, "T-1")
    owner.execute("UPDATE outbox SET published_at = now()")
    return made


@pytest.fixture
def evidence(job: CreatedJob, database: Database, owner: Connection, workspace: UUID) -> Evidence:
    """Give what a sound run with this job leaves."""
    [item] = job.items
    events = owner.execute("SELECT detail_type, detail::text FROM outbox").fetchall()
    return Evidence(
        database,
        [Work(workspace, jobs={job.job_id: {item.order_id}})],
        [shipment(job, "T-1")],
        frozenset(),
        {"asked": [asked(job)], "reported": [reported(job, "T-1")], "crashes": [], "unknown_to_robot": []},
        Counter(key_of(*event) for event in events),
    )
