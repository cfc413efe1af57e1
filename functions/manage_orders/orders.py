"""Orders: import, look, change."""

from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.manage_orders.models import (
    CheckedOrdersResource,
    ContactBody,
    ImportedOrdersResource,
    ImportOrdersBody,
    OrderDetail,
    UpdateOrderBody,
)
from shared import domain
from shared.http.auth import READ_JOBS, WRITE_ORDERS, Caller
from shared.http.domain_api import data_of
from shared.http.models import Body, OrderId
from shared.workflow.publish import publish_committed

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out


@routes.post("/orders", security=WRITE_ORDERS, tags=["Orders"])
def import_orders(caller: Caller, body: ImportOrdersBody) -> ImportedOrdersResource:
    """Make orders, and change those that are there already."""
    imported = data_of(domain.import_orders(caller, _import(body)))
    publish_committed(caller.workspace_id)
    return ImportedOrdersResource.model_validate(imported)


@routes.post("/order-checks", security=WRITE_ORDERS, tags=["Orders"])
def check_orders(caller: Caller, body: ImportOrdersBody) -> CheckedOrdersResource:
    """Tell what an import would do, and which new orders may have been entered twice; write nothing."""
    return CheckedOrdersResource.model_validate(data_of(domain.check_orders(caller, _import(body))))


@routes.get("/orders/<orderId>", security=READ_JOBS, tags=["Orders"])
def get_order(caller: Caller, order_id: OrderId) -> OrderDetail:
    """Show an order, its shipments, and the jobs that it is or was in."""
    return OrderDetail.model_validate(data_of(domain.get_order_in_detail(caller, order_id)))


@routes.patch("/orders/<orderId>", security=WRITE_ORDERS, tags=["Orders"])
def update_order(caller: Caller, order_id: OrderId, body: UpdateOrderBody) -> OrderDetail:
    """Change an order."""
    data_of(domain.update_order(caller, domain.UpdateOrderParams(order_id, **_given(body))))
    publish_committed(caller.workspace_id)
    return get_order(caller, order_id)


def _import(body: ImportOrdersBody) -> domain.ImportOrdersParams:
    return domain.ImportOrdersParams([domain.ImportOrder(**_given(order)) for order in body.orders])


def _given(body: Body) -> dict[str, Any]:
    given = body.given()
    if isinstance(given.get("contact"), ContactBody):
        given["contact"] = domain.ContactParams(**given["contact"].given())
    return given
