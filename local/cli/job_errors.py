"""`robot-jobs job`: one job, and what went wrong in it, by kind."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from rich.text import Text

from local.cli.connection import ApiUrl, Token, Workspace, connect
from local.cli.items import JobItems
from local.cli.job_listings import print_jobs
from local.cli.listings import AsCsv, AsJson, print_csv, print_json, require_one_form
from local.cli.retrying import JobId  # noqa: TC001 - typer reads it when the program runs
from local.cli.tables import jobs_table, make_table
from local.cli.terminal import make_console

if TYPE_CHECKING:
    from rich.table import Table

#: Orders that a table names of each kind.
_NAMED = 3
_DIGITS = re.compile(r"\d+")


class ErrorGroup(BaseModel):
    """Failed orders with the same words, numbers aside."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    error_type: str
    #: As the first of them has it.
    error_message: str
    orders: list[str]


def job(  # noqa: PLR0913 - each parameter is an option of the command
    job_id: JobId,
    *,
    errors: Annotated[bool, typer.Option("--errors", help="What went wrong, by type and words.")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Show a job; with --errors, how many of its orders failed with which words, the most frequent first."""
    require_one_form(as_json=as_json, as_csv=as_csv)
    with connect(api_url, token, workspace) as api:
        shown = api.get_job(job_id)
        groups = error_groups(JobItems(api.get_items(job_id, "error"))) if errors else []
    if as_json:
        print_json(groups if errors else shown)
    elif as_csv:
        if errors:
            rows = (
                (len(group.orders), group.error_type, group.error_message, " ".join(group.orders)) for group in groups
            )
            print_csv(("count", "type", "words", "orders"), rows)
        else:
            print_jobs([shown])
    elif not errors:
        make_console().print(jobs_table([shown]))
    elif not groups:
        print("None of its orders has failed.")
    else:
        make_console().print(errors_table(groups))


def error_groups(items: JobItems) -> list[ErrorGroup]:
    """The failed items by type and words, numbers in the words aside; the most frequent first."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    words: dict[tuple[str, str], str] = {}
    for item in items:
        message = item.error_message or ""
        key = (item.error_type or "", _DIGITS.sub("#", message).casefold())
        words.setdefault(key, message)
        groups[key].append(items.label(item.id))
    ordered = sorted(groups.items(), key=lambda each: (-len(each[1]), each[0]))
    return [ErrorGroup(error_type=key[0], error_message=words[key], orders=labels) for key, labels in ordered]


def errors_table(groups: list[ErrorGroup]) -> Table:
    """One line a kind of error."""
    table = make_table("Orders", "Type", "Words", "Which", Type=["validation"])
    for group in groups:
        which = ", ".join(group.orders[:_NAMED]) + (" …" if len(group.orders) > _NAMED else "")
        table.add_row(*map(Text, (str(len(group.orders)), group.error_type, group.error_message, which)))
    return table
