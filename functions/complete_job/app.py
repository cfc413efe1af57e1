"""robot/job.completed, by SQS: announce the job's end, and close its hand-overs."""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.events import JobCompleted
from shared.logs import logger
from shared.workflow.complete import complete_job

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def complete(record: SQSRecord) -> None:
    """Take one event off the queue."""
    event = json.loads(record.body)
    completed = JobCompleted.model_validate(event["detail"])
    logger.set_correlation_id(event.get("id"))
    logger.append_keys(job_id=str(completed.job_id), workspace_id=str(completed.workspace_id))
    complete_job(completed)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Answer with the messages that are to be delivered again."""
    return process_partial_response(event=event, record_handler=complete, processor=processor, context=context)
