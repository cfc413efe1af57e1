"""The page's routes: each module that has some adds them here."""

from aws_lambda_powertools.event_handler.api_gateway import Router

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out
