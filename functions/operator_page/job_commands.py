"""What a person does with a job: each is a form, and leads back to the job."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from functions.operator_page.html import page
from functions.operator_page.ids import id_of
from functions.operator_page.language import _
from functions.operator_page.routing import routes
from functions.operator_page.visit import READ, WRITE_JOBS, ctx, here, need
from functions.operator_page.web_answers import see
from shared import domain
from shared.http.domain_api import data_of
from shared.workflow.publish import publish_committed

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from aws_lambda_powertools.event_handler import Response

    from shared.domain import DomainResult


@routes.post("/app/jobs/<job_id>/pause")
def pause_job(job_id: str) -> Response[str]:
    """Start no further wave of a job."""
    return _command(domain.pause_job, job_id, "paused")


@routes.post("/app/jobs/<job_id>/resume")
def resume_job(job_id: str) -> Response[str]:
    """Let a paused job go on."""
    return _command(domain.resume_job, job_id, "resumed")


@routes.post("/app/jobs/<job_id>/priority")
def prioritise_job(job_id: str) -> Response[str]:
    """Let a job go before the others, or in its turn again."""
    need(WRITE_JOBS)
    is_urgent = here().field("priority") == "urgent"
    params = domain.ChangeJobParams(id_of(job_id), priority="urgent" if is_urgent else "normal")
    data_of(domain.change_job(ctx(), params))
    return _done(job_id, "prioritised")


@routes.get("/app/jobs/<job_id>/cancel")
def ask_to_cancel(job_id: str) -> Response[str]:
    """Say what a cancel does, and what it does not, before it is done."""
    need(WRITE_JOBS)
    params = domain.GetJobPageParams(id_of(job_id), limit=1)
    return page("cancel.html", job=data_of(domain.get_job_page(ctx(), params)).job)


@routes.post("/app/jobs/<job_id>/cancel")
def cancel_job(job_id: str) -> Response[str]:
    """Close what the robot has not been given."""
    return _command(domain.cancel_job, job_id, "cancelled")


@routes.get("/app/jobs/<job_id>/retry")
def ask_to_retry(job_id: str) -> Response[str]:
    """Say how many would be handed over again, and which would not, and why."""
    need(READ)
    return _retry_page(job_id, None)


def _retry_page(job_id: str, why: str | None) -> Response[str]:
    found = data_of(domain.get_job_page(ctx(), domain.GetJobPageParams(id_of(job_id), "error", limit=500)))
    checked = data_of(domain.check_retry(ctx(), id_of(job_id)))
    skipped = {each.item_id: each for each in checked.skipped}
    return page(
        "retry.html",
        status=HTTPStatus.OK if why is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        why=why,
        job=found.job,
        checked=checked,
        skipped=[(item, skipped[item.id]) for item in found.items if item.id in skipped],
        ready=[item for item in found.items if item.id not in skipped],
        is_whole=found.next_cursor is None,
    )


@routes.post("/app/jobs/<job_id>/retry")
def retry_job(job_id: str) -> Response[str]:
    """Hand all failed items over again, or those that are ticked."""
    need(WRITE_JOBS)
    visit = here()
    named = None if visit.field("which") == "all" else [id_of(each) for each in visit.fields("item")]
    if named == []:
        return _retry_page(job_id, _("Tick at least one order."))
    data_of(domain.retry_failed_items(ctx(), domain.RetryFailedItemsParams(id_of(job_id), named)))
    return _done(job_id, "retried")


def _command(
    command: Callable[[domain.DomainContext, UUID], DomainResult[Any]], job_id: str, said: str
) -> Response[str]:
    need(WRITE_JOBS)
    data_of(command(ctx(), id_of(job_id)))
    return _done(job_id, said)


def _done(job_id: str, said: str) -> Response[str]:
    publish_committed(ctx().workspace_id)
    return see(f"/app/jobs/{id_of(job_id)}?said={said}")
