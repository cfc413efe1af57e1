"""When contacts become clients: GET and PUT /client-activation."""

from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.manage_orders.models import ClientActivationBody, ClientActivationResource
from shared import domain
from shared.http.auth import READ_JOBS, WRITE_ORDERS, Caller
from shared.http.domain_api import data_of

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out


@routes.get("/client-activation", security=READ_JOBS, tags=["Client activation"])
def get_activation(caller: Caller) -> ClientActivationResource:
    """Show the workspace's rule."""
    return ClientActivationResource.model_validate(data_of(domain.get_client_activation(caller)))


@routes.put("/client-activation", security=WRITE_ORDERS, tags=["Client activation"])
def put_activation(caller: Caller, body: ClientActivationBody) -> ClientActivationResource:
    """Set the workspace's rule; what is left out stays as it is."""
    params = domain.UpsertClientActivationParams(**body.given())
    return ClientActivationResource.model_validate(data_of(domain.upsert_client_activation(caller, params)))
