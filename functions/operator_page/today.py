"""The first page: what runs, and above all what needs a person."""

from dataclasses import dataclass

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.operator_page.html import page
from functions.operator_page.live import fragment, live
from functions.operator_page.visit import READ, ctx, need
from shared import domain
from shared.carriers.registry import DEFAULT_CARRIER
from shared.http.domain_api import data_of
from shared.words import OPEN_STATUSES

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out

_TEMPLATE = "_today.html"
#: Jobs that are shown of those that have not ended; of a workspace one wave is with the robot.
_MOST_OPEN = 10


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
    running = [_running(job) for job in _open_jobs()]
    return {
        "running": running,
        "attention": data_of(domain.list_attention(ctx())),
        "carrier": _carrier(),
        "has_jobs": bool(running or data_of(domain.list_jobs(ctx(), domain.ListJobsParams(limit=1))).jobs),
    }


def _open_jobs() -> list[domain.RobotJob]:
    """Return jobs that have not ended: shipments before lookups of guides, those that wait for a person first."""
    found: list[domain.RobotJob] = []
    for status in OPEN_STATUSES:
        params = domain.ListJobsParams(status, kind="shipment", limit=_MOST_OPEN)
        found += data_of(domain.list_jobs(ctx(), params)).jobs
    found.sort(key=lambda job: (job.paused_at is None, -job.created_at.timestamp()))
    if not found:
        found = data_of(domain.list_jobs(ctx(), domain.ListJobsParams("processing", kind="guide_lookup", limit=1))).jobs
    return found[:_MOST_OPEN]


def _running(job: domain.RobotJob) -> RunningJob:
    params = domain.GetJobPageParams(job.id, "processing", limit=1)
    found = data_of(domain.get_job_page(ctx(), params))
    return RunningJob(found.job, found.items[0] if found.items else None)


def _carrier() -> str | None:
    """Return what of the carrier's account is missing; None: nothing is."""
    found = domain.get_carrier_config(ctx(), DEFAULT_CARRIER)
    if not found.success or found.data.portal is None:
        return "incomplete"
    return None if found.data.is_enabled else "stopped"
