"""Orders: search as you type, filter, select."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.operator_page.guides import lookup_hours
from functions.operator_page.html import page
from functions.operator_page.language import N_
from functions.operator_page.routing import routes
from functions.operator_page.visit import READ, WRITE_JOBS, can, ctx, here, need
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
#: What is said of a list that has no order.
EMPTY = {
    "to-ship": N_("No order waits to be shipped."),
    "in-job": N_("No order is in a job now."),
    "shipped": N_("No order was shipped yet."),
    "failed": N_("No order failed in the last 14 days."),
    "without-guide": N_("No shipped order lacks its guide."),
    "all": N_("There are no orders yet."),
}
#: Lists of orders that were not shipped, which can be as a whole.
_OF_UNSHIPPED = ("to-ship", "failed")
_PAGE = 50
#: So many orders of a list are counted, of a million nobody needs the number; of what is searched, which costs more.
COUNTED, COUNTED_OF_SEARCH = 1_000, 100


@routes.get("/app/orders")
def list_orders() -> Response[str]:
    """List and search the orders; while somebody types, the list alone."""
    need(READ)
    visit = here()
    show = asked_list(visit.query.get("show", ""))
    search = visit.query.get("search", "").strip()
    cursor = visit.query.get("cursor") or None
    cap = COUNTED_OF_SEARCH if search else COUNTED
    found = found_orders(show, search, cursor, _PAGE, cap)
    ids = [order.id for order in found.orders]
    template = "_orders.html" if visit.headers.get("hx-target") == "orders" else "orders.html"
    return page(
        template,
        found=found,
        states=data_of(domain.get_order_states(ctx(), ids)).of if ids else {},
        counted=cap,
        is_later=cursor is not None,
        show=show,
        search=search,
        filters=FILTERS,
        can_ship=show in (*_OF_UNSHIPPED, "all") and can(WRITE_JOBS),
        ships_all=show in _OF_UNSHIPPED,
        empty=EMPTY[show],
        guide_hours=lookup_hours() if show == "without-guide" else 0,
    )


def asked_list(name: str) -> str:
    """Return which list is asked for; one that there is not is all."""
    return name if name in FILTERS else "all"


def found_orders(
    show: str, search: str, cursor: str | None, limit: int, count_to: int | None = None
) -> domain.OrderPage:
    """Return a page of a list, or what is found in it, and how many there are, where that is asked for."""
    if state := _BY_ITEMS.get(show):
        by_items = domain.ListOrdersByItemsParams(state, search or None, limit, cursor, count_to)
        return data_of(domain.list_orders_by_items(ctx(), by_items))
    shipped, has_guide = _BY_NUMBERS[show]
    params = domain.ListOrdersParams(
        search or None,
        shipped,
        has_guide,
        limit=limit,
        cursor=cursor,
        count_to=count_to,
        is_free=show == "to-ship",
    )
    return data_of(domain.list_orders(ctx(), params))
