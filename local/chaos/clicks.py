"""What an operator clicks who means no harm and looks nothing up first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.chaos.settling import settle_job
from local.chaos.stories import retry_twice
from local.cli.errors import ApiError
from shared.words import ENDED_STATUSES, PRIORITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from local.chaos.clerk import Clerk

_OPEN_JOBS = 4
_URGENT = 0.2
#: How long all is stopped.
_STOPPED_S = (0.5, 3.0)


def click_at_random(clerk: Clerk) -> None:
    """Click something."""
    if not clerk.work.jobs:
        submit(clerk)
        return
    [click] = clerk.chance.choices(list(_CLICKS), list(_CLICKS.values()))
    click(clerk)


def submit(clerk: Clerk) -> None:
    """Submit new orders, unless many jobs wait: the robot works one batch of a workspace after the other."""
    newest = clerk.insist(lambda: clerk.desk.list_jobs(limit=_OPEN_JOBS)).jobs
    if len(newest) < _OPEN_JOBS or any(job.has_ended for job in newest):
        orders = clerk.take_orders(clerk.chance.randint(1, 5))
        wave_size = clerk.chance.choice([None, None, 1, 2])
        clerk.submit(orders, urgent=clerk.chance.random() < _URGENT, wave_size=wave_size)


def _look_up(clerk: Clerk) -> None:
    orders = sorted(clerk.work.jobs[_job(clerk)])
    clerk.look_up(clerk.chance.choice([orders, []]))


def _settle(clerk: Clerk) -> None:
    settle_job(clerk, _job(clerk))


def _retry_all(clerk: Clerk) -> None:
    clerk.retry(_job(clerk))


def _retry_by_name(clerk: Clerk) -> None:
    job = _job(clerk)
    failed = clerk.insist(lambda: clerk.desk.look(job, "error"))
    if failed:
        clerk.retry(job, [clerk.chance.choice(failed).id])


def _submit_again(clerk: Clerk) -> None:
    clerk.submit(sorted(clerk.work.jobs[_job(clerk)]))


def _reship(clerk: Clerk) -> None:
    clerk.submit([_order(clerk)], again=True)


def _write_number(clerk: Clerk) -> None:
    order = _order(clerk)
    clerk.write_number(order, f"HAND-{clerk.work.names[order]}-{clerk.chance.randint(1, 9)}")


def _clear_number(clerk: Clerk) -> None:
    clerk.write_number(_order(clerk), None)


def _correct_address(clerk: Clerk) -> None:
    clerk.write_address(_order(clerk), f"Avenida {clerk.chance.randint(1, 9999)} # 3-4")


def _end(clerk: Clerk) -> None:
    job, status = _job(clerk), clerk.chance.choice(ENDED_STATUSES)
    clerk.click(lambda: clerk.desk.end(job, status))


def _cancel(clerk: Clerk) -> None:
    job = _job(clerk)
    cancelled = clerk.click(lambda: clerk.desk.cancel(job))
    clerk.work.cancelled_jobs += not isinstance(cancelled, ApiError) and cancelled > 0


def _pause(clerk: Clerk) -> None:
    clerk.pause(_job(clerk))


def _resume_all(clerk: Clerk) -> None:
    for job in clerk.insist(clerk.desk.stand_still):
        clerk.resume(job)


def _prioritise(clerk: Clerk) -> None:
    job, priority = _job(clerk), clerk.chance.choice(PRIORITIES)
    clerk.click(lambda: clerk.desk.prioritise(job, priority))


def _stop_all(clerk: Clerk) -> None:
    clerk.stop_all()
    clerk.wait(clerk.chance.uniform(*_STOPPED_S))
    clerk.let_go_on()


_CLICKS: Final[Mapping[Callable[[Clerk], None], float]] = {
    submit: 4,
    _settle: 4,
    _retry_all: 3,
    _retry_by_name: 2,
    _submit_again: 2,
    _look_up: 1.5,
    _reship: 0.7,
    _write_number: 0.7,
    _clear_number: 0.7,
    _correct_address: 1,
    _end: 0.4,
    _cancel: 0.7,
    _pause: 1,
    _resume_all: 1.5,
    _prioritise: 0.7,
    _stop_all: 0.2,
    retry_twice: 0.2,
}


def _job(clerk: Clerk) -> UUID:
    """One of the jobs, rather a new one."""
    jobs = list(clerk.work.jobs)
    return jobs[-1 - min(int(clerk.chance.expovariate(0.3)), len(jobs) - 1)]


def _order(clerk: Clerk) -> UUID:
    return clerk.chance.choice(sorted(clerk.work.jobs[_job(clerk)]))
