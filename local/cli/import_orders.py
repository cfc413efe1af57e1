"""`robot-jobs import-orders`: check a file of orders against what is there, and import it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local.cli.connection import ApiUrl, Token, Workspace, choose_token, connect, workspace_of
from local.cli.errors import CommandError
from local.cli.order_batches import CheckedRows, check_rows, import_rows
from local.cli.order_files import read_mapping, read_whole, refusal_of
from local.cli.terminal import make_console
from shared.intake import RefusedFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.cli.api import RobotJobsApi
    from shared.intake import OrderRow

#: It ends with it where orders were left out that look like another one.
EXIT_LEFT_OUT: Final = 3

OrdersFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="Orders, a line each: CSV, tab-separated or XLSX.")
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="HEADING=COLUMN", help="Which column a heading of the file is; - passes over it. Repeatable."
    ),
]


def import_orders(  # noqa: PLR0913 - each parameter is an option of the command
    file: OrdersFile,
    *,
    map_: MapOption = None,
    check: Annotated[bool, typer.Option("--check", help="Say what an import would do, and write nothing.")] = False,
    confirm_lookalikes: Annotated[
        bool, typer.Option("--confirm-lookalikes", help="Also import orders that look like one that was shipped.")
    ] = False,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Create or update the orders of a file; what is imported again is the same orders.

    New orders that look like one which is on its way, or was shipped in the last 30 days, are left out unless they are
    confirmed (exit code 3).
    """
    bearer = choose_token(token, workspace)
    read = read_whole(file, workspace_of(bearer), read_mapping(map_ or ()))
    if isinstance(read, RefusedFile):
        if check and read.readable:
            with connect(api_url, bearer, None) as api:
                print("Of the rows that can be read:")
                _show(check_rows(api, read.readable))
        raise CommandError(refusal_of(file, read))
    for remark in read.remarks:
        print(remark.sentence)
    with connect(api_url, bearer, None) as api:
        checked = check_rows(api, read.orders)
        if check:
            _show(checked)
            return
        left_out = [] if confirm_lookalikes else checked.lookalikes
        ids = {row.id for row, _ in left_out}
        print(f"Orders imported: {_import(api, [row for row in read.orders if row.id not in ids])}")
    if left_out:
        print(f"Left out, since they look like orders that are on their way or were shipped: {len(left_out)}")
        _show_lookalikes(left_out)
        print("Where they are orders of their own, import the file again with --confirm-lookalikes.")
        raise typer.Exit(EXIT_LEFT_OUT)


def _import(api: RobotJobsApi, rows: Sequence[OrderRow]) -> int:
    console = make_console()
    if not console.is_terminal:
        return import_rows(api, rows)
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(rows))
        return import_rows(api, rows, lambda count: progress.advance(task, count))


def _show(checked: CheckedRows) -> None:
    print(f"New: {checked.new}, changed: {checked.changed}, unchanged: {checked.unchanged}.")
    if checked.lookalikes:
        print(f"New, and look like orders that are on their way or were shipped: {len(checked.lookalikes)}")
        _show_lookalikes(checked.lookalikes)


def _show_lookalikes(lookalikes: Sequence[tuple[OrderRow, str]]) -> None:
    for row, reason in lookalikes:
        print(f"  line {row.line} ({row.name or row.id}): {reason}")
