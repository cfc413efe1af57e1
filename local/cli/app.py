"""`robot-jobs`: the commands and their options."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path  # noqa: TC003 - typer reads it when the program runs
from typing import TYPE_CHECKING, Annotated
from uuid import UUID  # noqa: TC003 - typer reads it when the program runs

import typer
from typer.exceptions import TyperException

from local.cli import carrier, dead_letters, guides, orders
from local.cli.audit import audit
from local.cli.connection import (
    SCOPES,
    TOKEN_LIFETIME_S,
    ApiUrl,
    Token,
    Workspace,
    choose_token,
    connect,
    issue,
    workspace_of,
)
from local.cli.coverage import import_coverage
from local.cli.errors import ApiError, CommandError
from local.cli.going_on import going_on
from local.cli.import_orders import MapOption, import_orders
from local.cli.items import JobItems
from local.cli.job_errors import job
from local.cli.order_batches import submit_rows, told_apart
from local.cli.order_files import read_mapping, read_orders
from local.cli.order_list import orders as list_orders
from local.cli.progress import watch_job
from local.cli.retrying import JobId, cancel, end, retry
from local.cli.sample import sample
from local.cli.secret_texts import hidden, show_without_secrets
from local.cli.settle import NumberMayBeUnknown, settle
from local.cli.tables import items_table, jobs_table, rejected_table
from local.cli.terminal import make_console
from local.cli.to_settle import show_to_settle
from local.cli.waves import pause, resume, urgent
from local.stack.errors import StackError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: `watch` ends with it where a job has ended and some of its orders are not shipped.
EXIT_NOT_ALL_SHIPPED = 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Submit batches of orders to a shipping robot and follow them.",
)
app.add_typer(carrier.app, name="carrier")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(orders.app, name="order")
app.add_typer(guides.app, name="guides")
app.command("import-coverage")(import_coverage)
app.command("import-orders")(import_orders)
app.command()(audit)
app.command()(job)
app.command("orders")(list_orders)
app.command()(sample)
app.command(cls=NumberMayBeUnknown)(settle)
app.command()(retry)
app.command()(cancel)
app.command()(end)
app.command()(pause)
app.command()(resume)
app.command()(urgent)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; what goes wrong is one sentence on stderr and exit code 1."""
    sys.excepthook = show_without_secrets
    try:
        sys.exit(app(arguments, standalone_mode=False) or 0)
    except TyperException as error:
        # It repeats what was given, and that may be a token in the wrong place.
        # There is none where the help was shown instead.
        if message := error.format_message():
            print(hidden(f"robot-jobs: {message}\nSee robot-jobs --help."), file=sys.stderr)
        sys.exit(error.exit_code)
    except typer.Abort:
        print("Aborted.", file=sys.stderr)
        sys.exit(1)
    except (CommandError, StackError) as error:
        print(hidden(f"robot-jobs: {error}"), file=sys.stderr)
        if isinstance(error, ApiError) and isinstance(rejected := error.members.get("rejected"), list):
            for order in rejected:
                print(f"  {order['orderId']}: {order['reason']} ({order['code']})", file=sys.stderr)
        sys.exit(1)


@app.command()
def token(
    *,
    workspace: Annotated[UUID | None, typer.Option(help="The token's workspace; without, it has none.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Repeatable; every scope unless given.")] = None,
    expires_in: Annotated[int, typer.Option(help="Seconds; negative: expired already.")] = TOKEN_LIFETIME_S,
    audience: Annotated[str | None, typer.Option(help="Another audience than the API's.")] = None,
) -> None:
    """Print a bearer token for the running local stack."""
    print(issue(workspace, scope or SCOPES, expires_in, audience))


@app.command()
def submit(  # noqa: PLR0913 - each parameter is an option of the command
    orders: Annotated[
        list[str] | None, typer.Argument(metavar="[ORDER]...", help="Orders to ship, by id or by externalId.")
    ] = None,
    *,
    all_from: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Every order of this CSV or XLSX file.")
    ] = None,
    map_: MapOption = None,
    idempotency_key: Annotated[str | None, typer.Option(help="The same key never makes a second job.")] = None,
    allow_reshipment: Annotated[
        bool, typer.Option("--allow-reshipment", help="Also ship what has a tracking number already.")
    ] = False,
    urgent: Annotated[bool, typer.Option("--urgent", help="Before the jobs that wait.")] = False,
    wave_size: Annotated[
        int | None, typer.Option(help="Orders that the robot is given at once, 1 to 500; else as configured.")
    ] = None,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Hand a batch of orders to the robot."""
    bearer = choose_token(token, workspace)
    rows = read_orders(all_from, workspace_of(bearer), read_mapping(map_ or ())).orders if all_from else ()
    if not orders and not rows:
        raise CommandError("Nothing to submit: name order ids or --all-from FILE.csv.")
    named, refs = told_apart(orders or ())
    if refs and (named or not all(row.reference for row in rows)):
        raise CommandError("Name all orders by their ids, or all by what the shop calls them.")
    with connect(api_url, bearer, None) as api:
        send = partial(
            api.submit,
            idempotency_key=idempotency_key,
            allow_reshipment=allow_reshipment,
            priority="urgent" if urgent else None,
            wave_size=wave_size,
        )
        made, names = submit_rows(
            rows,
            lambda ids: send([*named, *ids], order_refs=refs),
            None if named else lambda more: send([], order_refs=[*refs, *more]),
        )
    print(f"Job {made.job_id}, orders: {made.item_count}, rejected: {len(made.rejected)}")
    if made.rejected:
        make_console().print(rejected_table(made.rejected, lambda each: names.get(each.order_id) or str(each.order_id)))


@app.command()
def watch(
    job_id: JobId,
    *,
    timeout: Annotated[float | None, typer.Option(help="Give up after so many seconds.")] = None,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Follow a job until it ends: exit code 0 if every order was shipped, 3 if not."""
    with connect(api_url, token, workspace) as api:
        console = make_console()
        job = watch_job(api, job_id, console, timeout_s=timeout)
        show_to_settle(api, job, console)
    if job.success_count < job.total_items:
        raise typer.Exit(EXIT_NOT_ALL_SHIPPED)


@app.command()
def show(
    job_id: JobId,
    *,
    status: Annotated[str | None, typer.Option(help="Only items of this status; also unsettled, second.")] = None,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Show a job and its orders."""
    with connect(api_url, token, workspace) as api:
        job, items = api.get_job(job_id), JobItems(api.get_items(job_id, status))
        console = make_console()
        console.print(jobs_table([job]))
        if goes_on := going_on(job):
            console.print(goes_on)
        console.print()
        console.print(items_table(list(items), items.label))
        show_to_settle(api, job, console, items)


@app.command("list")
def list_jobs(  # noqa: PLR0913 - each parameter is an option of the command
    *,
    status: Annotated[str | None, typer.Option(help="Only jobs of this status.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most, 1 to 500.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where another list ended.")] = None,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """List the workspace's jobs, newest first."""
    with connect(api_url, token, workspace) as api:
        page = api.list_jobs(status=status, limit=limit, cursor=cursor)
    if not page.jobs:
        print("No jobs.")
        return
    make_console().print(jobs_table(page.jobs))
    if page.next_cursor:
        print(f"More: --cursor {page.next_cursor}")
