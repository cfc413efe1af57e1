"""POST /robot-jobs: make a job of the orders that can be shipped, and announce it; and one that looks up guides."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.submit_job import lookups
from functions.submit_job.models import IdempotencyKey, SubmitJobBody, SubmittedJob
from shared.domain import SubmitJobParams, SubmitRefsParams, submit_job, submit_refs
from shared.http import refusal_page as page
from shared.http.auth import WRITE_JOBS, Caller
from shared.http.domain_api import DomainApi, data_of
from shared.http.snapshots import start_from_snapshot
from shared.logs import logger
from shared.metrics import count
from shared.workflow.publish import publish_committed

app = DomainApi()
app.include_router(lookups.routes)


@app.post("/robot-jobs", status_code=HTTPStatus.CREATED, security=WRITE_JOBS, tags=["Robot jobs"])
def submit(
    caller: Caller,
    body: SubmitJobBody,
    idempotency_key: Annotated[IdempotencyKey | None, Header(alias="Idempotency-Key")] = None,
) -> Response[SubmittedJob]:
    """Submit orders to the robot."""
    if idempotency_key and body.idempotency_key and idempotency_key != body.idempotency_key:
        raise page.idempotency_keys_differ()
    if (body.order_ids is None) == (body.order_refs is None):
        raise page.ids_or_refs()
    key = body.idempotency_key or idempotency_key
    job = SubmitJobParams(body.order_ids or (), body.carrier, key, body.allow_reshipment, body.priority, body.wave_size)
    refs = body.order_refs
    submission = data_of(submit_job(caller, job) if refs is None else submit_refs(caller, SubmitRefsParams(refs, job)))
    logger.append_keys(job_id=str(submission.job_id))
    publish_committed(caller.workspace_id)
    count("JobsSubmitted", 1)
    count("ItemsSubmitted", submission.item_count)
    count("OrdersRejected", len(submission.rejected))
    return Response(
        status_code=HTTPStatus.CREATED,
        content_type=content_types.APPLICATION_JSON,
        headers={"Location": f"/robot-jobs/{submission.job_id}"},
        body=SubmittedJob.model_validate(submission),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event."""
    return app.resolve(event, context)


start_from_snapshot(app, "events")
