"""Which orders were chosen to be shipped: those that are ticked, all that a list had, or those of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.operator_page import order_file
from functions.operator_page.ids import id_of
from functions.operator_page.orders import asked_list, found_orders
from functions.operator_page.visit import ctx, here
from shared import domain
from shared.domain.jobs.models import MAX_ITEMS
from shared.http.domain_api import data_of

if TYPE_CHECKING:
    from uuid import UUID

_PAGE = 500


def selected_orders() -> list[UUID]:
    """Return the orders that the form chooses, 10,000 at most."""
    visit = here()
    if visit.field("which") == "all":
        return _all_of_list(asked_list(visit.field("show")), visit.field("search"))
    if upload_id := visit.field("upload"):
        return order_file.check_again(data_of(domain.get_upload(ctx(), id_of(upload_id)))).waiting_ids[:MAX_ITEMS]
    # A preview's own form has them in one field.
    ids = [id_of(each) for value in visit.fields("order") for each in value.split()]
    return list(dict.fromkeys(ids))[:MAX_ITEMS]


def _all_of_list(show: str, search: str) -> list[UUID]:
    found: list[UUID] = []
    cursor = None
    while len(found) < MAX_ITEMS:
        each = found_orders(show, search, cursor, _PAGE)
        found += [order.id for order in each.orders]
        cursor = each.next_cursor
        if cursor is None:
            break
    return found[:MAX_ITEMS]
