"""robot/job.completed and robot/job.paused, by SQS: tell the workspace of a job's end, or of its pause by errors."""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.events import JobCompleted, JobPaused
from shared.logs import logger
from shared.workflow.complete import complete_job
from shared.workflow.tell_pause import tell_pause

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def tell(record: SQSRecord) -> None:
    """Take one event off the queue."""
    event = json.loads(record.body)
    logger.set_correlation_id(event.get("id"))
    is_pause = event["detail-type"] == JobPaused.detail_type
    told = (JobPaused if is_pause else JobCompleted).model_validate(event["detail"])
    logger.append_keys(job_id=str(told.job_id), workspace_id=str(told.workspace_id))
    if isinstance(told, JobPaused):
        tell_pause(told)
    else:
        complete_job(told)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Answer with the messages that are to be delivered again."""
    return process_partial_response(event=event, record_handler=tell, processor=processor, context=context)
