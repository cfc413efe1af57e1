"""The first page: what runs, and above all what needs a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.operator_page.html import page
from functions.operator_page.live import fragment, live
from functions.operator_page.routing import routes
from functions.operator_page.visit import READ, ctx, need
from shared import domain
from shared.carriers.registry import DEFAULT_CARRIER
from shared.http.domain_api import data_of

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response

_TEMPLATE = "_today.html"
#: Jobs that are shown of those that have not ended; of a workspace one wave is with the robot.
_MOST_OPEN = 10
#: So many orders that wait are counted, as often as the page asks for what moves.
COUNTED = 100


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
    overview = data_of(domain.get_overview(ctx(), DEFAULT_CARRIER, _MOST_OPEN, COUNTED))
    return {
        "running": overview.open_jobs,
        "attention": overview.attention,
        "carrier": _missing(overview.carrier_config),
        "ended": [job for job in overview.newest_jobs if job.completed_at],
        "has_jobs": bool(overview.newest_jobs),
        "to_ship": overview.to_ship,
        "counted": COUNTED,
    }


def _missing(config: domain.CarrierConfig | None) -> str | None:
    """Return what of the carrier's account is missing; None: nothing is."""
    if config is None or config.portal is None:
        return "incomplete"
    return None if config.is_enabled else "stopped"
