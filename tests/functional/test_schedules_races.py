"""expire_items beside reports that come just then."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import Connection

from local.stack.postgres import Postgres
from shared.domain import (
    DomainContext,
    Expired,
    UpdateJobItemResultParams,
    expire_dispatches,
    update_job_item_results,
)
from tests.factories import assert_agreement, claim, data_of, make_carrier_config, make_job_of, make_orders, read_job
from tests.racing import Racer, holding, results

#: Rows are then updated as they lie in the table.
_AS_THEY_LIE = ("enable_indexscan = off", "enable_bitmapscan = off")


@contextmanager
def racer(owner: Connection, url: str, *settings: str) -> Iterator[Racer]:
    """Give a racer that connects with a URL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        made = Racer(owner, settings)
    try:
        yield made
    finally:
        made.stop()


def test_a_claim_is_found_lost_while_its_items_are_reported(
    fresh_database: str, postgres: Postgres, owner: Connection, workspace: UUID
) -> None:
    """Naive: the items are taken as they lie, the reports' by id, and each waits for the other until one dies."""
    ctx = DomainContext(workspace, "test")
    make_carrier_config(owner, workspace)
    # Items are written in the order of their orders: so the later id lies first.
    job = make_job_of(ctx, make_orders(owner, workspace, 2)[::-1])
    claim(ctx, job)
    owner.execute("UPDATE robot_job_dispatches SET claimed_at = claimed_at - %s", [timedelta(minutes=3)])
    low, high = sorted(item.item_id for item in job.items)
    reports = [UpdateJobItemResultParams(item_id, "error", error_type="portal") for item_id in (low, high)]
    with (
        racer(owner, postgres.url(fresh_database, "robot_jobs_app")) as robot,
        racer(owner, postgres.url(fresh_database, "robot_jobs_system"), *_AS_THEY_LIE) as schedule,
        holding(owner, "robot_job_items", low) as let_go,
    ):
        reporting = robot.start_blocked(update_job_item_results, ctx, reports)
        # The workspace's line is held: the lost claim is left to the next run.
        assert results(schedule.start(expire_dispatches)) == [Expired(0, 0, 0)]
        let_go()
        [reported] = results(reporting)
        [expired] = results(schedule.start(expire_dispatches))
    assert expired == Expired(0, 1, 0)
    assert [result.outcome for result in data_of(reported)] == ["recorded", "recorded"]
    assert read_job(ctx, job).job.status == "failed"
    assert_agreement(owner, workspace)
