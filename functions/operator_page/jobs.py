"""Jobs: the list of them, and one of them, live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.operator_page.guides import lookup_hours
from functions.operator_page.html import page
from functions.operator_page.ids import id_of
from functions.operator_page.live import fragment, live
from functions.operator_page.routing import routes
from functions.operator_page.visit import READ, ctx, here, need
from shared import domain
from shared.http.domain_api import data_of
from shared.words import ITEM_FILTERS, ItemFilter

if TYPE_CHECKING:
    from uuid import UUID

    from aws_lambda_powertools.event_handler import Response

_TEMPLATE = "_job.html"
#: The filters that are offered; each item is in one of them, but for what was shipped twice or has no guide.
_SHOWN: tuple[ItemFilter, ...] = ("pending", "processing", "success", "failed", "unsettled", "second", "no_guide")


@routes.get("/app/jobs")
def list_jobs() -> Response[str]:
    """List the jobs, newest first."""
    need(READ)
    cursor = here().query.get("cursor")
    return page("jobs.html", found=data_of(domain.list_jobs(ctx(), domain.ListJobsParams(cursor=cursor))))


@routes.get("/app/jobs/<job_id>")
def show_job(job_id: str) -> Response[str]:
    """Show a job and a page of its items."""
    need(READ)
    values = _values(id_of(job_id))
    return page("job.html", live=fragment(_TEMPLATE, **values)[0], guide_hours=lookup_hours(), **values)


@routes.get("/app/jobs/<job_id>/live")
def show_job_live(job_id: str) -> Response[str]:
    """Show the part of it that moves."""
    need(READ)
    return live(_TEMPLATE, **_values(id_of(job_id)))


def _values(job_id: UUID) -> dict[str, Any]:
    visit = here()
    status = asked_filter(visit.query.get("status"))
    params = domain.GetJobPageParams(job_id, status, cursor=visit.query.get("cursor") or None)
    found = data_of(domain.get_job_page(ctx(), params))
    return {
        "job": found.job,
        "items": found.items,
        "next_cursor": found.next_cursor,
        "shown": status,
        "filters": _SHOWN,
    }


def asked_filter(status: str | None) -> ItemFilter | None:
    """Return which items are asked for; a filter that there is not is none."""
    return next((each for each in ITEM_FILTERS if each == status), None)
