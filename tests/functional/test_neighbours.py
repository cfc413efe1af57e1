"""What is done with one wave of one job leaves the workspace's other jobs, and the job's other waves, as they were."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import dict_row

from shared.domain import (
    ChangeJobParams,
    CreatedJob,
    DispatchRef,
    DomainContext,
    RetryFailedItemsParams,
    SettleItemsParams,
    Settlement,
    UnsettleJobParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    cancel_job,
    change_job,
    close_dispatches,
    note_accepted,
    note_refused,
    note_unknown,
    pause_job,
    release_dispatch,
    resume_job,
    retry_failed_items,
    settle_items,
    unsettle_job,
    update_job_item_result,
    update_job_status,
)
from tests.factories import claim, data_of, hand_over, make_due, make_job, report_error, report_success
from tests.functional.shop import Shop, open_shop

#: Whose turn it is may change with any job of the workspace; these columns tell of it.
OF_TURNS = ("called_at", "parked_at", "next_attempt_at", "updated_at")
#: What is prepared, up to the yield, and then done, with a job whose second wave waits.
Story = Callable[[Shop, CreatedJob], Iterator[None]]


@pytest.fixture
def shop(owner: Connection, ctx: DomainContext) -> Shop:
    """Give a workspace; it has what no robot brings about, so that nothing is audited in the end."""
    return open_shop(owner, ctx)


def in_doubt(shop: Shop, job: CreatedJob, place: int) -> None:
    """Report that nobody knows whether an order was shipped."""
    item = job.items[place].item_id
    data_of(update_job_item_result(shop.ctx, UpdateJobItemResultParams(item, "error", error_type="timeout")))


def give_up(shop: Shop, job: CreatedJob, place: int) -> None:
    """Have it that what is in doubt was not reported in time."""
    by_deadline = "UPDATE robot_job_items SET closed_by = 'deadline', error_type = 'unknown' WHERE id = %s"
    shop.owner.execute(by_deadline, [job.items[place].item_id])


def in_second_wave(shop: Shop, **params: Any) -> CreatedJob:
    """Make a job whose second wave waits: of its first one order was shipped and one is in doubt, since a deadline."""
    job = make_job(shop.owner, shop.ctx, items=5, wave_size=2, **params)
    hand_over(shop.ctx, job)
    report_success(shop.ctx, job.items[0].item_id, f"T-{job.items[0].item_id}")
    in_doubt(shop, job, 1)
    give_up(shop, job, 1)
    return job


def at_another_robot(shop: Shop, finish: Callable[[CreatedJob], None]) -> None:
    """Have a second wave with another carrier's robot, which is asked beside the first one."""
    job = in_second_wave(shop)
    claim(shop.ctx, job, 2)
    finish(job)
    for table in ("robot_jobs", "robot_job_dispatches"):
        key = "id" if table == "robot_jobs" else "job_id"
        shop.owner.execute(f"UPDATE {table} SET carrier = 'envia' WHERE {key} = %s", [job.job_id])  # noqa: S608


def neighbourhood(shop: Shop) -> CreatedJob:
    """Make jobs of each kind beside one whose second wave has the turn, and return that."""
    ctx = shop.ctx
    at_another_robot(shop, lambda job: data_of(note_accepted(ctx, DispatchRef(job.job_id, 2))))
    at_another_robot(shop, lambda job: data_of(note_unknown(ctx, DispatchRef(job.job_id, 2))))
    data_of(pause_job(ctx, in_second_wave(shop).job_id))
    ended = in_second_wave(shop)
    hand_over(ctx, ended, 2)
    for place in (2, 3):
        in_doubt(shop, ended, place)
    give_up(shop, ended, 3)
    hand_over(ctx, ended, 3)
    report_success(ctx, ended.items[4].item_id, "T-ended")
    shop.failed()
    mine = in_second_wave(shop, priority="urgent")
    make_job(shop.owner, ctx, items=3, wave_size=2)
    return mine


def everything_else(shop: Shop, mine: CreatedJob) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of jobs but those of a job's second and later waves, without what tells of turns."""
    rows = {}
    for table, where in (
        ("robot_jobs", "id <> %(job)s"),
        ("robot_job_items", "job_id <> %(job)s OR dispatch < 2"),
        ("robot_job_dispatches", "job_id <> %(job)s OR dispatch < 2"),
        ("robot_job_item_attempts", "job_id <> %(job)s OR dispatch < 2"),
        ("robot_job_item_reports", "item_id <> ALL (SELECT id FROM robot_job_items WHERE job_id = %(job)s)"),
        ("orders", "id <> ALL (SELECT order_id FROM robot_job_items WHERE job_id = %(job)s)"),
    ):
        query = f"SELECT * FROM {table} AS it WHERE workspace_id = %(workspace)s AND ({where}) ORDER BY it::text"  # noqa: S608
        found = shop.owner.cursor(row_factory=dict_row).execute(
            query, {"job": mine.job_id, "workspace": shop.ctx.workspace_id}
        )
        left_out = OF_TURNS if table == "robot_job_dispatches" else ()
        rows[table] = [{name: value for name, value in row.items() if name not in left_out} for row in found]
    return rows


