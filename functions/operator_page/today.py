"""The first page: what runs, and above all what needs a person."""

from aws_lambda_powertools.event_handler import Response

from functions.operator_page.html import page
from functions.operator_page.live import fragment, live
from functions.operator_page.routing import routes
from functions.operator_page.visit import READ, ctx, need
from shared import domain
from shared.carriers.registry import DEFAULT_CARRIER
from shared.http.domain_api import data_of

_TEMPLATE = "_today.html"
#: Jobs that are shown of those that have not ended; of a workspace one wave is with the robot.
_MOST_OPEN = 10


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
    running = data_of(domain.list_open_jobs(ctx(), _MOST_OPEN))
    return {
        "running": running,
        "attention": data_of(domain.list_attention(ctx())),
        "carrier": _carrier(),
        "has_jobs": bool(running or data_of(domain.list_jobs(ctx(), domain.ListJobsParams(limit=1))).jobs),
    }


def _carrier() -> str | None:
    """Return what of the carrier's account is missing; None: nothing is."""
    found = domain.get_carrier_config(ctx(), DEFAULT_CARRIER)
    if not found.success or found.data.portal is None:
        return "incomplete"
    return None if found.data.is_enabled else "stopped"
