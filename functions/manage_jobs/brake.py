"""The routes that hold robot jobs: pause, resume, cancel."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.manage_jobs.models import Cancelled, JobReference
from shared import domain
from shared.http.auth import WRITE_JOBS, Caller
from shared.http.domain_api import data_of
from shared.http.models import JobId
from shared.workflow.publish import publish_committed

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out


@routes.post("/robot-jobs/<jobId>/pause", status_code=HTTPStatus.ACCEPTED, security=WRITE_JOBS, tags=["Robot jobs"])
def pause_job(caller: Caller, job_id: JobId) -> JobReference:
    """Start no further wave of a job; what the robot has goes on."""
    reference = data_of(domain.pause_job(caller, job_id))
    publish_committed(caller.workspace_id)
    return JobReference.model_validate(reference)


@routes.post("/robot-jobs/<jobId>/resume", status_code=HTTPStatus.ACCEPTED, security=WRITE_JOBS, tags=["Robot jobs"])
def resume_job(caller: Caller, job_id: JobId) -> JobReference:
    """Let a paused job go on in its turn."""
    reference = data_of(domain.resume_job(caller, job_id))
    publish_committed(caller.workspace_id)
    return JobReference.model_validate(reference)


@routes.post("/robot-jobs/<jobId>/cancel", status_code=HTTPStatus.ACCEPTED, security=WRITE_JOBS, tags=["Robot jobs"])
def cancel_job(caller: Caller, job_id: JobId) -> Cancelled:
    """Close the orders that no robot has been given yet; the wave at the robot stays open until it is reported."""
    cancelled = data_of(domain.cancel_job(caller, job_id))
    publish_committed(caller.workspace_id)
    return Cancelled.model_validate(cancelled)
