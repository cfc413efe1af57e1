"""Settling: a person has looked in the portal, and says what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from functions.operator_page.address import portal_url
from functions.operator_page.forms import FormError
from functions.operator_page.html import page
from functions.operator_page.ids import id_of
from functions.operator_page.items import recipient_of
from functions.operator_page.language import _, refusal_text
from functions.operator_page.routing import routes
from functions.operator_page.settlements import SharedNumberError, read_said, read_voided, reference_of
from functions.operator_page.visit import READ, WRITE_JOBS, ctx, here, need
from functions.operator_page.web_answers import see
from shared import domain
from shared.carriers.registry import CARRIERS
from shared.http.domain_api import data_of, problem_of_failure
from shared.workflow.publish import publish_committed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from aws_lambda_powertools.event_handler import Response

#: Settled at once at most; who has more does these first.
_MOST = 200
#: Orders that a refusal names.
_MOST_NAMED = 10


@dataclass(frozen=True)
class Searched:
    """An item to look for, by what the portal knows of it, and what was said of it in a form that was refused."""

    item: domain.RobotJobItem
    reference: str
    recipient: str
    city: str
    said: str
    number: str
    #: From when on it can be said not to be there; None: now.
    over_at: datetime | None


@dataclass(frozen=True)
class Refused:
    """Why nothing was recorded, and what a person needs to mend it."""

    why: str
    #: Numbers that other orders have: each with that order's id and name.
    taken: Sequence[tuple[str, UUID, str]] = ()
    #: Whether it helps to say that a number may be another order's.
    may_be_shared: bool = False


@dataclass(frozen=True)
class Doubled:
    """An item with more shipments than one, and those that may have been cancelled."""

    item: domain.RobotJobItem
    choices: list[domain.StandingShipment]
    said: str


@routes.get("/app/jobs/<job_id>/settle")
def ask_to_settle(job_id: str) -> Response[str]:
    """List what is to be looked for in the portal."""
    need(READ)
    return _form(_unsettled(id_of(job_id)))


@routes.post("/app/jobs/<job_id>/settle")
def settle_job(job_id: str) -> Response[str]:
    """Record what a person found: all of it, or nothing."""
    need(WRITE_JOBS)
    id_ = id_of(job_id)
    found = _unsettled(id_)
    try:
        said = read_said(id_, found.items)
    except FormError as error:
        return _form(found, Refused(str(error), may_be_shared=isinstance(error, SharedNumberError)))
    voided = read_voided(id_)
    if not said and not any(voided.values()):
        return _form(found, Refused(_("Say of one order at least what you found.")))
    refused = _recorded({**voided, id_: said + voided[id_]})
    return see(f"/app/jobs/{id_}?said=settled") if refused is None else _form(_unsettled(id_), refused)


def _recorded(settlements: dict[UUID, list[domain.Settlement]]) -> Refused | None:
    """Record the settlements of each job, the form's own first, and return why not; None: all are recorded."""
    visit = here()
    note, shared = visit.field("note") or None, bool(visit.field("shared"))
    is_begun = False
    for job_id, of_job in settlements.items():
        if not of_job:
            continue
        result = domain.settle_items(ctx(), domain.SettleItemsParams(job_id, of_job, note, shared))
        if not result.success:
            refused = _refused(job_id, result)
            begun = _("What this list has no more was recorded.")
            return replace(refused, why=f"{begun} {refused.why}") if is_begun else refused
        is_begun = True
        publish_committed(ctx().workspace_id)
    return None


def _refused(job_id: UUID, failure: domain.Failure) -> Refused:
    """Return why, by the names of orders and not by ids."""
    if failure.reason == "number_in_use":
        holders = [(each["tracking_number"], each["order_id"]) for each in _named(failure, "orders")]
        taken = [(number, id_, _name(data_of(domain.get_order(ctx(), id_)))) for number, id_ in holders]
        return Refused(
            _(
                "Another order has this number. Look again; if the portal shows it for this one,"
                " open the other order and correct its number first."
            ),
            taken,
            may_be_shared=True,
        )
    if failure.reason == "hand_over_not_over":
        why = _("Nothing was recorded: {why} That concerns: {named}.")
        named = ", ".join(map(reference_of, _items_of(job_id, failure)))
        return Refused(why.format(why=refusal_text(problem_of_failure(failure)), named=named))
    if failure.reason == "nothing_to_settle":
        why = _("These orders stand otherwise by now, and this can't be said of them: {named}. Open them and look.")
        return Refused(why.format(named=", ".join(map(reference_of, _items_of(job_id, failure)))))
    return Refused(refusal_text(problem_of_failure(failure)))


def _items_of(job_id: UUID, failure: domain.Failure) -> list[domain.RobotJobItem]:
    asked = [domain.GetJobItemParams(job_id, each["item_id"]) for each in _named(failure, "items")]
    return [data_of(domain.get_job_item(ctx(), each)).item for each in asked]


def _named(failure: domain.Failure, what: str) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", failure.details[what])[:_MOST_NAMED]


def _name(order: domain.Order) -> str:
    return order.name or order.external_id or str(order.id)


def _unsettled(job_id: UUID) -> domain.JobItemsPage:
    return data_of(domain.get_job_page(ctx(), domain.GetJobPageParams(job_id, "unsettled", limit=_MOST)))


def _form(found: domain.JobItemsPage, refused: Refused | None = None) -> Response[str]:
    visit = here()
    carrier = CARRIERS[found.job.carrier]
    params = domain.GetJobPageParams(found.job.id, "second", limit=_MOST)
    second = data_of(domain.get_job_page(ctx(), params)).items if found.job.counts.second else []
    return page(
        "settle.html",
        status=HTTPStatus.OK if refused is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        refused=refused,
        # What was ticked once is shown as it is.
        asks_shared=bool(visit.field("shared")) or (refused is not None and refused.may_be_shared),
        job=found.job,
        carrier=carrier,
        portal_url=portal_url(carrier),
        searched=_searched_all(found),
        doubled=list(_doubled(second)),
        pasted=visit.field("pasted"),
        note=visit.field("note"),
    )


def _searched_all(found: domain.JobItemsPage) -> list[Searched]:
    if not found.items:
        return []
    params = domain.JobItemsParams(found.job.id, [item.id for item in found.items])
    ends = data_of(domain.get_hand_over_ends(ctx(), params)).of
    return [_searched(item, ends.get(item.id)) for item in found.items]


def _searched(item: domain.RobotJobItem, over_at: datetime | None) -> Searched:
    visit = here()
    sent = item.value_sent or {}
    return Searched(
        item,
        reference_of(item),
        recipient_of(item),
        str(sent.get("ciudad") or item.validated_city or ""),
        visit.field(f"said-{item.id}"),
        visit.field(f"number-{item.id}"),
        over_at,
    )


def _doubled(second: Sequence[domain.RobotJobItem]) -> Iterable[Doubled]:
    """Give each item with what of its order can be voided: of a second any shipment, else its other numbers."""
    if not second:
        return
    standing = data_of(domain.list_standing_shipments(ctx(), [item.order_id for item in second]))
    for item in second:
        beside = [each for each in standing if each.order_id == item.order_id]
        choices = beside if item.shipment == "second" else [each for each in beside if each.item_id == item.id]
        yield Doubled(item, choices, here().field(f"voided-{item.id}"))
