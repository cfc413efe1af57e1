"""The first page: what runs, and above all what needs a person."""

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.operator_page.html import page

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out


@routes.get("/app")
def today() -> Response[str]:
    """Show what runs and what needs a person."""
    return page("today.html")
