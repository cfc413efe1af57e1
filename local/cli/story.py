"""`robot-jobs order NAME`: the whole story of one order, from what it is to every report about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from uuid import UUID

import typer
from pydantic import BaseModel, ConfigDict
from rich.text import Text

from local.cli.connection import ApiUrl, Token, Workspace, connect
from local.cli.errors import CommandError
from local.cli.listings import AsCsv, AsJson, print_csv, print_json, require_one_form
from local.cli.models import ActivityEntry, ItemHistory, Order  # noqa: TC001 - pydantic reads the annotations
from local.cli.tables import make_table
from local.cli.terminal import make_console
from shared.logistics import id_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rich.table import Table

    from local.cli.api import RobotJobsApi
    from local.cli.models import Attempt, Report

#: What became of a hand-over.
_ATTEMPTS = {
    "accepted": "the robot took it",
    "calling": "the robot is being asked",
    "unknown": "nobody knows whether the robot took it",
    "refused": "the robot refused it",
}
_SOURCES = {"robot": "Robot", "person": "A person", "deadline": "The deadline", "restart": "The robot's restart"}
#: What became of a report, where it is more than that it was recorded.
_REPORTS = {"duplicate": "nothing new", "stale": "came too late to count", "conflict": "beside its own number"}
_SHIPMENTS = {"made": "made", "possible": "may have been made", "second": "second: void one"}
#: Commands, by their actions. Of a job they may have been about other orders of it.
_COMMANDS = {
    "order_changed": "changed {fields}",
    "job_submitted": "submitted it in job {job}",
    "job_retried": "retried {items} of its job",
    "job_settled": "settled orders of its job",
    "job_paused": "paused its job",
    "job_resumed": "resumed its job",
    "job_prioritised": "changed the priority of its job",
    "job_cancelled": "cancelled what waited of its job",
    "job_ended": "ended its job",
    "guides_looked_up": "looked for its guide",
}
#: What of a shipment's form a person recognises; of a later hand-over what has changed is told.
_SENT = ("nombres", "apellidos", "direccion", "ciudad", "celular", "totalConIva", "unidades")


class Moment(NamedTuple):
    """Something that happened to an order."""

    at: datetime
    job_id: UUID | None
    what: str


class Story(BaseModel):
    """An order and the history of each item that it is, or was."""

    model_config = ConfigDict(frozen=True)

    order: Order
    items: list[ItemHistory]
    activity: list[ActivityEntry] = []


def tell(  # noqa: PLR0913 - each parameter is an option of the command
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's name, a number of it, or its id.")],
    *,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Tell the whole story of an order: what it is, its shipments, every command, hand-over and report, in order."""
    require_one_form(as_json=as_json, as_csv=as_csv)
    with connect(api_url, token, workspace) as api:
        found = api.get_order(find_order(api, order).id)
        items = [api.get_item(each.job_id, each.item_id) for each in found.items]
        story = Story(order=found, items=items, activity=api.list_activity(found.id))
    if as_json:
        print_json(story)
    elif as_csv:
        rows = ((each.at.isoformat(), each.job_id, each.what) for each in moments(story))
        print_csv(("at", "job", "what"), rows)
    else:
        console = make_console()
        console.print(_facts(found))
        if found.shipments:
            console.print("\nShipments\n")
            console.print(_shipments(found))
        if happened := moments(story):
            console.print("\nWhat happened\n")
            console.print(_moments(happened))
        else:
            console.print("\nIt has been in no job yet.")


def find_order(api: RobotJobsApi, text: str) -> Order:
    """The one order that is called so, or has this number.

    Raises:
        CommandError: none is, or several are.
    """
    try:
        return api.get_order(UUID(text))
    except ValueError:
        pass
    wanted = id_form(text).casefold()
    page = api.list_orders(search=text, limit=500)
    exact = [order for order in page.orders if wanted in {id_form(name).casefold() for name in order.names}]
    if len(exact) == 1:
        return exact[0]
    if exact:
        ids = ", ".join(str(order.id) for order in exact)
        raise CommandError(f"{len(exact)} orders are called {text!r}; use an id instead: {ids}.")
    near = [order.name for order in page.orders[:5] if order.name]
    hint = f" Do you mean {', '.join(near)}?" if near else " `robot-jobs orders TEXT` searches."
    raise CommandError(f"No order is called {text!r}.{hint}")


def moments(story: Story) -> list[Moment]:
    """What happened to an order, in order."""
    commands = [moment for entry in story.activity for moment in _of_command(entry)]
    submitted = {entry.job_id for entry in story.activity if entry.action == "job_submitted"}
    told = [moment for history in story.items for moment in _of_item(history, submitted)]
    return sorted(told + commands, key=lambda moment: moment.at)


