"""Lookups that are due by themselves, over every workspace."""

from collections.abc import Callable
from itertools import takewhile
from uuid import UUID

from psycopg import Connection

from shared.db.hand_overs import hand_overs_are_off
from shared.db.transaction import system_transaction
from shared.domain.carriers.registry import carriers_able_to
from shared.domain.jobs import lookups_sql as sql
from shared.domain.jobs.each import each_alone
from shared.domain.jobs.insert_lookup import MAX_LOOKED_UP, insert_lookup
from shared.domain.jobs.lock import try_lock_line
from shared.domain.jobs.models import LOOKUP_DAYS
from shared.domain.jobs.turn import tell_of_first_wave

#: Workspaces in one run.
BATCH = 1_000


def make_due_lookups(has_time: Callable[[], bool] = lambda: True) -> int:
    """Make the lookups that are due, over every workspace, the longest due first, and return how many were made.

    A workspace has its next one so many hours after the last, as its configuration says; its first one as long after
    the first shipment. None is made while one is open, or while the robot ships. Each is a transaction of its own; a
    workspace that somebody works on is left to the next run, and so are all others where there is no more time.

    None is made while hand-overs are off: it would wait for nothing.

    Raises:
        psycopg.Error: the database did not answer, or not for one of them, after all others were made; none is half
            made, and the next run makes it.
    """
    if hand_overs_are_off():
        return 0
    row = {"carriers": carriers_able_to("guide_lookup"), "days": LOOKUP_DAYS, "batch": BATCH}
    with system_transaction() as conn:
        due = [(workspace_id, carrier) for workspace_id, carrier in conn.execute(sql.SELECT_DUE, row)]
    return sum(each_alone(takewhile(lambda _: has_time(), due), _make))


def _make(due: tuple[UUID, str]) -> int:
    with system_transaction() as conn:
        return _make_in(conn, *due)


def _make_in(conn: Connection, workspace_id: UUID, carrier: str) -> int:
    if not try_lock_line(conn, workspace_id):
        return 0
    row = {
        "workspace_id": workspace_id,
        "carrier": carrier,
        "carriers": [carrier],
        "days": LOOKUP_DAYS,
        "at_most": MAX_LOOKED_UP,
    }
    # Under the line: what became of it since it was looked for is seen.
    if conn.execute(sql.SELECT_STILL_DUE, row).fetchone() is None:
        return 0
    order_ids = [order_id for (order_id,) in conn.execute(sql.SELECT_DUE_ORDERS, row)]
    if not order_ids:
        return 0
    created = insert_lookup(conn, workspace_id, carrier, order_ids, is_automatic=True)
    tell_of_first_wave(conn, workspace_id, created.job_id, by_system=True)
    return 1
