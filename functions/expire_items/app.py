"""Every minute: end what the robot did not report in time, and wake hand-overs whose message was lost."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.aws.relay import relay_batch
from shared.domain import expire_dispatches

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Expire one batch of hand-overs, publish what that changed, and return what was done."""
    expired = expire_dispatches()
    relay_batch()
    metrics.add_metric("ItemsExpired", MetricUnit.Count, expired.closed_items)
    metrics.add_metric("ClaimsLost", MetricUnit.Count, expired.lost_claims)
    logger.info("expired", **asdict(expired))
    return asdict(expired)
