"""What no message moves any more: deadlines that have passed, claims without a result, dispatches nobody woke."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.db.transaction import system_transaction
from shared.domain.jobs.close import close_open_items
from shared.domain.jobs.lock import Target, lock_open_items
from shared.domain.jobs.wave import CLAIM_LOST_AFTER_S

#: Dispatches in one transaction; the next minute takes the rest.
BATCH = 100
#: A waiting dispatch whose next attempt is this late has lost its message.
WAKE_AFTER_S = 300
#: A deadline waits so long at most for reports that are not recorded yet.
MAIL_WAIT_S = 3600


@dataclass(frozen=True)
class UnreadMail:
    """Reports that have come and are not recorded: whose they are, where that is known."""

    #: Some may be of any workspace.
    is_anyones: bool = False
    workspace_ids: frozenset[UUID] = frozenset()


NO_MAIL = UnreadMail()


@dataclass(frozen=True)
class Expired:
    """How many items were closed, claims found lost, and dispatches woken.

    `closed_despite_mail` counts those of the closed whose report may still wait to be recorded.
    """

    closed_items: int
    lost_claims: int
    woken: int
    closed_despite_mail: int = 0


def expire_dispatches(mail: UnreadMail = NO_MAIL) -> Expired:
    """Close what the robot did not report in time, over every workspace; safe to run twice at once.

    Where reports wait to be recorded, a passed deadline waits for them, an hour at most. Each step is a transaction of
    its own: one that has locked jobs must not lock items after them.

    Raises:
        psycopg.Error: the database did not answer; no step is half done, and the next run does it.
    """
    with system_transaction() as conn:
        closed, despite_mail = _close_overdue(conn, mail)
    with system_transaction() as conn:
        lost = _lose_claims(conn)
    with system_transaction() as conn:
        [(woken,)] = conn.execute(_WAKE, {"seconds": WAKE_AFTER_S, "batch": BATCH}).fetchall()
    return Expired(closed, lost, woken, despite_mail)


def _close_overdue(conn: Connection, mail: UnreadMail) -> tuple[int, int]:
    row = {
        "batch": BATCH,
        "has_mail": mail.is_anyones,
        "with_mail": list(mail.workspace_ids),
        "mail_wait_s": MAIL_WAIT_S,
    }
    found = conn.execute(_LOCK_OVERDUE, row).fetchall()
    overdue = [Target(workspace_id, job_id, dispatch) for workspace_id, job_id, dispatch, _ in found]
    if not overdue:
        return 0, 0
    lock_open_items(conn, overdue)
    closed = [
        _close(conn, [target for target, each in zip(overdue, found, strict=True) if each[3] is has_mail])
        for has_mail in (False, True)
    ]
    conn.execute(_CLOSE_OVERDUE, _columns(overdue))
    return sum(closed), closed[1]


def _close(conn: Connection, targets: list[Target]) -> int:
    if not targets:
        return 0
    return close_open_items(
        conn, targets, error_type="timeout", error_message="no report from the robot", closed_by="deadline"
    )


def _lose_claims(conn: Connection) -> int:
    row = {"seconds": CLAIM_LOST_AFTER_S, "batch": BATCH}
    lost = [Target(*found) for found in conn.execute(_LOCK_LOST, row)]
    if not lost:
        return 0
    # In the order that reports lock them in: the robot may have the orders, and report them just now.
    lock_open_items(conn, lost)
    conn.execute(_NOTE_LOST, _columns(lost))
    return len(lost)


def _columns(targets: list[Target]) -> dict[str, object]:
    return {
        "job_ids": [target.job_id for target in targets],
        "dispatches": [target.dispatch for target in targets],
    }


# Dispatches whose time is up, without those that another run or an operator works on; those of workspaces whose mail is
# not read yet wait for it, but not for ever.
_LOCK_OVERDUE = """
SELECT workspace_id, job_id, dispatch,
       %(has_mail)s OR workspace_id = ANY(%(with_mail)b::uuid[]) AS has_mail
  FROM robot_job_dispatches
 WHERE status IN ('claimed', 'accepted', 'unknown') AND deadline_at <= now()
   AND (deadline_at <= now() - %(mail_wait_s)s * interval '1 second'
        OR NOT (%(has_mail)s OR workspace_id = ANY(%(with_mail)b::uuid[])))
 ORDER BY deadline_at
 LIMIT %(batch)s
   FOR UPDATE SKIP LOCKED
