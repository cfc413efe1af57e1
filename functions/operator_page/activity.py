"""Who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.operator_page.html import page
from functions.operator_page.routing import routes
from functions.operator_page.told import told_changes
from functions.operator_page.visit import READ, ctx, here, need
from shared import domain
from shared.http.domain_api import data_of

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response


@routes.get("/app/activity")
def list_activity() -> Response[str]:
    """List what was done and by whom, newest first."""
    need(READ)
    params = domain.ListActivityParams(cursor=here().query.get("cursor") or None)
    return page("activity.html", found=data_of(domain.list_activity(ctx(), params)), told_changes=told_changes)
