"""`robot-jobs guides`: the numbers that buyers follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from local.cli.connection import ApiUrl, Token, Workspace, connect
from local.cli.errors import CommandError
from local.cli.listings import AsCsv, AsJson, print_csv, print_json, require_one_form
from local.cli.order_batches import told_apart
from local.cli.tables import make_table, rejected_table
from local.cli.terminal import make_console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from local.cli.models import Order

app = typer.Typer(no_args_is_help=True, help="Look up the numbers that buyers follow, and list them.")


@app.command()
def find(
    orders: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ORDER]...", help="By id; none: what was shipped in 30 days without a guide."),
    ] = None,
    *,
    idempotency_key: Annotated[str | None, typer.Option(help="The same key never makes a second job.")] = None,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Have the robot look guides up; `watch` follows the job, `guides list` shows what came of it."""
    ids, refs = told_apart(orders or ())
    if refs:
        raise CommandError(f"{refs[0]} is no order's id; `robot-jobs orders` shows them with --json.")
    with connect(api_url, token, workspace) as api:
        made = api.look_up_guides(ids, idempotency_key=idempotency_key)
    print(f"Job {made.job_id}, orders: {made.item_count}, rejected: {len(made.rejected)}")
    if made.rejected:
        make_console().print(rejected_table(made.rejected, lambda each: str(each.order_id)))


@app.command("list")
def list_guides(  # noqa: PLR0913 - each parameter is an option of the command
    *,
    missing: Annotated[bool, typer.Option("--missing", help="Only what was shipped and has none yet.")] = False,
    limit: Annotated[int, typer.Option(help="How many at most, 1 to 500.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where another list ended.")] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """List what was shipped, newest first, with its guide, or when it was last asked for."""
    require_one_form(as_json=as_json, as_csv=as_csv)
    with connect(api_url, token, workspace) as api:
        page = api.list_orders(shipped=True, has_guide=False if missing else None, limit=limit, cursor=cursor)
        # When a guide was asked for, an order says that is read alone.
        orders = [each if each.carrier_guide_number else api.get_order(each.id) for each in page.orders]
    if as_json:
        print_json(orders)
    elif as_csv:
        print_csv(("id", "name", "number", "guide", "asked"), (_cells(order) for order in orders))
    elif not orders:
        print("No orders.")
    else:
        make_console().print(guides_table(orders))
        if page.next_cursor:
            print(f"More: --cursor {page.next_cursor}")


def guides_table(orders: Sequence[Order]) -> Table:
    """One line an order."""
    names = [order.name or str(order.id) for order in orders]
    table = make_table("Order", "Number", "Guide", Order=names)
    for order, name in zip(orders, names, strict=True):
        table.add_row(*map(Text, (name, order.tracking_number or "", order.carrier_guide_number or _lacking(order))))
    return table


def _lacking(order: Order) -> str:
    if order.guide_asked_at is None:
        return "not asked for yet"
    return f"not there yet, asked at {order.guide_asked_at.astimezone():%Y-%m-%d %H:%M}"


def _cells(order: Order) -> tuple[object, ...]:
    asked = order.guide_asked_at and order.guide_asked_at.isoformat()
    return (order.id, order.name, order.tracking_number, order.carrier_guide_number, asked)