"""

_CLOSE_OVERDUE = """
UPDATE robot_job_dispatches AS dispatch
   SET status = 'closed', closed_at = now(), last_error = 'no report from the robot', updated_at = now()
  FROM unnest(%(job_ids)b::uuid[], %(dispatches)b::int[]) AS overdue (job_id, dispatch)
 WHERE dispatch.job_id = overdue.job_id AND dispatch.dispatch = overdue.dispatch
"""

# Claims whose caller has died: nobody knows whether the robot has the orders.
_LOCK_LOST = """
SELECT workspace_id, job_id, dispatch
  FROM robot_job_dispatches
 WHERE status = 'claimed' AND claimed_at < now() - %(seconds)s * interval '1 second'
 ORDER BY claimed_at
 LIMIT %(batch)s
   FOR UPDATE SKIP LOCKED
"""

_NOTE_LOST = """
WITH noted AS (
    UPDATE robot_job_dispatches AS dispatch
       SET status = 'unknown', updated_at = now()
      FROM unnest(%(job_ids)b::uuid[], %(dispatches)b::int[]) AS lost (job_id, dispatch)
     WHERE dispatch.job_id = lost.job_id AND dispatch.dispatch = lost.dispatch
    RETURNING dispatch.job_id, dispatch.dispatch
), item AS (
    UPDATE robot_job_items AS item
       SET status = 'processing', started_at = coalesce(item.started_at, now()), updated_at = now()
      FROM noted
     WHERE item.job_id = noted.job_id AND item.dispatch = noted.dispatch AND (item.status = 'pending') IS TRUE
), begun AS (
    SELECT id FROM robot_jobs
     WHERE id IN (SELECT job_id FROM noted) AND (status = 'pending') IS TRUE
     ORDER BY id
       FOR NO KEY UPDATE
)
UPDATE robot_jobs AS job
   SET status = 'processing', started_at = coalesce(job.started_at, now()), updated_at = now()
  FROM begun
 WHERE job.id = begun.id
"""

# Waiting dispatches that should have been tried long ago: their message is lost, so it is sent again. The orders
# stay out of it; dispatch_job reads them from the database.
_WAKE = """
WITH overdue AS (
    SELECT job_id, dispatch
      FROM robot_job_dispatches
     WHERE status = 'waiting'
       AND coalesce(next_attempt_at, created_at) < now() - %(seconds)s * interval '1 second'
     ORDER BY created_at
     LIMIT %(batch)s
       FOR UPDATE SKIP LOCKED
), woken AS (
    UPDATE robot_job_dispatches AS dispatch
       SET next_attempt_at = now(), updated_at = now()
      FROM overdue
     WHERE dispatch.job_id = overdue.job_id AND dispatch.dispatch = overdue.dispatch
    RETURNING dispatch.job_id, dispatch.dispatch, dispatch.workspace_id, dispatch.carrier, dispatch.item_count
), event AS (
    INSERT INTO outbox (workspace_id, detail_type, detail)
    SELECT woken.workspace_id, 'robot/job.submitted',
           jsonb_build_object('jobId', woken.job_id, 'workspaceId', woken.workspace_id, 'carrier', woken.carrier,
                              'dispatch', woken.dispatch, 'orders', '[]'::jsonb, 'ordersOmitted', woken.item_count)
      FROM woken
)
SELECT count(*) FROM woken
"""
