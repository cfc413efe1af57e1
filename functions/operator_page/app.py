"""The operator's page: HTML made here, of what the domain says."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.operator_page import (
    activity,
    assets,
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
from functions.operator_page.web import PageApi
from shared.logs import logger

app = PageApi()
for part in (
    activity,
    assets,
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
):
    app.include_router(part.routes)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event."""
    return app.resolve(event, context)
