"""`python -m local.demo [ORDERS]`: the main job, end to end, on the local stack; with a count, a batch with a brake."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg

from local.cli.api import RobotJobsApi
from local.cli.connection import SCOPES, TOKEN_LIFETIME_S, issue
from local.cli.errors import CommandError
from local.cli.guides import guides_table
from local.cli.items import JobItems
from local.cli.order_files import read_orders
from local.cli.progress import watch_job
from local.cli.retrying import show_left_out
from local.cli.settle import settle_all
from local.cli.tables import items_table, rejected_table
from local.cli.terminal import make_console
from local.cli.to_settle import show_to_settle
from local.demo.automations import subscribed
from local.demo.check import find_faults
from local.demo.portal import judge, search
from local.demo.robot import FAULTS, behave_as_in_the_demo, shipments_of
from local.demo.tell import CARRIER, tell
from local.demo.waves import run_waves
from local.stack.errors import StackError
from local.stack.up import ensure_up
from shared.db.audit import audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from local.cli.models import Item, Submission
    from local.cli.settlements import Settlement
    from local.stack.state import Stack

ORDERS = Path(__file__).resolve().parents[1] / "samples" / "orders.csv"
#: The other two of the sample orders can't ship.
SHIPPABLE = 23
#: For one run of the robot: 23 orders take about 8 s, a busy robot, cold starts and a busy machine more.
JOB_TIMEOUT_S = 120
_EXAMPLES = 2
#: Orders of a batch that is paused and cancelled on its way.
LEAST, MOST = 100, 9_000
#: The faults after which a person has to look into the portal.
LOOKED_UP = {"answer_lost", "no_answer"}


def main() -> int:
    """Run the demo; 0 only if every shipment exists once and its number is on its order."""
    console = make_console()
    try:
        count = _count(sys.argv[1:])
        stack = ensure_up()
        workspace = uuid4()
        faults = _run(stack, workspace, console) if count is None else _run_waves(stack, workspace, console, count)
    except (CommandError, StackError) as error:
        print(f"The demo failed: {error}\n`make status` tells which parts of the stack run.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the stack is still up.", file=sys.stderr)
        return 130
    for fault in faults:
        print(f"WRONG: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _run(stack: Stack, workspace: UUID, console: Console) -> list[str]:
    orders = read_orders(ORDERS, workspace).orders
    names = {order.id: order.name for order in orders}
    behave_as_in_the_demo(stack.robot_url, workspace)
    token = issue(workspace, SCOPES, TOKEN_LIFETIME_S, None)
    with RobotJobsApi(stack.api_url, token) as api, subscribed(stack, workspace) as automations:
        tell(console, f"Workspace {workspace}, new for this run")
        account = {
            "portalUsername": "demo",
            "portalPassword": secrets.token_urlsafe(),
            "robotUrl": stack.robot_url,
            "isEnabled": True,
        }
        api.put_carrier_config(CARRIER, account)
        console.print(f"Account at {CARRIER} set.")
        console.print(f"{api.import_orders([order.body for order in orders])} orders imported.")

        tell(console, "Submit all of them")
        made = api.submit([order.id for order in orders], carrier=CARRIER, idempotency_key=f"demo {workspace}")
        console.print(f"Job {made.job_id}: {made.item_count} orders go ahead, {len(made.rejected)} are rejected:")
        console.print(rejected_table(made.rejected, lambda each: names[each.order_id]))

        items = _watch(api, made, console)
        unsettled = [item for item in items if item.is_unsettled]
        if unsettled:
            tell(console, "Look into the carrier's portal, and say what is there")
            settlements = _look_up(stack.robot_url, workspace, unsettled, console)
            settle_all(api, made.job_id, settlements, JobItems(unsettled), note="looked up in the portal")
        if any(item.status == "error" for item in items):
            tell(console, "Retry what was not shipped")
            retried = api.retry(made.job_id)
            console.print(f"{retried.retried_count} orders are handed over again.")
            show_left_out(api, made.job_id, retried.skipped)
            _watch(api, made, console)

        tell(console, "Look up the guides, which the buyers follow")
        lookup = api.look_up_guides()
        watch_job(api, lookup.job_id, console, timeout_s=JOB_TIMEOUT_S)
        looked_up = [api.get_order(item.order_id) for item in lookup.items]
        console.print(guides_table(looked_up))

        tell(console, "Automations that fired")
        _show(automations.drain(expected=4 * made.item_count), names, console)

        tell(console, "Check")
        submitted = [item.order_id for item in made.items]
        numbers = {order.id: api.get_order(order.id).tracking_number for order in orders}
    faults = find_faults(submitted, shipments_of(stack.robot_url, workspace), numbers, names)
    # A guide that is not there yet is no fault: the schedule looks for it again.
    if not any(order.carrier_guide_number for order in looked_up):
        faults.append("No order has a guide.")
    if len(submitted) != SHIPPABLE:
        faults.append(f"{SHIPPABLE} orders were to go ahead, {len(submitted)} did.")
    if (count := len(unsettled)) != (wanted := sum(fault in LOOKED_UP for fault in FAULTS.values())):
        faults.append(f"{wanted} orders were to end as maybe shipped, {count} did.")
    faults += _unsound(stack, workspace)
    if not faults:
        console.print(f"All {len(submitted)} shipments exist exactly once at the robot,", style="green")
        console.print(
            "and each order has the tracking number of its own. The audit finds nothing wrong.", style="green"
        )
    _how_to_go_on(stack, workspace, made.job_id, console)
    return faults


def _count(arguments: Sequence[str]) -> int | None:
    if not arguments:
        return None
    if arguments[0].isdecimal() and LEAST <= int(arguments[0]) <= MOST:
        return int(arguments[0])
    raise CommandError(f"ORDERS is a whole number, {LEAST} to {MOST:,}")


def _run_waves(stack: Stack, workspace: UUID, console: Console, count: int) -> list[str]:
    token = issue(workspace, SCOPES, TOKEN_LIFETIME_S, None)
    with RobotJobsApi(stack.api_url, token) as api:
        tell(console, f"Workspace {workspace}, new for this run")
        return run_waves(stack, workspace, api, console, count)


def _unsound(stack: Stack, workspace: UUID) -> list[str]:
    with psycopg.connect(stack.database_url, autocommit=True) as owner:
        return [finding.sentence for finding in audit(owner, workspace_id=workspace)]


def _watch(api: RobotJobsApi, made: Submission, console: Console) -> JobItems:
    job = watch_job(api, made.job_id, console, timeout_s=JOB_TIMEOUT_S)
    items = JobItems(api.get_items(made.job_id))
    console.print(items_table(list(items), items.label))
    show_to_settle(api, job, console, items)
    return items


def _look_up(robot_url: str, workspace: UUID, unsettled: Sequence[Item], console: Console) -> list[Settlement]:
    settlements = []
    for item in unsettled:
        found = search(robot_url, workspace, item.reference)
        shown = ", ".join(f"{each.numero} to {each.nombres} {each.apellidos}, {each.ciudad}" for each in found)
        settlements.append(judge(item, found))
        console.print(f"Searched for {item.reference}: {shown or 'nothing'}. So it was {settlements[-1].outcome}.")
    return settlements


def _show(fired: Mapping[str, Sequence[Mapping[str, Any]]], names: Mapping[UUID, str], console: Console) -> None:
    for detail_type, details in fired.items():
        console.print(f"{len(details):>4} of {detail_type}")
        for detail in details[:_EXAMPLES]:
            order = names[UUID(detail.get("entityId") or detail["orderId"])]
            news = (
                f"{detail['fieldName']} = {detail['newValue']}"
                if "fieldName" in detail
                else f"to be followed as {detail['carrierGuideNumber']}"
                if "carrierGuideNumber" in detail
                else f"shipped as {detail.get('trackingNumber')}"
            )
            console.print(f"       {order}: {news}")
    if not fired:
        console.print("None was received.")


def _how_to_go_on(stack: Stack, workspace: UUID, job_id: UUID, console: Console) -> None:
    command = ".venv/bin/robot-jobs"
    tell(console, "The stack stays up")
    console.print(f"API            {stack.api_url}", soft_wrap=True)
    console.print(f"Its page       {stack.api_url}/app", soft_wrap=True)
    console.print(f"Get a token    {command} token --workspace {workspace}", soft_wrap=True)
    console.print(f"See the job    {command} show {job_id} --workspace {workspace}", soft_wrap=True)
    console.print("Stop           make down")


if __name__ == "__main__":
    sys.exit(main())
