"""robot/item.completed, by SQS: record what the robot reported."""

import json
from collections import defaultdict
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.record_results.poison import set_aside
from shared.events import ItemCompleted
from shared.logs import logger
from shared.workflow.record import record_reports

metrics = Metrics()


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Record a batch, a workspace at a time, and answer with the messages that are to be delivered again."""
    again: list[str] = []
    poison: dict[str, str] = {}
    by_workspace: defaultdict[Any, dict[str, ItemCompleted]] = defaultdict(dict)
    for record in event["Records"]:
        try:
            report = ItemCompleted.model_validate(json.loads(record["body"])["detail"])
        except (ValueError, KeyError, TypeError, RecursionError):
            # It goes to the dead letters after a while, for a person to look at; the others go on.
            logger.exception("a message is no report", message_id=record["messageId"])
            poison[record["messageId"]] = "NotAReport"
        else:
            by_workspace[report.workspace_id][record["messageId"]] = report
    for workspace_id, reports in by_workspace.items():
        unrecorded = record_reports(workspace_id, reports, metrics)
        again += unrecorded.again
        poison |= unrecorded.poison
    again += set_aside(poison, {record["messageId"]: record for record in event["Records"]}, metrics)
    # The template's alarm watches this one.
    metrics.add_metric("ReportsToBeRepeated", MetricUnit.Count, len(again))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
