"""Settling: a person has looked in the portal, and says what is there."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.operator_page.html import page
from functions.operator_page.language import _, refusal_text
from functions.operator_page.visit import READ, WRITE_JOBS, ctx, here, need
from functions.operator_page.web_answers import see
from shared import domain
from shared.http.domain_api import data_of, problem_of_failure
from shared.workflow.publish import publish_committed

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out

#: Settled at once at most; who has more does these first.
_MOST = 200
#: In a pasted list, what says that a shipment is not there.
_NOT_THERE = frozenset({"no", "no esta", "no está", "not there", "no existe", "-", "0"})


@dataclass(frozen=True)
class Searched:
    """An item to look for, by what the portal knows of it, and what was said of it in a form that was refused."""

    item: domain.RobotJobItem
    reference: str
    recipient: str
    city: str
    said: str
    number: str


@routes.get("/app/jobs/<job_id>/settle")
def ask_to_settle(job_id: str) -> Response[str]:
    """List what is to be looked for in the portal."""
    need(READ)
    return _form(UUID(job_id))


@routes.post("/app/jobs/<job_id>/settle")
def settle_job(job_id: str) -> Response[str]:
    """Record what a person found: all of it, or nothing."""
    need(WRITE_JOBS)
    visit = here()
    id_ = UUID(job_id)
    if half_said := _half_said(id_):
        why = _("A number was typed for {references}, but not that it is there. Say so, or leave the number out.")
        return _form(id_, why.format(references=", ".join(half_said)))
    settlements, unread = _settlements(id_)
    if unread:
        return _form(
            id_, _("These lines of the list name no order that is to be settled: {lines}").format(lines=unread)
        )
    if not settlements:
        return _form(id_, _("Say of one order at least what you found."))
    params = domain.SettleItemsParams(id_, settlements, visit.field("note") or None, bool(visit.field("shared")))
    result = domain.settle_items(ctx(), params)
    if not result.success:
        return _form(id_, refusal_text(problem_of_failure(result)))
    publish_committed(ctx().workspace_id)
    return see(f"/app/jobs/{id_}?said=settled")


def _form(job_id: UUID, why: str | None = None) -> Response[str]:
    visit = here()
    params = domain.GetJobPageParams(job_id, "unsettled", limit=_MOST)
    found = data_of(domain.get_job_page(ctx(), params))
    second = data_of(domain.get_job_page(ctx(), domain.GetJobPageParams(job_id, "second", limit=_MOST)))
    return page(
        "settle.html",
        status=HTTPStatus.OK if why is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        why=why,
        job=found.job,
        searched=[_searched(item) for item in found.items],
        second=second.items,
        pasted=visit.field("pasted"),
        note=visit.field("note"),
    )


def _searched(item: domain.RobotJobItem) -> Searched:
    visit = here()
    sent: dict[str, Any] = item.value_sent or {}
    recipient = f"{sent.get('nombres') or ''} {sent.get('apellidos') or ''}".strip()
    return Searched(
        item,
        str(sent.get("referencia") or item.order_name or item.order_id),
        recipient,
        str(sent.get("ciudad") or item.validated_city or ""),
        visit.field(f"said-{item.id}"),
        visit.field(f"number-{item.id}"),
    )


def _half_said(job_id: UUID) -> list[str]:
    """Return the references of which a number was typed, and not that it is there: it must not be passed over."""
    visit = here()
    numbers = {id_ for name in visit.form if (id_ := name.removeprefix("number-")) != name and visit.field(name)}
    typed = {id_ for id_ in numbers if visit.field(f"said-{id_}") != "shipped"}
    if not typed:
        return []
    found = data_of(domain.get_job_page(ctx(), domain.GetJobPageParams(job_id, "unsettled", limit=_MOST)))
    return [_searched(item).reference for item in found.items if str(item.id) in typed]


def _settlements(job_id: UUID) -> tuple[list[domain.Settlement], str]:
    """Return what was said, of boxes and of the pasted list, and the lines of that which name nothing."""
    visit = here()
    settlements: dict[UUID, domain.Settlement] = {}
    for name in visit.form:
        kind, _dash, id_ = name.partition("-")
        if kind == "said" and (said := visit.field(name)):
            settlements[UUID(id_)] = _settlement(UUID(id_), said, visit.field(f"number-{id_}"))
    unread: list[str] = []
    if pasted := visit.field("pasted"):
        found = data_of(domain.get_job_page(ctx(), domain.GetJobPageParams(job_id, "unsettled", limit=500)))
        by_reference = {_searched(item).reference.casefold(): item.id for item in found.items}
        by_reference |= {item.order_name.casefold(): item.id for item in found.items if item.order_name}
        for line in filter(None, map(str.strip, pasted.splitlines())):
            reference, number = _cells(line)
            item_id = by_reference.get(reference.casefold())
            if item_id is None or not number:
                unread.append(line)
                continue
            is_there = number.casefold() not in _NOT_THERE
            settlements[item_id] = _settlement(item_id, "shipped" if is_there else "not", number if is_there else "")
    return list(settlements.values()), "; ".join(unread[:10])


def _cells(line: str) -> tuple[str, str]:
    for separator in ("\t", ";", ","):
        if separator in line:
            reference, _separator, number = line.partition(separator)
            return reference.strip(), number.strip()
    reference, _blank, number = line.partition(" ")
    return reference, number.strip()


def _settlement(item_id: UUID, said: str, number: str) -> domain.Settlement:
    if said == "voided":
        return domain.Settlement(item_id, voided=True)
    return domain.Settlement(
        item_id, shipped=said == "shipped", tracking_number=(number or None) if said == "shipped" else None
    )
