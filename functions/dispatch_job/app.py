"""robot/job.submitted, by SQS: hand the job's orders over to the robot."""

import json
import os
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.aws.clients import client
from shared.events import JobSubmitted
from shared.logs import logger
from shared.workflow.hand_over import hand_over

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def dispatch(record: SQSRecord) -> None:
    """Make one hand-over; one that has to wait comes back through the queue after its delay."""
    event = json.loads(record.body)
    submitted = JobSubmitted.model_validate(event["detail"])
    logger.set_correlation_id(event.get("id"))
    logger.append_keys(
        job_id=str(submitted.job_id), workspace_id=str(submitted.workspace_id), dispatch=submitted.dispatch
    )
    later = hand_over(submitted)
    if later is not None:
        client("sqs").send_message(
            QueueUrl=os.environ["DISPATCH_QUEUE_URL"], MessageBody=record.body, DelaySeconds=later.delay_s
        )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Answer with the messages that are to be delivered again."""
    return process_partial_response(event=event, record_handler=dispatch, processor=processor, context=context)
