"""Shipping: first what would go and what would not, then one button that ships once, however often it is pressed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from functions.operator_page.correct import correct_order, was_typed_in
from functions.operator_page.html import page
from functions.operator_page.ids import id_of
from functions.operator_page.language import ngettext, refusal_text
from functions.operator_page.named import called_by_name
from functions.operator_page.routing import routes
from functions.operator_page.selection import selected_orders
from functions.operator_page.shown_again import CHANGES
from functions.operator_page.visit import READ, WRITE_JOBS, WRITE_ORDERS, can, ctx, here, need
from functions.operator_page.web_answers import see
from shared import domain
from shared.carriers.registry import DEFAULT_CARRIER
from shared.domain.ids import uuid7
from shared.domain.jobs.models import MAX_ITEMS
from shared.domain.jobs.parcels import Blocked
from shared.http.domain_api import data_of, problem_of_failure
from shared.logistics import is_odd_amount
from shared.workflow.publish import publish_committed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from uuid import UUID

    from aws_lambda_powertools.event_handler import Response

    from shared.http.problems import Problem

#: Orders that would not go, and that are listed to be corrected: who has more corrects these first.
_MOST_LISTED = 200
#: From here on hours are said.
_MANY_MINUTES = 120
_BLOCKED = frozenset(Blocked)


@routes.post("/app/ship/preview")
def preview() -> Response[str]:
    """Say what would go, what is to be collected, and what would not, which can be corrected in place."""
    need(READ)
    visit = here()
    order_ids = selected_orders()
    if not order_ids:
        return see("/app/orders?show=to-ship&said=none-selected")
    refused: dict[str, str] = {}
    is_commanded = any(visit.field(each) for each in CHANGES)
    if is_commanded:
        need(WRITE_ORDERS)
        refused = _correct(order_ids)
    checked = data_of(domain.check_submission(ctx(), domain.SubmitJobParams(order_ids)))
    config = domain.get_carrier_config(ctx(), DEFAULT_CARRIER)
    shown = page(
        "ship.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        checked=checked,
        rejected=list(zip(checked.rejected, checked.rejected_orders, strict=True))[:_MOST_LISTED],
        listed=checked.going[:_MOST_LISTED],
        odd=[each for each in checked.going if not each.prepaid and is_odd_amount(each.total_value)],
        order_ids=order_ids,
        # Of this preview alone: pressed twice it is one job, and what is corrected after it went is another.
        key=f"page-{uuid7()}",
        is_more=len(order_ids) == MAX_ITEMS,
        refused=refused,
        takes=_takes(checked.takes),
        config=config.data if config.success else None,
        correctable=_correctable(checked.rejected) if can(WRITE_ORDERS) else frozenset(),
        is_commanded=is_commanded,
    )
    # So the back button leads to this preview with its key, and not to a browser's question about a form.
    shown.headers["Cache-Control"] = "private, no-cache"
    return shown


@routes.post("/app/ship")
def ship() -> Response[str]:
    """Make the job; the key of the preview makes it once, and a second press leads to the same job."""
    need(WRITE_JOBS)
    visit = here()
    order_ids = [id_of(each) for each in visit.field("going").split()]
    is_urgent = bool(visit.field("urgent"))
    params = domain.SubmitJobParams(
        order_ids, idempotency_key=visit.field("key") or None, priority="urgent" if is_urgent else "normal"
    )
    result = domain.submit_job(ctx(), params)
    if result.success:
        publish_committed(ctx().workspace_id)
        return see(f"/app/jobs/{result.data.job_id}?said=shipped")
    if result.reason == "duplicate_job":
        return see(f"/app/jobs/{result.details['existing_job_id']}?said=shipped-before")
    return _not_shipped(problem_of_failure(result), order_ids)


def _correctable(rejected: Sequence[domain.RejectedOrder]) -> frozenset[UUID]:
    """Return the orders that a correction lets go; what the guard stops, none does."""
    return frozenset(each.order_id for each in rejected if each.code not in _BLOCKED)


def _not_shipped(problem: Problem, order_ids: list[UUID]) -> Response[str]:
    """Say why nothing was shipped, and what stands in the way of each order, by its name."""
    now = domain.check_submission(ctx(), domain.SubmitJobParams(order_ids))
    rejected = now.data.rejected[:_MOST_LISTED] if now.success else []
    names = {each.order_id: each.name for each in now.data.rejected_orders if each.name} if now.success else {}
    return page(
        "not_shipped.html",
        status=problem.status,
        why=refusal_text(called_by_name(problem, names)),
        order_ids=order_ids,
        rejected=rejected,
        names=names,
    )


def _takes(time: timedelta) -> str:
    """Return how long the robot is at them; how long it is until it begins, nobody knows before."""
    minutes = max(1, round(time.total_seconds() / 60))
    if minutes < _MANY_MINUTES:
        said = ngettext(
            "The robot takes about %(num)s minute for this, once it has begun.",
            "The robot takes about %(num)s minutes for these, once it has begun.",
            minutes,
        )
        return said % {"num": minutes}
    hours = round(minutes / 60)
    said = ngettext(
        "The robot takes about %(num)s hour for these, once it has begun.",
        "The robot takes about %(num)s hours for these, once it has begun.",
        hours,
    )
    return said % {"num": hours}


def _correct(order_ids: list[UUID]) -> dict[str, str]:
    """Correct each of the orders in which something was typed, and return why not, by order."""
    visit = here()
    place = visit.field("place").split("|")
    if len(place) == len(("order", "city", "department")):
        order, city, department = place
        # As if somebody had typed it.
        visit.form = {**visit.form, f"city-{order}": [city], f"department-{order}": [department]}
    whys = {order_id: correct_order(order_id) for order_id in order_ids if was_typed_in(order_id)}
    return {str(each): why for each, why in whys.items() if why is not None}
