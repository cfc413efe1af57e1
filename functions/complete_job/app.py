"""robot/job.completed, by SQS: tell who listens for ended jobs, and close the job's hand-overs."""

import json
import os
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.aws.clients import client
from shared.domain import DispatchRef, DomainContext, close_dispatches, is_end_told
from shared.events import JobCompleted
from shared.logs import logger

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def complete(record: SQSRecord) -> None:
    """Notify, then clean up and note it; a repeated event finds both done.

    What dies between the two notifies again: better twice than not at all.
    """
    event = json.loads(record.body)
    completed = JobCompleted.model_validate(event["detail"])
    logger.set_correlation_id(event.get("id"))
    logger.append_keys(job_id=str(completed.job_id), workspace_id=str(completed.workspace_id))
    ctx = DomainContext(completed.workspace_id, source="completion")
    told = is_end_told(ctx, DispatchRef(completed.job_id, completed.dispatch))
    if told.success and told.data:
        logger.info("the end of this job was told before")
    else:
        notify(completed)
    closed = close_dispatches(ctx, completed.job_id, completed.dispatch)
    if not closed.success:
        logger.warning("an ended job is not in the database", reason=closed.error)


def notify(completed: JobCompleted) -> None:
    """Tell who listens, by attributes that they can filter by."""
    client("sns").publish(
        TopicArn=os.environ["NOTIFICATION_TOPIC_ARN"],
        Message=completed.to_detail(),
        MessageAttributes={
            "workspaceId": {"DataType": "String", "StringValue": str(completed.workspace_id)},
            "status": {"DataType": "String", "StringValue": completed.status},
        },
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Answer with the messages that are to be delivered again."""
    return process_partial_response(event=event, record_handler=complete, processor=processor, context=context)
