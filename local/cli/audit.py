"""`robot-jobs audit`: whether what must hold in the database does hold."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Annotated
from uuid import UUID  # noqa: TC003 - typer reads it when the program runs

import typer

from local.cli.database_address import database_url, words_of
from local.cli.errors import CommandError
from local.cli.tables import findings_table
from local.cli.terminal import make_console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.db.audit import Audited, Finding

#: Lines of a table: what is found is shown before all is known.
_AT_ONCE = 100
#: Two rules are looked at at once, and printed in turn.
_printing = Lock()


def audit(
    *,
    workspace: Annotated[UUID | None, typer.Option(help="Look at this workspace only.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Leave out jobs that have ended and not changed since then (UTC).")
    ] = None,
    rule: Annotated[list[str] | None, typer.Option(help="Look for what breaks this rule only; repeatable.")] = None,
    minutes: Annotated[int, typer.Option(min=0, help="How late events may be published and dispatches ended.")] = 15,
    hand_overs_off: Annotated[
        bool, typer.Option("--hand-overs-off", help="They are: no wave has its turn. Else one that waits is found.")
    ] = False,
) -> None:
    """Check the database that DATABASE_URL names, or the local stack's; exit code 1 if anything is wrong.

    The URL's role is robot_jobs_system, or one that may become it. It only reads, on two connections, also a replica;
    what it finds is printed rule by rule, and how far it is on standard error where that is a terminal.
    """
    wrong, audited = _read(database_url(), workspace, since, rule or (), minutes, are_off=hand_overs_off)
    seen = (
        f"{audited.jobs} jobs of {audited.workspaces} workspaces, {audited.items} items, {audited.reports} reports,"
        f" {audited.events} events"
    )
    if wrong:
        print(f"Wrong: {wrong}, in {seen}.")
        raise typer.Exit(1)
    print(f"All is well: {seen}.")


def _read(  # noqa: PLR0913 - what is looked at
    url: str, workspace: UUID | None, since: datetime | None, rules: Sequence[str], minutes: int, *, are_off: bool
) -> tuple[int, Audited]:
    # The other commands need the API alone, and no database.
    import psycopg  # noqa: PLC0415

    from shared.db.audit import (  # noqa: PLC0415
        AuditRoleError,
        Scope,
        UnknownRuleError,
        audit_side_by_side,
        count_audited,
    )

    moment = None if since is None else since.replace(tzinfo=since.tzinfo or UTC)
    try:
        with psycopg.connect(url) as conn, psycopg.connect(url) as beside:
            scope = Scope(workspace, moment, minutes, rules, hand_overs_are_off=are_off)
            wrong = audit_side_by_side(conn, beside, scope, _print)
            return wrong, count_audited(conn, workspace_id=workspace)
    except (AuditRoleError, UnknownRuleError) as error:
        raise CommandError(str(error)) from error
    except psycopg.Error as error:
        raise CommandError(f"The database can't be read: {words_of(error)}.") from error


def _print(rule: str, found: Iterator[Finding]) -> int:
    """Print what breaks a rule a hundred at a time, and return how much it is."""
    begun, count = time.monotonic(), 0
    while findings := list(islice(found, _AT_ONCE)):
        with _printing:
            make_console().print(findings_table(findings))
        count += len(findings)
    if sys.stderr.isatty():
        with _printing:
            print(f"{rule}: {count or 'well'}, {time.monotonic() - begun:.1f} s", file=sys.stderr)
    return count
