"""Messages that no repeat helps leave the queue soon, so that it is empty when all that can be recorded is."""

import os
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from shared.aws.queues import QueueUnavailableError, send
from shared.logs import logger

#: Receives, about four minutes apart. The queue itself would give such a message back for days: it is patient, since an
#: outage is not the fault of the messages that wait for its end.
RECEIVES = 3


def set_aside(poison: Mapping[str, str], records: Mapping[str, dict[str, Any]], metrics: Metrics) -> list[str]:
    """Send messages (id → what is wrong) to the dead letters at their third receive, and return the ids of the others.

    Those are to be delivered again; what can't be sent is among them.
    """
    due = [each for each in poison if int(records[each]["attributes"]["ApproximateReceiveCount"]) >= RECEIVES]
    sent: set[str] = set()
    try:
        for message_id in due:
            send(
                os.environ["RECORD_DEAD_LETTER_QUEUE_URL"],
                records[message_id]["body"],
                {"ERROR_CODE": poison[message_id], "MESSAGE_ID": message_id},
            )
            sent.add(message_id)
    except QueueUnavailableError:
        logger.exception("poison can't be set aside now, and stays in its queue", left=len(due) - len(sent))
    if sent:
        logger.error("messages set aside in the dead letters", message_ids=sorted(sent))
    metrics.add_metric("ReportsSetAside", MetricUnit.Count, len(sent))
    return [message_id for message_id in poison if message_id not in sent]
