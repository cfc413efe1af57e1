"""One order: what it is, and everything that ever happened to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from functions.operator_page.correct import correct_order, was_typed_in
from functions.operator_page.html import page
from functions.operator_page.ids import id_of
from functions.operator_page.routing import routes
from functions.operator_page.told import told_changes, told_sent
from functions.operator_page.visit import READ, WRITE_ORDERS, ctx, need
from functions.operator_page.web_answers import see
from shared import domain
from shared.domain.jobs.settle_sql import NOT_SHIPPED
from shared.http.domain_api import data_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from aws_lambda_powertools.event_handler import Response

_MOST_ENTRIES = 100
#: An order is rarely in more jobs; of one that is, the newest are told.
_MOST_ITEMS = 10
#: Commands on a job that concern some of its orders alone.
_OF_SOME = ("job_retried", "job_settled")


@dataclass(frozen=True)
class Moment:
    """One thing that happened to an order."""

    at: datetime
    kind: str
    entry: domain.ActivityEntry | None = None
    attempt: domain.ItemAttempt | None = None
    report: domain.ItemReport | None = None
    item: domain.RobotJobItem | None = None
    sent: dict[str, object] = field(default_factory=dict)

    @property
    def is_lookup(self) -> bool:
        """Whether it is of a search for the guide, which ships nothing."""
        return self.item is not None and self.item.shipment is None


@routes.get("/app/orders/<order_id>")
def show_order(order_id: str) -> Response[str]:
    """Show an order, its shipments and its story."""
    need(READ)
    return _page(id_of(order_id), None)


@routes.post("/app/orders/<order_id>")
def change_order(order_id: str) -> Response[str]:
    """Correct an order."""
    need(WRITE_ORDERS)
    id_ = id_of(order_id)
    is_changed = was_typed_in(id_)
    why = correct_order(id_)
    return see(f"/app/orders/{id_}?said={'saved' if is_changed else 'unchanged'}") if why is None else _page(id_, why)


def _page(order_id: UUID, why: str | None) -> Response[str]:
    order = data_of(domain.get_order_in_detail(ctx(), order_id))
    state = data_of(domain.get_order_states(ctx(), [order_id])).of.get(order_id, "to_ship")
    return page(
        "order.html",
        status=HTTPStatus.OK if why is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        order=order,
        state=state,
        unsettled=next((each for each in order.shipments if each.shipment == "possible"), None),
        moments=_story(order),
        told_changes=told_changes,
        told_sent=told_sent,
        why=why,
    )


def _story(order: domain.OrderInDetail) -> list[Moment]:
    params = domain.ListActivityParams(order_id=order.id, limit=_MOST_ENTRIES)
    moments = [Moment(order.created_at, "made")]
    touched: set[tuple[str, UUID | None]] = set()
    for each in order.items[-_MOST_ITEMS:]:
        history = data_of(domain.get_job_item(ctx(), domain.GetJobItemParams(each.job_id, each.item_id)))
        touched |= {(action, each.job_id) for action in _done_to(history)}
        for attempt in history.attempts:
            if attempt.handed_over_at is not None:
                sent = dict(attempt.value_sent or {})
                moments.append(Moment(attempt.handed_over_at, "sent", attempt=attempt, item=history.item, sent=sent))
            moments += [
                Moment(said.received_at, "looked" if _found_none(said) else "report", report=said, item=history.item)
                for said in attempt.reports
            ]
    moments += [
        Moment(entry.at, "entry", entry)
        for entry in data_of(domain.list_activity(ctx(), params)).entries
        if entry.action not in _OF_SOME or (entry.action, entry.job_id) in touched
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _done_to(history: domain.JobItemHistory) -> Iterator[str]:
    """Give the commands on its job that concerned this item."""
    if history.item.retry_count:
        yield "job_retried"
    said = [each for attempt in history.attempts for each in attempt.reports]
    is_told = any(each.source == "person" and (each.status == "success" or _found_none(each)) for each in said)
    # A shipment that was cancelled at the carrier leaves no report.
    if is_told or history.item.voided_at or any(each.outcome == "conflict" for each in said):
        yield "job_settled"


def _found_none(said: domain.ItemReport) -> bool:
    """Tell whether a person looked for a shipment and found none; ending a job by hand is a person's word, too."""
    return said.source == "person" and (said.error_message or "").startswith(NOT_SHIPPED)
