"""Every minute: publish what was committed but not published, and forget what was published long ago."""

from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.logs import logger
from shared.workflow.publish import backlog, prune, relay_batch

metrics = Metrics()
#: Leaves the rest to the next minute before the function's time is up.
_RESERVE_MS = 10_000


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Publish batch after batch until nothing is due, and return how many events were and were not taken."""
    published = failed = 0
    while context.get_remaining_time_in_millis() > _RESERVE_MS:
        relayed = relay_batch()
        published += relayed.published
        failed += relayed.failed
        if not relayed.has_more:
            break
    pruned = prune()
    waiting = backlog()
    metrics.add_metric("EventsRelayed", MetricUnit.Count, published)
    metrics.add_metric("EventsNotTaken", MetricUnit.Count, failed)
    # The template's alarms watch these two.
    metrics.add_metric("EventsSetAside", MetricUnit.Count, waiting.set_aside)
    metrics.add_metric("OldestEventAge", MetricUnit.Seconds, waiting.oldest_s)
    logger.info("relayed", published=published, failed=failed, pruned=pruned)
    return {"published": published, "failed": failed, "pruned": pruned}
