"""Robot jobs: list, look, end, retry, cancel; and the description of the whole API."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.manage_jobs import activity, brake, commands, item, queries
from shared.http.description import api_description
from shared.http.domain_api import DomainApi
from shared.http.snapshots import start_from_snapshot
from shared.logs import logger

app = DomainApi()
app.include_router(queries.routes)
app.include_router(item.routes)
app.include_router(commands.routes)
app.include_router(brake.routes)
app.include_router(activity.routes)


@app.get("/openapi.json", tags=["Description"])
def openapi() -> dict[str, Any]:
    """Describe every route of the API."""
    return api_description()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event."""
    return app.resolve(event, context)


start_from_snapshot(app, "events")
