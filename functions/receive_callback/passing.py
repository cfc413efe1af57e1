"""A report is passed on by the bus, or without it."""

import os

from shared.aws.bus import BusUnavailableError, put_event
from shared.aws.queues import send_event
from shared.events import ItemCompleted
from shared.logs import logger


def pass_on(event: ItemCompleted) -> None:
    """Give a report to the bus, and to record_results' own queue where the bus does not take it.

    Raises:
        QueueUnavailableError: the queue did not take it either.
    """
    try:
        put_event(event)
    except BusUnavailableError:
        # With the number, before anything more can fail: nobody else has it now.
        logger.exception("the bus did not take a report; the record queue gets it")
        send_event(os.environ["RECORD_QUEUE_URL"], event)
