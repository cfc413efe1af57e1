"""`robot-jobs audit`: whether what must hold in the database does hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID  # noqa: TC003 - typer reads it when the program runs

import typer

from local.cli.database_address import database_url, words_of
from local.cli.errors import CommandError
from local.cli.tables import findings_table
from local.cli.terminal import make_console

if TYPE_CHECKING:
    from shared.db.audit import Audited, Finding


def audit(
    *,
    workspace: Annotated[UUID | None, typer.Option(help="Look at this workspace only.")] = None,
    minutes: Annotated[int, typer.Option(min=0, help="How late events may be published and dispatches ended.")] = 15,
    hand_overs_off: Annotated[
        bool, typer.Option("--hand-overs-off", help="They are: no wave has its turn. Else one that waits is found.")
    ] = False,
) -> None:
    """Check the database that DATABASE_URL names, or the local stack's; exit code 1 if anything is wrong.

    The URL's role is robot_jobs_system, or one that may become it.
    """
    findings, audited = _read(database_url(), workspace, minutes, are_off=hand_overs_off)
    seen = (
        f"{audited.jobs} jobs of {audited.workspaces} workspaces, {audited.items} items, {audited.reports} reports,"
        f" {audited.events} events"
    )
    if findings:
        make_console().print(findings_table(findings))
        print(f"Wrong: {len(findings)}, in {seen}.")
        raise typer.Exit(1)
    print(f"All is well: {seen}.")


def _read(url: str, workspace: UUID | None, minutes: int, *, are_off: bool) -> tuple[list[Finding], Audited]:
    # The other commands need the API alone, and no database.
    import psycopg  # noqa: PLC0415

    from shared.db.audit import AuditRoleError, count_audited  # noqa: PLC0415
    from shared.db.audit import audit as find  # noqa: PLC0415

    try:
        with psycopg.connect(url) as conn:
            findings = find(conn, workspace_id=workspace, minutes=minutes, hand_overs_are_off=are_off)
            return findings, count_audited(conn, workspace_id=workspace)
    except AuditRoleError as error:
        raise CommandError(str(error)) from error
    except psycopg.Error as error:
        raise CommandError(f"The database can't be read: {words_of(error)}.") from error
