"""Orders: search as you type, filter, select."""

from aws_lambda_powertools.event_handler import Response

from functions.operator_page.html import page
from functions.operator_page.language import N_
from functions.operator_page.routing import routes
from functions.operator_page.visit import READ, ctx, here, need
from shared import domain
from shared.http.domain_api import data_of

#: What a list shows → whether its orders are shipped, and whether they have a guide.
FILTERS: dict[str, tuple[bool | None, bool | None]] = {
    "to-ship": (False, None),
    "shipped": (True, None),
    "without-guide": (True, False),
    "all": (None, None),
}
FILTER_NAMES = {
    "to-ship": N_("To ship"),
    "shipped": N_("Shipped"),
    "without-guide": N_("Without guide"),
    "all": N_("All"),
}
_PAGE = 50


@routes.get("/app/orders")
def list_orders() -> Response[str]:
    """List and search the orders; while somebody types, the list alone."""
    need(READ)
    visit = here()
    show = asked_list(visit.query.get("show", ""))
    search = visit.query.get("search", "").strip()
    found = data_of(domain.list_orders(ctx(), wanted(show, search, visit.query.get("cursor") or None, _PAGE)))
    template = "_orders.html" if visit.headers.get("hx-target") == "orders" else "orders.html"
    return page(template, found=found, show=show, search=search, filters=FILTER_NAMES)


def asked_list(name: str) -> str:
    """Return which list is asked for; one that there is not is all."""
    return name if name in FILTERS else "all"


def wanted(show: str, search: str, cursor: str | None, limit: int) -> domain.ListOrdersParams:
    """Return what to ask the domain for."""
    shipped, has_guide = FILTERS[show]
    return domain.ListOrdersParams(search or None, shipped, has_guide, limit=limit, cursor=cursor)
