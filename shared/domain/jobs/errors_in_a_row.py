"""Errors that the robot reports one after the other with the same words: so many of them pause the job."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain.activity_log import log_activity
from shared.domain.carriers.usual import USUAL_STOP_AFTER_ERRORS
from shared.domain.context import DomainContext
from shared.domain.jobs.close import close_open_items
from shared.domain.jobs.kind_sql import IS_UNSENT
from shared.domain.jobs.lock import Target
from shared.domain.jobs.models import MAX_ERROR_MESSAGE
from shared.domain.jobs.pause_sql import EMIT_PAUSED


@dataclass(frozen=True)
class Reported:
    """A report that was recorded: a success without, an error with its type and words."""

    job_id: UUID
    error_type: Any
    error_message: Any


@dataclass(frozen=True)
class _Job:
    id: UUID
    errors_in_a_row: int
    words_in_a_row: str | None
    stop_after_errors: int
    #: It goes on by itself: it is not paused, and items remain that no robot has.
    can_pause: bool
    #: The schedule made it: instead of being paused it ends, since nobody would resume it.
    is_automatic: bool
    #: The words that pause it.
    paused_message: str | None = None


@dataclass(frozen=True)
class Followed:
    """Whether jobs were paused, and those of which all was ended that no robot has."""

    is_paused: bool = False
    ended: frozenset[UUID] = frozenset()


def follow_errors(conn: Connection, ctx: DomainContext, recorded: Sequence[Reported]) -> Followed:
    """Follow what was recorded, in its order, and pause the jobs that have to be.

    A wrong password costs one wave, not the batch: the same words so many times in a row, digits aside, pause the job
    while items remain that no robot has. A success or other words begin anew; an order that is invalid says nothing of
    the next one. A job that the schedule made is not paused but ends: nobody watches it, and another will follow.
    """
    row = {
        "workspace_id": ctx.workspace_id,
        "job_ids": sorted({each.job_id for each in recorded}),
        "default_stop": USUAL_STOP_AFTER_ERRORS,
    }
    before = {each.id: each for each in conn.cursor(row_factory=class_row(_Job)).execute(_SELECT_JOBS, row)}
    now = dict(before)
    for report in recorded:
        now[report.job_id] = _after(now[report.job_id], report)
    changed = [each for each in now.values() if each != before[each.id]]
    if not changed:
        return Followed()
    columns = {
        "workspace_id": ctx.workspace_id,
        "job_ids": [each.id for each in changed],
        "counts": [each.errors_in_a_row for each in changed],
        "words": [each.words_in_a_row for each in changed],
        "messages": [None if each.is_automatic else each.paused_message for each in changed],
    }
    conn.execute(_UPDATE_JOBS, columns)
    stopped = {each.id for each in changed if each.paused_message is not None}
    ended = {each.id for each in changed if each.is_automatic} & stopped
    for job_id in sorted(ended):
        words = f"not asked after {now[job_id].errors_in_a_row} errors in a row: {now[job_id].paused_message}"
        close_open_items(
            conn,
            [Target(ctx.workspace_id, job_id, None)],
            error_type="portal",
            error_message=words[:MAX_ERROR_MESSAGE],
            only_unsent=True,
        )
    paused = sorted(stopped - ended)
    if paused:
        conn.execute(EMIT_PAUSED, {"workspace_id": ctx.workspace_id, "job_ids": paused})
        for job_id in paused:
            log_activity(conn, ctx, "job_paused", job_id=job_id, errors=now[job_id].errors_in_a_row)
    return Followed(bool(paused), frozenset(ended))


def _after(job: _Job, report: Reported) -> _Job:
    if report.error_type == "validation":
        return job
    if report.error_type is None:
        return replace(job, errors_in_a_row=0, words_in_a_row=None)
    words = " ".join(re.sub(r"\d+", " ", report.error_message or "").split())
    count = job.errors_in_a_row + 1 if words == job.words_in_a_row else 1
    is_too_many = 0 < job.stop_after_errors <= count and job.can_pause
    message = (report.error_message or "") if is_too_many else job.paused_message
    return replace(job, errors_in_a_row=count, words_in_a_row=words, paused_message=message)


_SELECT_JOBS = f"""
SELECT job.id, job.errors_in_a_row, job.words_in_a_row,
       coalesce(config.stop_after_errors, %(default_stop)s) AS stop_after_errors,
       job.paused_at IS NULL AND EXISTS (SELECT FROM robot_job_items AS item
                                          WHERE item.job_id = job.id AND item.status = 'pending'
                                            AND {IS_UNSENT}) AS can_pause, job.is_automatic
  FROM robot_jobs AS job
  LEFT JOIN carrier_configs AS config
         ON config.workspace_id = job.workspace_id AND config.carrier = job.carrier
 WHERE job.id = ANY(%(job_ids)b::uuid[]) AND (job.workspace_id = %(workspace_id)s) IS TRUE
"""

_UPDATE_JOBS = """
UPDATE robot_jobs AS job
   SET errors_in_a_row = target.count, words_in_a_row = target.words,
       paused_at = CASE WHEN target.message IS NOT NULL THEN now() ELSE job.paused_at END,
       paused_reason = CASE WHEN target.message IS NOT NULL THEN 'errors' ELSE job.paused_reason END,
       paused_message = coalesce(target.message, job.paused_message),
       updated_at = now()
  FROM unnest(%(job_ids)b::uuid[], %(counts)b::int[], %(words)b::text[], %(messages)b::text[])
       AS target (id, count, words, message)
 WHERE job.id = target.id AND (job.workspace_id = %(workspace_id)s) IS TRUE
"""
