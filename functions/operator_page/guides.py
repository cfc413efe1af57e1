"""Guides: looked up by themselves, or now, by a button."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from functions.operator_page.language import _
from functions.operator_page.refused import message
from functions.operator_page.routing import routes
from functions.operator_page.visit import WRITE_JOBS, ctx, need
from functions.operator_page.web_answers import see
from shared import domain
from shared.carriers.registry import DEFAULT_CARRIER
from shared.http.domain_api import data_of
from shared.workflow.publish import publish_committed

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response


@routes.post("/app/guides")
def look_up_guides() -> Response[str]:
    """Look up the guides that are missing, in a job that can be watched; what is asked for already is left out."""
    need(WRITE_JOBS)
    result = domain.look_up_guides(ctx(), domain.LookUpGuidesParams())
    if not result.success and result.reason == "nothing_to_look_up":
        why = _("Each shipment of the last 30 days has its guide, or the robot is asked for it already.")
        return message(HTTPStatus.UNPROCESSABLE_ENTITY, _("No guide is missing"), why, {_("Jobs"): "/app/jobs"})
    created = data_of(result)
    publish_committed(ctx().workspace_id)
    return see(f"/app/jobs/{created.job_id}?said=looking-up")


def lookup_hours() -> int:
    """Return every how many hours guides are looked up by themselves; 0: never, or nothing is configured yet."""
    found = domain.get_carrier_config(ctx(), DEFAULT_CARRIER)
    return found.data.guide_lookup_hours if found.success else 0
