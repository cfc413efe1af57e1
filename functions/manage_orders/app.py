"""Orders, and when their contacts become clients."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.manage_orders import activation, lists, orders
from shared.http.domain_api import DomainApi
from shared.http.snapshots import start_from_snapshot
from shared.logs import logger

app = DomainApi()
app.include_router(orders.routes)
app.include_router(lists.routes)
app.include_router(activation.routes)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event."""
    return app.resolve(event, context)


start_from_snapshot(app, "events")
