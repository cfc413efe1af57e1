"""Orders: import, look, change."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.manage_orders.models import (
    CheckedOrdersResource,
    ContactBody,
    ImportedOrdersResource,
    ImportOrdersBody,
    OrderDetail,
    OrderList,
    UpdateOrderBody,
)
from shared import domain
from shared.domain.orders.search import MAX_SEARCH
from shared.http.answers import fits
from shared.http.auth import READ_JOBS, WRITE_ORDERS, Caller
from shared.http.domain_api import data_of
from shared.http.models import Body, Cursor, Limit, OrderId
from shared.workflow.publish import publish_committed

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out

#: Lengths are said in the description; the domain holds them.
Search = Annotated[
    str | None,
    Query(
        description="Part of the name, of a number, of the city, or of the contact's name or phone, without case and "
        "accents; of one or two characters its beginning.",
        json_schema_extra={"minLength": 1, "maxLength": MAX_SEARCH},
    ),
]
HasGuide = Annotated[bool | None, Query(alias="hasGuide", description="Whether the carrier's guide is known.")]
StageId = Annotated[
    str | None, Query(alias="stageId", description="Only orders of this stage.", json_schema_extra={"maxLength": 1_000})
]


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


@routes.get("/orders", security=READ_JOBS, tags=["Orders"])
def list_orders(  # noqa: PLR0913, PLR0917 - each parameter is one of the route's
    caller: Caller,
    search: Search = None,
    shipped: bool | None = None,  # noqa: FBT001 - parameters of a route are named
    has_guide: HasGuide = None,
    stage_id: StageId = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OrderList:
    """List the orders, newest first, or those that are searched for."""
    while True:
        params = domain.ListOrdersParams(search, shipped, has_guide, stage_id, limit, cursor)
        page = OrderList.model_validate(data_of(domain.list_orders(caller, params)))
        if limit == 1 or fits(page):
            return page
        limit //= 2  # `limit` says how many at most: the cursor leads on from here.


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
