"""Publish what nobody published after its commit, over every workspace, and forget what was published long ago."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from shared.db.connection import close_connection
from shared.db.outbox import MAX_PRUNED, Backlog, lock_waiting, prune_published, read_backlog
from shared.db.transaction import system_transaction
from shared.workflow.publish import Published, publish

#: Publishers side by side where there is a backlog, each with a connection: the bus takes longer than all else.
LANES = 4
_BEGINNING = UUID(int=0)

#: Whether there is time for one batch more.
HasTime = Callable[[], bool]


@dataclass(frozen=True)
class Relayed:
    """How many events the bus took, and how many it did not."""

    published: int = 0
    failed: int = 0

    def __add__(self, other: "Relayed") -> "Relayed":
        return Relayed(self.published + other.published, self.failed + other.failed)


def relay(has_time: HasTime) -> Relayed:
    """Publish batch after batch until nothing is due or there is no more time.

    Workspaces take turns, so that none waits for the backlog of another; of one a single lane publishes at a time, so
    that its events leave in their order. Safe to run twice at once: each takes what the other has not.

    Raises:
        psycopg.Error: the database did not answer; what was published may be published again.
    """
    done, after = _batch(_BEGINNING, publishers=1)
    first = Relayed(done.published, done.failed)
    if not done.is_bus_up or not (done.has_more or after):
        return first
    with ThreadPoolExecutor(LANES - 1) as pool:
        others = [pool.submit(_helping_lane, has_time) for _ in range(LANES - 1)]
        mine = _lane(has_time)
        return sum((lane.result() for lane in others), first + mine)


def relay_batch() -> Relayed:
    """Publish one batch; who calls it has other work, and the rest is the relay's."""
    done, _ = _batch(_BEGINNING, publishers=1)
    return Relayed(done.published, done.failed)


def prune(has_time: HasTime) -> int:
    """Delete events that were published more than seven days ago, and return how many."""
    pruned = 0
    while has_time():
        with system_transaction() as conn:
            batch = prune_published(conn)
        pruned += batch
        if batch < MAX_PRUNED:
            break
    return pruned


def backlog() -> Backlog:
    """Return how much waits, over every workspace."""
    with system_transaction() as conn:
        return read_backlog(conn)


def _helping_lane(has_time: HasTime) -> Relayed:
    try:
        return _lane(has_time)
    finally:
        # The thread's own.
        close_connection()


def _lane(has_time: HasTime) -> Relayed:
    """Go round the workspaces until a whole round finds nothing due."""
    relayed, at_last_end = Relayed(), Relayed()
    after = _BEGINNING
    while has_time():
        done, next_after = _batch(after, publishers=LANES)
        relayed += Relayed(done.published, done.failed)
        if not done.is_bus_up:
            break
        if next_after is None:
            if relayed == at_last_end:
                break
            at_last_end = relayed
        after = next_after or _BEGINNING
    return relayed


def _batch(after: UUID, *, publishers: int) -> tuple[Published, UUID | None]:
    with system_transaction() as conn:
        waiting = lock_waiting(conn, after, publishers)
        if not waiting.workspace_ids:
            return Published(0, 0, has_more=False), waiting.next_after
        return publish(conn, waiting.workspace_ids), waiting.next_after
