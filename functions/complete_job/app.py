"""robot/job.completed, by SQS: tell who listens for ended jobs, and close the job's hand-overs."""

import json
import os
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.aws.clients import client
from shared.domain import DomainContext, close_dispatches
from shared.events import JobCompleted

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def complete(record: SQSRecord) -> None:
    """Notify, then clean up; a repeated event notifies again and cleans up nothing more."""
    completed = JobCompleted.model_validate(json.loads(record.body)["detail"])
    logger.append_keys(job_id=str(completed.job_id), workspace_id=str(completed.workspace_id))
    client("sns").publish(
        TopicArn=os.environ["NOTIFICATION_TOPIC_ARN"],
        Message=completed.to_detail(),
        MessageAttributes={
            "workspaceId": {"DataType": "String", "StringValue": str(completed.workspace_id)},
            "status": {"DataType": "String", "StringValue": completed.status},
        },
    )
    closed = close_dispatches(DomainContext(completed.workspace_id, source="completion"), completed.job_id)
    if not closed.success:
        logger.warning("an ended job is not in the database", reason=closed.error)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Answer with the messages that are to be delivered again."""
    return process_partial_response(event=event, record_handler=complete, processor=processor, context=context)
