"""Robot jobs: list, look, end, retry, cancel; and the description of the whole API."""

from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.manage_jobs import commands, queries
from shared.http.domain_api import DomainApi

logger = Logger()
app = DomainApi()
app.include_router(queries.routes)
app.include_router(commands.routes)


@app.get("/openapi.json", tags=["Description"], enable_validation=False)
def openapi() -> Response[str]:
    """Give the OpenAPI document of every route."""
    # Made from the code of all functions (`make openapi`): a function holds only its own routes.
    document = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
    return Response(status_code=200, content_type=content_types.APPLICATION_JSON, body=document)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event."""
    return app.resolve(event, context)
