"""Every minute: publish what was committed but not published, and forget what was published long ago."""

from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.logs import logger
from shared.workflow.relay import backlog, prune, relay

metrics = Metrics()
#: Leaves the rest to the next minute before the function's time is up.
_RESERVE_MS = 10_000


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Publish until nothing is due, forget what is old, and return how many events were and were not taken."""

    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > _RESERVE_MS

    relayed = relay(has_time)
    published, failed = relayed.published, relayed.failed
    pruned = prune(has_time)
    waiting = backlog()
    metrics.add_metric("EventsRelayed", MetricUnit.Count, published)
    metrics.add_metric("EventsNotTaken", MetricUnit.Count, failed)
    # The template's alarms watch these two.
    metrics.add_metric("EventsSetAside", MetricUnit.Count, waiting.set_aside)
    metrics.add_metric("OldestEventAge", MetricUnit.Seconds, waiting.oldest_s)
    logger.info("relayed", published=published, failed=failed, pruned=pruned)
    return {"published": published, "failed": failed, "pruned": pruned}
