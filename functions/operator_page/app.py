"""The operator's page: HTML made here, of what the domain says."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.operator_page import (  # noqa: F401 - each adds its routes
    activity,
    assets,
    cities,
    guides,
    job_commands,
    job_file,
    jobs,
    order,
    orders,
    settings,
    settle,
    ship,
    sign_in,
    today,
    upload,
)
from functions.operator_page.routing import routes
from functions.operator_page.web import PageApi
from shared.logs import logger

app = PageApi()
app.include_router(routes)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event."""
    return app.resolve(event, context)
