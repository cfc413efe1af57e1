"""Orders: search as you type, filter, select."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.operator_page.html import page
from functions.operator_page.language import N_
from functions.operator_page.routing import routes
from functions.operator_page.visit import READ, ctx, here, need
from shared import domain
from shared.http.domain_api import data_of

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response

#: What a list shows.
FILTERS = {
    "to-ship": N_("To ship"),
    "in-job": N_("In a job"),
    "shipped": N_("Shipped"),
    "failed": N_("Failed in the last 14 days"),
    "without-guide": N_("Without guide"),
    "all": N_("All"),
}
#: Lists by an order's own numbers → whether it is shipped, and whether it has a guide.
_BY_NUMBERS: dict[str, tuple[bool | None, bool | None]] = {
    "to-ship": (False, None),
    "shipped": (True, None),
    "without-guide": (True, False),
    "all": (None, None),
}
#: Lists by what became of an order in its jobs.
_BY_ITEMS: dict[str, domain.OrderState] = {"in-job": "in_job", "failed": "failed"}
_PAGE = 50


@routes.get("/app/orders")
def list_orders() -> Response[str]:
    """List and search the orders; while somebody types, the list alone."""
    need(READ)
    visit = here()
    show = asked_list(visit.query.get("show", ""))
    search = visit.query.get("search", "").strip()
    found = found_orders(show, search, visit.query.get("cursor") or None, _PAGE)
    template = "_orders.html" if visit.headers.get("hx-target") == "orders" else "orders.html"
    return page(template, found=found, show=show, search=search, filters=FILTERS)


def asked_list(name: str) -> str:
    """Return which list is asked for; one that there is not is all."""
    return name if name in FILTERS else "all"


def found_orders(show: str, search: str, cursor: str | None, limit: int) -> domain.OrderPage:
    """Return a page of a list, or what is found in it."""
    if state := _BY_ITEMS.get(show):
        by_items = domain.ListOrdersByItemsParams(state, search or None, limit, cursor)
        return data_of(domain.list_orders_by_items(ctx(), by_items))
    shipped, has_guide = _BY_NUMBERS[show]
    wanted = domain.ListOrdersParams(search or None, shipped, has_guide, limit=limit, cursor=cursor)
    return data_of(domain.list_orders(ctx(), wanted))