def _of_command(entry: ActivityEntry) -> Iterator[Moment]:
    what = _COMMANDS.get(entry.action)
    if what is None:
        return
    fields = ", ".join(map(str, entry.details.get("fields", ())))
    words = what.format(job=entry.job_id, fields=fields or "something", items=entry.details.get("items", "some"))
    yield Moment(entry.at, entry.job_id, f"{entry.actor or entry.source} {words}")


def _of_item(history: ItemHistory, submitted: set[UUID | None]) -> Iterator[Moment]:
    item = history.item
    job_id = item.job_id
    # The command says who did it; it is gone where it was before commands were kept.
    if item.created_at is not None and job_id not in submitted:
        yield Moment(item.created_at, job_id, f"Submitted in job {job_id}")
    sent: dict[str, Any] = {}
    for attempt in history.attempts:
        yield from _of_attempt(attempt, sent, job_id)
        sent = attempt.value_sent or sent
    has_report = any(attempt.reports for attempt in history.attempts)
    # What no robot had, or has refused, ended without a report.
    if item.status == "error" and item.completed_at is not None and not has_report:
        yield Moment(item.completed_at, job_id, f"Ended: {item.outcome}")
    if item.voided_at is not None:
        yield Moment(item.voided_at, job_id, "Voided at the carrier")


def _of_attempt(attempt: Attempt, before: dict[str, Any], job_id: UUID) -> Iterator[Moment]:
    number = "" if attempt.dispatch is None else f" {attempt.dispatch}"
    if attempt.handed_over_at is not None:
        what = f"Hand-over{number}: {_ATTEMPTS.get(attempt.outcome, attempt.outcome)}"
        yield Moment(attempt.handed_over_at, job_id, f"{what}{_sent(attempt.value_sent, before)}")
    about = "" if attempt.handed_over_at else f" (on hand-over{number or ' none'})"
    for report in attempt.reports:
        yield Moment(report.received_at, job_id, f"{_said(report)}{about}")


def _sent(value: dict[str, Any] | None, before: dict[str, Any]) -> str:
    if not value:
        return ""
    changed = {
        name: value[name] for name in _SENT if value.get(name) not in {None, ""} and value[name] != before.get(name)
    }
    if not changed:
        return "; sent as before"
    told = ", ".join(f"{name} {content}" if before else str(content) for name, content in changed.items())
    return f"; now with {told}" if before else f"; sent: {told}"


def _said(report: Report) -> str:
    who = _SOURCES.get(report.source, report.source)
    if report.status == "success":
        what = f"shipped, number {report.tracking_number}" if report.tracking_number else "shipped, number unknown"
    else:
        words = ": ".join(filter(None, (report.error_type, report.error_message)))
        what = (report.error_message if report.source == "person" else words) or "not shipped"
    became = _REPORTS.get(report.outcome)
    return f"{who}: {what}" + (f" [{became}]" if became else "")


def _facts(order: Order) -> Table:
    contact = order.contact
    place = ", ".join(filter(None, (order.shipping_city, order.shipping_department)))
    value = "" if order.total_value is None else f"{order.total_value:,.0f}".replace(",", ".")
    paid = "prepaid" if order.prepaid else "cash on delivery"
    facts = {
        "Order": order.name or "",
        "Id": str(order.id),
        "Recipient": ", ".join(filter(None, (contact.name, contact.phone))) if contact else "",
        "Address": ", ".join(filter(None, (order.shipping_address, place))),
        "Value": f"{value}, {paid}" if value else "",
        "Stage": order.stage_id or "",
        "Number": order.tracking_number or "none yet",
        "Guide": order.carrier_guide_number or "",
        "Other numbers": ", ".join(order.other_numbers),
    }
    table = make_table("", "")
    table.show_header = False
    for name, fact in facts.items():
        if fact:
            table.add_row(name, Text(fact))
    return table


def _shipments(order: Order) -> Table:
    jobs = [str(each.job_id) for each in order.shipments]
    table = make_table("Number", "Shipment", "At", "Job", Job=jobs)
    for each in order.shipments:
        known = _SHIPMENTS.get(each.shipment, each.shipment)
        table.add_row(Text(each.tracking_number or "unknown"), known, _time(each.at), str(each.job_id))
    return table


def _moments(happened: Sequence[Moment]) -> Table:
    table = make_table("When", "What", When=["2026-01-01", "00:00:00"])
    table.columns[0].no_wrap = True
    for moment in happened:
        table.add_row(_time(moment.at), Text(moment.what))
    return table


def _time(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
