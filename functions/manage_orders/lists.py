"""Orders: list them, and search among them."""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.manage_orders.models import OrderList
from shared import domain
from shared.domain.orders.search import MAX_SEARCH
from shared.http.answers import largest_page
from shared.http.auth import READ_JOBS, Caller
from shared.http.domain_api import data_of
from shared.http.models import Cursor, Limit

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out

#: Lengths are said in the description; the domain holds them.
Search = Annotated[
    str | None,
    Query(
        description="Part of the name, of a number, of the city, or of the contact's name or phone, without case and "
        "accents; of one or two characters its beginning. A whole tracking number, of eight digits or more, finds its "
        "orders at once, and of the others those of the newest 1,000 that name it.",
        json_schema_extra={"minLength": 1, "maxLength": MAX_SEARCH},
    ),
]
HasGuide = Annotated[bool | None, Query(alias="hasGuide", description="Whether the carrier's guide is known.")]
StageId = Annotated[
    str | None, Query(alias="stageId", description="Only orders of this stage.", json_schema_extra={"maxLength": 1_000})
]


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

    def read(at_most: int) -> OrderList:
        params = domain.ListOrdersParams(search, shipped, has_guide, stage_id, at_most, cursor)
        return OrderList.model_validate(data_of(domain.list_orders(caller, params)))

    return largest_page(limit, read)
