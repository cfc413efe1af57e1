"""The routes that change robot jobs."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.manage_jobs.models import ChangeBody, JobReference, Retried, RetryBody, SettleBody, Settled
from shared import domain
from shared.http.auth import WRITE_JOBS, Caller
from shared.http.domain_api import data_of
from shared.http.models import JobId
from shared.workflow.publish import publish_committed

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out


@routes.patch("/robot-jobs/<jobId>", security=WRITE_JOBS, tags=["Robot jobs"])
def update_job(caller: Caller, job_id: JobId, body: ChangeBody) -> JobReference:
    """Give a job another priority, or a status by hand; ending it closes its open items."""
    reference = data_of(domain.change_job(caller, domain.ChangeJobParams(job_id, body.status, body.priority)))
    publish_committed(caller.workspace_id)
    return JobReference.model_validate(reference)


@routes.post("/robot-jobs/<jobId>/retry", status_code=HTTPStatus.ACCEPTED, security=WRITE_JOBS, tags=["Robot jobs"])
def retry_job(caller: Caller, job_id: JobId, body: RetryBody | None = None) -> Retried:
    """Hand the failed items, or those named, to the robot again, as their orders are now.

    Left out is what was shipped, what may have been, and what can't be shipped as it is.
    """
    params = domain.RetryFailedItemsParams(job_id, body.item_ids if body else None)
    retried = data_of(domain.retry_failed_items(caller, params))
    publish_committed(caller.workspace_id)
    return Retried.model_validate(retried)


@routes.post("/robot-jobs/<jobId>/settle", security=WRITE_JOBS, tags=["Robot jobs"])
def settle_job(caller: Caller, job_id: JobId, body: SettleBody) -> Settled:
    """Say what a person found at the carrier of items of which nobody knew whether they were shipped."""
    settlements = [domain.Settlement(**each.given()) for each in body.items]
    params = domain.SettleItemsParams(job_id, settlements, body.note, body.allow_shared_number)
    settled = data_of(domain.settle_items(caller, params))
    publish_committed(caller.workspace_id)
    return Settled.model_validate(settled)
