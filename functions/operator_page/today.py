"""The first page: what runs, and above all what needs a person."""

from dataclasses import dataclass

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.operator_page.html import page
from functions.operator_page.live import fragment, live
from functions.operator_page.visit import READ, ctx, need
from shared import domain
from shared.domain.carriers.registry import COORDINADORA
from shared.http.domain_api import data_of

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out

_TEMPLATE = "_today.html"
#: Jobs that run at once are few: of a workspace one wave is with the robot.
_MOST_RUNNING = 10
_MOST_ENDED = 20


@dataclass(frozen=True)
class RunningJob:
    """A job that has not ended, and the order that is in work."""

    job: domain.RobotJobInDetail
    in_work: domain.RobotJobItem | None


@routes.get("/app")
def today() -> Response[str]:
    """Show what runs and what needs a person."""
    need(READ)
    return page("today.html", live=fragment(_TEMPLATE, **_values())[0])


@routes.get("/app/today")
def today_live() -> Response[str]:
    """Show the part of it that moves."""
    need(READ)
    return live(_TEMPLATE, **_values())


def _values() -> dict[str, object]:
    jobs = data_of(domain.list_jobs(ctx(), domain.ListJobsParams(limit=_MOST_ENDED))).jobs
    open_jobs = [job for job in jobs if job.completed_at is None]
    failed = [job for job in jobs if job.completed_at is not None and job.error_count]
    attention = data_of(domain.list_attention(ctx()))
    unsettled = {each.job_id: each.unsettled for each in attention}
    return {
        "running": [_running(job) for job in open_jobs[:_MOST_RUNNING]],
        "attention": attention,
        # Of these nothing was made: a person corrects them, or tries again.
        "failed": [(job, rest) for job in failed if (rest := job.error_count - unsettled.get(job.id, 0)) > 0],
        "carrier": _carrier(),
        "has_jobs": bool(jobs),
    }


def _running(job: domain.RobotJob) -> RunningJob:
    params = domain.GetJobPageParams(job.id, "processing", limit=1)
    found = data_of(domain.get_job_page(ctx(), params))
    return RunningJob(found.job, found.items[0] if found.items else None)


def _carrier() -> str | None:
    """Return what of the carrier's account is missing; None: nothing is."""
    found = domain.get_carrier_config(ctx(), COORDINADORA)
    if not found.success or found.data.portal is None:
        return "incomplete"
    return None if found.data.is_enabled else "stopped"
