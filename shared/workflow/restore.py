"""After a restore: of every workspace, what the database may have forgotten becomes unsettled."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from shared.domain import (
    DomainContext,
    DomainResult,
    ListJobsParams,
    UnsettleJobParams,
    UnsettleOrdersParams,
    list_jobs,
    pass_numbers_over,
    unsettle_job,
    unsettle_orders,
)
from shared.words import OPEN_STATUSES

T = TypeVar("T")


class RestoreError(Exception):
    """The domain refused what only a defect can ask of it."""


@dataclass(frozen=True)
class Unsettled:
    """What was done in a workspace: jobs whose numbers moved, items closed, orders unsettled, jobs made for them."""

    jobs: int
    open_items: int = 0
    failed_items: int = 0
    new_items: int = 0
    job_ids: list[UUID] = field(default_factory=list)


def unsettle_workspace(workspace_id: UUID, restored_to: datetime) -> Unsettled:
    """Make every order of a workspace unsettled that is not known to be made; done again, it does what is left.

    Raises:
        RetryableDatabaseError: the database could not do it this time; what was done before stands.
    """
    ctx = DomainContext(workspace_id, source="after-restore")
    # First of all: whatever is made of a job from now on has another number than what was forgotten.
    jobs = _data(pass_numbers_over(ctx))
    closed = _unsettle_jobs(ctx, restored_to)
    params = UnsettleOrdersParams(restored_to)
    failed, new, made = 0, 0, []
    while True:
        done = _data(unsettle_orders(ctx, params))
        failed, new = failed + done.by_failed, new + done.by_new
        made += [] if done.job_id is None else [done.job_id]
        if done.last_id is None:
            break
        params = UnsettleOrdersParams(restored_to, done.last_id)
    # Once more: somebody may have retried an order before it was come to. From now on nobody can.
    return Unsettled(jobs, closed + _unsettle_jobs(ctx, restored_to), failed, new, made)


def _unsettle_jobs(ctx: DomainContext, restored_to: datetime) -> int:
    return sum(_data(unsettle_job(ctx, UnsettleJobParams(job_id, restored_to))) for job_id in list(_open_jobs(ctx)))


def _open_jobs(ctx: DomainContext) -> Iterator[UUID]:
    for status in OPEN_STATUSES:
        cursor = None
        while True:
            page = _data(list_jobs(ctx, ListJobsParams(status, limit=500, cursor=cursor)))
            yield from (job.id for job in page.jobs)
            cursor = page.next_cursor
            if cursor is None:
                break


def _data(result: DomainResult[T]) -> T:
    if not result.success:
        raise RestoreError(result.error)
    return result.data
