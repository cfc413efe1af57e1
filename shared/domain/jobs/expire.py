"""What no message moves any more: passed deadlines, claims without a result, restarts, turns that nobody told of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from psycopg import Connection

from shared.db.hand_overs import hand_overs_are_off
from shared.db.transaction import system_transaction
from shared.domain.jobs import expire_sql as sql
from shared.domain.jobs.close import close_open_items
from shared.domain.jobs.each import each_alone
from shared.domain.jobs.lock import Target, lock_open_items, try_lock_line
from shared.domain.jobs.models import CLAIM_LOST_AFTER_S, DispatchRef
from shared.domain.jobs.turn import move_on

T = TypeVar("T")
R = TypeVar("R")

#: Workspaces that are looked for at once.
BATCH = 500
#: A wave whose turn it is, and whose next attempt is this late, has lost its message.
WAKE_AFTER_S = 300
#: A deadline waits so long at most for reports that are not recorded yet.
MAIL_WAIT_S = 3600


@dataclass(frozen=True)
class UnreadMail:
    """Reports that have come and are not recorded: whose they are, where that is known."""

    #: Some may be of any workspace.
    is_anyones: bool = False
    workspace_ids: frozenset[UUID] = frozenset()

    def may_be_of(self, workspace_id: UUID) -> bool:
        """Tell whether some may be of this workspace."""
        return self.is_anyones or workspace_id in self.workspace_ids


NO_MAIL = UnreadMail()


@dataclass(frozen=True)
class Expired:
    """How many items were closed, claims found lost, and waves called or called again.

    `closed_despite_mail` counts those of the closed whose report may still wait to be recorded.
    """

    closed_items: int = 0
    lost_claims: int = 0
    woken: int = 0
    closed_despite_mail: int = 0

    def __add__(self, other: "Expired") -> "Expired":
        return Expired(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))


def expire_dispatches(mail: UnreadMail = NO_MAIL, has_time: Callable[[], bool] = lambda: True) -> Expired:
    """Close what the robot did not report in time, over every workspace; safe to run twice at once.

    Where reports wait to be recorded, a passed deadline waits for them, an hour at most. Each workspace is a
    transaction of its own; one that somebody works on is left to the next run, and so are all others where there is no
    more time; one that fails stops no other.

    Raises:
        psycopg.Error: the database did not answer, or not for one of them, after all others were done; no workspace is
            half done, and the next run does it.
    """
    return sum(each_alone(_due(mail, has_time), lambda workspace_id: _expire_workspace(workspace_id, mail)), Expired())


def _due(mail: UnreadMail, has_time: Callable[[], bool]) -> Iterator[UUID]:
    """Give each workspace where something is due once, in the order of their ids."""
    limits = {"claim_lost_s": CLAIM_LOST_AFTER_S, "wake_s": WAKE_AFTER_S, "batch": BATCH}
    row = limits | {"are_off": hand_overs_are_off()} | _mail(mail)
    after = UUID(int=0)
    while has_time():
        with system_transaction() as conn:
            found = [workspace_id for (workspace_id,) in conn.execute(sql.SELECT_WORKSPACES, row | {"after": after})]
        for workspace_id in found:
            if not has_time():
                return
            yield workspace_id
        if len(found) < BATCH:
            return
        after = found[-1]


def note_restarted(waves: Sequence[tuple[UUID, DispatchRef]], mail: UnreadMail = NO_MAIL) -> int:
    """Note of waves, each with its workspace, that their robot has restarted, and return how many items that closed.

    It works on them no more: their open items end, and a shipment of each is possible. Where reports wait to be
    recorded, that waits for them: the next run asks again.

    Raises:
        psycopg.Error: the database did not answer, or not for one of them, after all others were done; no wave is half
            done, and the next run does it.
    """
    noted = [(workspace_id, wave) for workspace_id, wave in waves if not mail.may_be_of(workspace_id)]
    return sum(each_alone(noted, lambda each: _end_restarted(*each)))


def _expire_workspace(workspace_id: UUID, mail: UnreadMail) -> Expired:
    with system_transaction() as conn:
        if not try_lock_line(conn, workspace_id):
            return Expired()
        lost = _lose_claims(conn, workspace_id)
        overdue, closed = _close_overdue(conn, workspace_id, mail)
        row = {"workspace_id": workspace_id, "wake_s": WAKE_AFTER_S, "are_off": hand_overs_are_off()}
        woken = conn.execute(sql.WAKE, row)
        move_on(conn, workspace_id, sorted({target.job_id for target in (*lost, *overdue)}), by_system=True)
        [(called,)] = conn.execute(sql.COUNT_CALLED, row).fetchall()
    return Expired(closed, len(lost), woken.rowcount + called, closed if mail.may_be_of(workspace_id) else 0)


def _close_overdue(conn: Connection, workspace_id: UUID, mail: UnreadMail) -> tuple[list[Target], int]:
    row = {"workspace_id": workspace_id} | _mail(mail)
    overdue = [Target(workspace_id, *found) for found in conn.execute(sql.SELECT_OVERDUE, row)]
    if not overdue:
        return [], 0
    lock_open_items(conn, overdue)
    closed = close_open_items(
        conn, overdue, error_type="timeout", error_message="no report from the robot", closed_by="deadline"
    )
    conn.execute(sql.CLOSE_DISPATCHES, _columns(overdue) | {"last_error": "no report from the robot"})
    return overdue, closed


def _lose_claims(conn: Connection, workspace_id: UUID) -> list[Target]:
    row = {"workspace_id": workspace_id, "claim_lost_s": CLAIM_LOST_AFTER_S}
    lost = [Target(workspace_id, *found) for found in conn.execute(sql.SELECT_LOST, row)]
    if lost:
        # In the order that reports lock them in: the robot may have the orders, and report them just now.
        lock_open_items(conn, lost)
        conn.execute(sql.NOTE_LOST, _columns(lost))
    return lost


def _end_restarted(workspace_id: UUID, wave: DispatchRef) -> int:
    target = Target(workspace_id, wave.job_id, wave.dispatch)
    with system_transaction() as conn:
        if not try_lock_line(conn, workspace_id):
            return 0
        lock_open_items(conn, [target])
        conn.execute(sql.NOTE_RESTARTED, _columns([target]))
        words = "the robot restarted"
        closed = close_open_items(conn, [target], error_type="unknown", error_message=words, closed_by="restart")
        conn.execute(sql.CLOSE_DISPATCHES, _columns([target]) | {"last_error": words})
        move_on(conn, workspace_id, [wave.job_id], by_system=True)
    return closed


def _mail(mail: UnreadMail) -> dict[str, object]:
    return {"has_mail": mail.is_anyones, "with_mail": list(mail.workspace_ids), "mail_wait_s": MAIL_WAIT_S}


def _columns(targets: Sequence[Target]) -> dict[str, object]:
    return {
        "job_ids": [target.job_id for target in targets],
        "dispatches": [target.dispatch for target in targets],
    }
