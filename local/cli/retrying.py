"""`robot-jobs retry`, `cancel` and `end`: what an operator does with a job that stands or has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from pydantic import ValidationError

from local.cli.connection import ApiUrl, Token, Workspace, connect
from local.cli.errors import ApiError, CommandError
from local.cli.items import JobItems
from local.cli.models import RejectedOrder
from local.cli.tables import rejected_table
from local.cli.terminal import make_console
from local.cli.to_settle import show_to_settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.cli.api import RobotJobsApi

JobId = Annotated[UUID, typer.Argument(help="The job's id.", metavar="JOB_ID")]
#: What is left out because it may have been shipped.
_UNSETTLED = "shipment_unsettled"


def retry(
    job_id: JobId,
    items: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ITEM]...", help="These (order's name, item's id or its beginning), or all."),
    ] = None,
    *,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Hand a job's failed orders to the robot again, as the orders are now.

    Left out is what was shipped, what may have been, and what can't be shipped as it is.
    """
    with connect(api_url, token, workspace) as api:
        wanted = _ids(api, job_id, items or ())
        try:
            retried = api.retry(job_id, wanted)
        except ApiError as error:
            # The sentence alone says that each has a reason, and not which.
            show_left_out(api, job_id, _skipped(error))
            raise
        print(f"Orders tried again: {retried.retried_count}")
        show_left_out(api, job_id, retried.skipped)


def cancel(job_id: JobId, *, api_url: ApiUrl = None, token: Token = None, workspace: Workspace = None) -> None:
    """Cancel the orders of a job that the robot has not been given; it finishes the wave that it has."""
    with connect(api_url, token, workspace) as api:
        print(f"Orders cancelled: {api.cancel(job_id)}")
        if wave := api.get_job(job_id).wave:
            print(f"The robot finishes the {wave.size - wave.reported} orders that it has.")


def end(
    job_id: JobId,
    *,
    failed: Annotated[
        bool | None,
        typer.Option("--failed/--completed", help="How; completed if anything was shipped, unless given."),
    ] = None,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """End a job by hand, without waiting for the robot: every order of it that is open fails.

    What the robot has may be shipped all the same, and is to be settled. `cancel` is what you want, unless the robot
    is known to be gone.
    """
    with connect(api_url, token, workspace) as api:
        if failed is None:
            failed = api.get_job(job_id).success_count == 0
        status = "failed" if failed else "completed"
        api.end(job_id, status)
        job = api.get_job(job_id)
        print(f"The job is {status}: {job.success_count} of {job.total_items} shipped, {job.error_count} failed.")
        show_to_settle(api, job, make_console())


def show_left_out(api: RobotJobsApi, job_id: UUID, left_out: Sequence[RejectedOrder]) -> None:
    """Show which orders a retry left out, each with the reason."""
    if not left_out:
        return
    known = JobItems(api.get_items(job_id))
    named = [each.model_copy(update={"reason": known.named(each.reason)}) for each in left_out]
    print(f"Left out: {len(left_out)}")
    make_console().print(rejected_table(named, known.label_of_rejected))
    if any(each.code == _UNSETTLED for each in left_out):
        print("Look for those that may have been shipped in the carrier's portal, and settle them first:")
        print(f"  robot-jobs show {job_id} --status unsettled")


def _ids(api: RobotJobsApi, job_id: UUID, names: Sequence[str]) -> list[UUID]:
    try:
        return [UUID(name) for name in names]
    except ValueError:
        known = JobItems(api.get_items(job_id))
        return [known.find(name).id for name in names]


def _skipped(error: ApiError) -> list[RejectedOrder]:
    entries = error.members.get("skipped")
    try:
        return [RejectedOrder.model_validate(each) for each in entries] if isinstance(entries, list) else []
    except ValidationError as problem:
        raise CommandError(f"{error}; its reasons can't be read.") from problem
