"""The routes that look at robot jobs."""

from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.manage_jobs.models import JobDetail, JobList
from shared import domain
from shared.http.answers import largest_page
from shared.http.auth import READ_JOBS, Caller
from shared.http.domain_api import data_of
from shared.http.models import CarrierName, Cursor, JobId, Limit
from shared.words import ItemFilter, JobKind, JobStatus

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out


@routes.get("/robot-jobs", security=READ_JOBS, tags=["Robot jobs"])
def list_jobs(  # noqa: PLR0913, PLR0917 - the query's parameters
    caller: Caller,
    status: JobStatus | None = None,
    carrier: CarrierName | None = None,
    kind: JobKind | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JobList:
    """List the jobs, newest first."""
    page = data_of(domain.list_jobs(caller, domain.ListJobsParams(status, carrier, limit, cursor, kind)))
    return JobList.model_validate(page)


@routes.get("/robot-jobs/<jobId>", security=READ_JOBS, tags=["Robot jobs"])
def get_job(
    caller: Caller,
    job_id: JobId,
    status: ItemFilter | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JobDetail:
    """Show a job and a page of its items."""

    def read(at_most: int) -> JobDetail:
        params = domain.GetJobPageParams(job_id, status, at_most, cursor)
        return JobDetail.model_validate(data_of(domain.get_job_page(caller, params)))

    return largest_page(limit, read)
