"""Every minute: end what was not reported in time, wake hand-overs, look up due guides, forget people's data."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.domain import make_due_lookups, remove_personal_data
from shared.domain.jobs.open_items import read_standing
from shared.domain.jobs.retention import BATCH
from shared.logs import logger
from shared.workflow.expire import expire
from shared.workflow.relay import backlog, relay_batch

metrics = Metrics()
#: No batch is begun later than this: the rest is left to the next minute before the function's time is up.
_BEGIN_WITHIN_S = 28


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Expire what is due, forget what is past its time, count it all, look up guides, and publish what that changed."""
    begun = time.monotonic()

    def has_time() -> bool:
        return time.monotonic() - begun < _BEGIN_WITHIN_S

    expired = expire(has_time)
    emptied = _forget(has_time)
    metrics.add_metric("ItemsExpired", MetricUnit.Count, expired.closed_items)
    metrics.add_metric("ClaimsLost", MetricUnit.Count, expired.lost_claims)
    standing = read_standing()
    metrics.add_metric("OldestOpenItemAge", MetricUnit.Seconds, standing.oldest_open_item_s)
    metrics.add_metric("UnsettledItems", MetricUnit.Count, standing.unsettled_items)
    # The relay measures it as well, but not where the relay itself stands still.
    metrics.add_metric("OldestEventAge", MetricUnit.Seconds, backlog().oldest_s)
    # The template's alarms watch these two, and those above.
    metrics.add_metric("ItemsClosedDespiteMail", MetricUnit.Count, expired.closed_despite_mail)
    metrics.add_metric("SecondShipments", MetricUnit.Count, standing.second_shipments)
    try:
        lookups = make_due_lookups(has_time)
    finally:
        relay_batch()
    done = asdict(expired) | {"lookups": lookups, "emptied_items": emptied}
    logger.info("expired", **done)
    return done


def _forget(has_time: Callable[[], bool]) -> int:
    emptied = 0
    while has_time():
        batch = remove_personal_data()
        emptied += batch
        if batch < BATCH:
            break
    return emptied
