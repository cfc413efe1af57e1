"""POST /guide-lookups: make a job that looks up the numbers that buyers follow."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Header

from functions.submit_job.models import GuideLookupBody, IdempotencyKey, SubmittedJob
from shared.domain import LookUpGuidesParams, look_up_guides
from shared.http import refusal_page as page
from shared.http.auth import WRITE_JOBS, Caller
from shared.http.domain_api import data_of
from shared.logs import logger
from shared.metrics import count
from shared.workflow.publish import publish_committed

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out


@routes.post("/guide-lookups", status_code=HTTPStatus.CREATED, security=WRITE_JOBS, tags=["Robot jobs"])
def look_up(
    caller: Caller,
    body: GuideLookupBody | None = None,
    idempotency_key: Annotated[IdempotencyKey | None, Header(alias="Idempotency-Key")] = None,
) -> Response[SubmittedJob]:
    """Look up the guides of orders; where none are named, of those shipped in the last 30 days that lack one."""
    asked = body or GuideLookupBody()
    if idempotency_key and asked.idempotency_key and idempotency_key != asked.idempotency_key:
        raise page.idempotency_keys_differ()
    params = LookUpGuidesParams(asked.order_ids, asked.carrier, asked.idempotency_key or idempotency_key)
    lookup = data_of(look_up_guides(caller, params))
    logger.append_keys(job_id=str(lookup.job_id))
    publish_committed(caller.workspace_id)
    count("LookupsSubmitted", 1)
    return Response(
        status_code=HTTPStatus.CREATED,
        content_type=content_types.APPLICATION_JSON,
        headers={"Location": f"/robot-jobs/{lookup.job_id}"},
        body=SubmittedJob.model_validate(lookup),
    )
