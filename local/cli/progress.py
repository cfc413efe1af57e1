"""A job as it goes along: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local.cli.errors import CommandError
from local.cli.going_on import going_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from rich.console import Console

    from local.cli.api import RobotJobsApi
    from local.cli.models import Job

INTERVAL_S = 0.4
#: Without a terminal a line is printed at most this often, and one at the end.
LINE_INTERVAL_S = 2


def watch_job(api: RobotJobsApi, job_id: UUID, console: Console, *, timeout_s: float | None = None) -> Job:
    """Show the job until it has ended, and return it.

    Raises:
        CommandError: it has not ended within `timeout_s`.
    """
    states = _states(api, job_id, timeout_s)
    return _bar(states, console) if console.is_terminal else _lines(states, console)


def _states(api: RobotJobsApi, job_id: UUID, timeout_s: float | None) -> Iterator[Job]:
    start = time.monotonic()
    while True:
        job = api.get_job(job_id)
        yield job
        if job.has_ended:
            return
        if timeout_s is not None and time.monotonic() - start > timeout_s:
            raise CommandError(f"Job {job_id} has not ended within {timeout_s:g} s; it is {_line(job)}.")
        time.sleep(INTERVAL_S)


def _bar(states: Iterator[Job], console: Console) -> Job:
    columns = (
        TextColumn("{task.fields[status]:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[green]{task.fields[success]}[/]  [red]{task.fields[error]} failed[/]{task.fields[unsettled]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[goes_on]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None, status="", success="", error=0, unsettled="", goes_on="")
        for job in states:
            progress.update(
                task,
                total=job.total_items,
                completed=job.success_count + job.error_count,
                status=job.status,
                success=job.succeeded,
                error=job.error_count,
                unsettled=_unsettled(job),
                goes_on=going_on(job),
            )
    return job


def _lines(states: Iterator[Job], console: Console) -> Job:
    printed, printed_at = "", 0.0
    for job in states:
        line = _line(job)
        due = job.has_ended or time.monotonic() - printed_at >= LINE_INTERVAL_S
        if line != printed and due:
            console.print(line)
            printed, printed_at = line, time.monotonic()
    return job


def _line(job: Job) -> str:
    goes_on = going_on(job)
    return (
        f"{job.status}: {job.success_count + job.error_count} of {job.total_items}, "
        f"{job.succeeded}, {job.error_count} failed{_unsettled(job)}" + (f"; {goes_on}" if goes_on else "")
    )


def _unsettled(job: Job) -> str:
    return f" ({job.counts.unsettled} may have been shipped)" if job.counts.unsettled else ""