def second(mine: CreatedJob) -> DispatchRef:
    return DispatchRef(mine.job_id, 2)


def it_is_claimed(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    yield
    claim(shop.ctx, mine, 2)


def it_is_accepted(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    claim(shop.ctx, mine, 2)
    yield
    data_of(note_accepted(shop.ctx, second(mine)))


def its_outcome_is_unknown(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    claim(shop.ctx, mine, 2)
    yield
    data_of(note_unknown(shop.ctx, second(mine)))


def the_robot_is_busy(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    claim(shop.ctx, mine, 2)
    yield
    data_of(release_dispatch(shop.ctx, second(mine), "busy", "Ya hay un lote en proceso"))


def the_robot_is_busy_though_the_wave_was_ended(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    claim(shop.ctx, mine, 2)
    data_of(update_job_status(shop.ctx, UpdateJobStatusParams(mine.job_id, "failed", "unknown", "ended")))
    yield
    data_of(release_dispatch(shop.ctx, second(mine), "busy", "Ya hay un lote en proceso"))


def it_is_tried_again(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    claim(shop.ctx, mine, 2)
    data_of(release_dispatch(shop.ctx, second(mine), "busy", "Ya hay un lote en proceso"))
    make_due(shop.owner, mine)
    yield
    claim(shop.ctx, mine, 2)


def it_is_refused_for_good(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    claim(shop.ctx, mine, 2)
    yield
    data_of(note_refused(shop.ctx, second(mine), "no such portal"))


def its_reports_come(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    hand_over(shop.ctx, mine, 2)
    yield
    report_success(shop.ctx, mine.items[2].item_id, "T-mine")
    in_doubt(shop, mine, 3)


def it_is_cancelled(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    yield
    data_of(cancel_job(shop.ctx, mine.job_id))


def it_is_held_and_let_go(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    yield
    data_of(pause_job(shop.ctx, mine.job_id))
    data_of(change_job(shop.ctx, ChangeJobParams(mine.job_id, priority="normal")))
    data_of(resume_job(shop.ctx, mine.job_id))


def it_is_ended_by_hand_and_announced(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    hand_over(shop.ctx, mine, 2)
    yield
    data_of(update_job_status(shop.ctx, UpdateJobStatusParams(mine.job_id, "failed", "unknown", "ended")))
    data_of(close_dispatches(shop.ctx, mine.job_id, 2))


def what_failed_is_sent_again(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    hand_over(shop.ctx, mine, 2)
    report_error(shop.ctx, mine.items[2].item_id)
    yield
    data_of(retry_failed_items(shop.ctx, RetryFailedItemsParams(mine.job_id, [mine.items[2].item_id])))


def what_is_in_doubt_is_settled(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    hand_over(shop.ctx, mine, 2)
    for place in (2, 3):
        in_doubt(shop, mine, place)
    yield
    said = [
        Settlement(mine.items[2].item_id, shipped=True, tracking_number="T-mine"),
        Settlement(mine.items[3].item_id, shipped=False),
    ]
    data_of(settle_items(shop.ctx, SettleItemsParams(mine.job_id, said, None)))


def the_database_was_restored(shop: Shop, mine: CreatedJob) -> Iterator[None]:
    hand_over(shop.ctx, mine, 2)
    yield
    data_of(unsettle_job(shop.ctx, UnsettleJobParams(mine.job_id, datetime.now(UTC))))


STORIES: list[Story] = [
    it_is_claimed,
    it_is_accepted,
    its_outcome_is_unknown,
    the_robot_is_busy,
    the_robot_is_busy_though_the_wave_was_ended,
    it_is_tried_again,
    it_is_refused_for_good,
    its_reports_come,
    it_is_cancelled,
    it_is_held_and_let_go,
    it_is_ended_by_hand_and_announced,
    what_failed_is_sent_again,
    what_is_in_doubt_is_settled,
    the_database_was_restored,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_it_is_done_with_one_wave_alone(story: Story, shop: Shop) -> None:
    """Naive: a statement that forgets whose rows it changes begins, closes or frees what a robot has elsewhere."""
    mine = neighbourhood(shop)
    steps = story(shop, mine)
    next(steps)
    before = everything_else(shop, mine)
    assert next(steps, None) is None
    assert everything_else(shop, mine) == before
