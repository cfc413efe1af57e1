"""The carrier's cities, while somebody types one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.operator_page.html import page
from functions.operator_page.routing import routes
from functions.operator_page.visit import READ, ctx, here, need
from shared import domain
from shared.domain.carriers.cities import MAX_SEARCH
from shared.http.domain_api import data_of

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response


@routes.get("/app/cities")
def find_cities() -> Response[str]:
    """Give what a city's field completes; the field is named after its order, as in `city-0198…`."""
    need(READ)
    typed = next((text for name, text in here().query.items() if name.startswith("city")), "").strip()[:MAX_SEARCH]
    found = data_of(domain.search_cities(ctx(), domain.SearchCitiesParams(typed))).cities if typed else []
    return page("_cities.html", cities=found)
