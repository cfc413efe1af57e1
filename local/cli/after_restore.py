"""`robot-jobs after-restore`: after a database was restored, nothing that it has forgotten may be shipped twice."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer

from local.cli.database_address import database_url, words_of
from local.cli.errors import CommandError
from local.cli.secret_texts import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.workflow.restore import Unsettled

#: Row-level security holds the first to one workspace at a time; the second sees which there are.
_APP, _SYSTEM = "robot_jobs_app", "robot_jobs_system"


def after_restore(
    *,
    since: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="The moment to which it was restored, with its zone: 2026-11-27T09:30:00-05:00."
        ),
    ],
) -> None:
    """Make every order unsettled that is not known to be shipped, in the restored database that DATABASE_URL names.

    Hand-overs are off meanwhile (parameter HandOvers). The URL's role may become robot_jobs_app and
    robot_jobs_system. Can be run again: what a person has settled since stays settled.
    """
    restored_to = _moment(since)
    # The other commands need the API alone, and no domain.
    from shared.domain import RetryableDatabaseError, find_workspaces  # noqa: PLC0415
    from shared.workflow.restore import unsettle_workspace  # noqa: PLC0415

    url = database_url()
    try:
        with _connected(url, _SYSTEM):
            workspaces = find_workspaces()
        with _connected(url, _APP):
            for number, workspace_id in enumerate(workspaces, start=1):
                print(f"{number} of {len(workspaces)}: {workspace_id}", flush=True)
                _tell(unsettle_workspace(workspace_id, restored_to))
    except RetryableDatabaseError as error:
        said = hidden(" ".join(str(error).split()))
        raise CommandError(f"The database does not do it now: {said}. What was done stands; run it again.") from error
    except psycopg.Error as error:
        raise CommandError(
            f"The database does not do it: {words_of(error)}. DATABASE_URL's role must be able to become {_APP} and"
            f" {_SYSTEM}: GRANT {_APP}, {_SYSTEM} TO it once, then run this again."
        ) from error
    print("Settle each order after a look at the carrier; then switch hand-overs on again.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise CommandError("--since is no time: write it as 2026-11-27T09:30:00-05:00.") from error
    if moment.tzinfo is None:
        raise CommandError("--since has no time zone: write -05:00 after it for Colombia, or +00:00 for UTC.")
    if moment > datetime.now(UTC):
        raise CommandError("--since is still to come; say to which moment the database was restored.")
    return moment


@contextmanager
def _connected(url: str, role: str) -> Iterator[None]:
    """Have the program use the database as this role until the block ends."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo  # noqa: PLC0415

    from shared.db.connection import close_connection  # noqa: PLC0415

    close_connection()  # another role's would be used for as long as it is open
    options = f"{conninfo_to_dict(url).get('options') or ''} -c role={role}".strip()
    os.environ["DATABASE_URL"] = make_conninfo(url, options=options)
    try:
        yield
    finally:
        close_connection()
        os.environ["DATABASE_URL"] = url


def _tell(done: Unsettled) -> None:
    unsettled = done.open_items + done.failed_items + done.new_items
    print(
        f"  orders unsettled: {unsettled} ({done.open_items} were on their way, {done.failed_items} had failed,"
        f" {done.new_items} had no job); jobs with new numbers: {done.jobs}"
    )
    for job_id in done.job_ids:
        print(f"  job {job_id}: orders that had none")
