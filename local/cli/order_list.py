"""`robot-jobs orders`: the workspace's orders, and those that a search finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from local.cli.connection import ApiUrl, Token, Workspace, connect
from local.cli.listings import AsCsv, AsJson, print_csv, print_json, require_one_form
from local.cli.tables import make_table
from local.cli.terminal import make_console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from local.cli.models import Order

_COLUMNS = ("id", "name", "contact", "phone", "city", "department", "stage", "number", "guide", "created")


def orders(  # noqa: PLR0913 - each parameter is an option of the command
    search: Annotated[
        str | None, typer.Argument(help="Part of a name, a number, a city, or the contact's name or phone.")
    ] = None,
    *,
    shipped: Annotated[bool | None, typer.Option("--shipped/--not-shipped", help="Only what is, or is not.")] = None,
    guide: Annotated[bool | None, typer.Option("--guide/--no-guide", help="Only with a guide, or without.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only orders of this stage.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most, 1 to 500.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where another list ended.")] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """List the workspace's orders, newest first; or those that have a text in them, without case and accents."""
    require_one_form(as_json=as_json, as_csv=as_csv)
    with connect(api_url, token, workspace) as api:
        page = api.list_orders(
            search=search, shipped=shipped, has_guide=guide, stage_id=stage, limit=limit, cursor=cursor
        )
    if as_json:
        print_json(page)
    elif as_csv:
        print_csv(_COLUMNS, (_cells(order) for order in page.orders))
    elif not page.orders:
        print("No orders." if search is None else f"No order has {search!r} in it.")
    else:
        make_console().print(orders_table(page.orders))
        if page.next_cursor:
            print(f"More: --cursor {page.next_cursor}")


def orders_table(orders: Sequence[Order]) -> Table:
    """One line an order."""
    names = [order.name or str(order.id) for order in orders]
    table = make_table("Order", "Recipient", "City", "Number", "Created", Created=["2026-01-01"], Order=names)
    for order, name in zip(orders, names, strict=True):
        recipient = (order.contact and order.contact.name) or ""
        numbers = " and ".join(filter(None, [order.tracking_number, *order.other_numbers]))
        created = order.created_at.astimezone().strftime("%Y-%m-%d") if order.created_at else ""
        table.add_row(*map(Text, (name, recipient, order.shipping_city or "", numbers, created)))
    return table


def _cells(order: Order) -> tuple[object, ...]:
    contact = order.contact
    return (
        *(order.id, order.name, contact and contact.name, contact and contact.phone),
        *(order.shipping_city, order.shipping_department, order.stage_id),
        *(order.tracking_number, order.carrier_guide_number, order.created_at and order.created_at.isoformat()),
    )
