"""How long after each fault what it hit worked again, in seconds."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from local.chaos.database import Database
    from local.chaos.workers import Happening

#: Functions whose success shows that the database is back.
_NO_DATABASE = frozenset({"receive_callback"})
#: Faults of the journal, by the names of the plan.
_ROBOT = {"refuse": "robot.refuse", "fail_after_accept": "robot.500", "hang": "robot.hang"}


def recovery_times(
    happenings: Sequence[Happening],
    random_kills: Sequence[tuple[float, int]],
    database_faults: Sequence[tuple[str, float]],
    journal: Mapping[str, Any],
    database: Database,
) -> dict[str, list[float]]:
    """The seconds until recovery of each fault that something recovered from, by kind.

    A killed worker: until its messages were worked off by another, or its function answered the next request. The
    database: from the fault's begin until a function that uses it succeeded. The robot: until it took the hand-over
    that it had refused, or until the hand-over that it failed in was closed.
    """
    times: defaultdict[str, list[float]] = defaultdict(list)
    for kind, seconds in [
        *_kills(happenings, random_kills),
        *_outages(happenings, database_faults),
        *_robot(journal, database),
    ]:
        times[kind].append(seconds)
    return times


def _kills(happenings: Sequence[Happening], random_kills: Sequence[tuple[float, int]]) -> Iterator[tuple[str, float]]:
    for number, killed in enumerate(happenings):
        if killed.what == "killed" and (back := _back(happenings, number, killed.at)) is not None:
            yield f"worker.point {killed.function}", back
    for at, pid in random_kills:
        last = max(
            (n for n, happened in enumerate(happenings) if happened.pid == pid and happened.at <= at), default=-1
        )
        # One that had ended its work lost nothing.
        if last >= 0 and happenings[last].what == "start" and (back := _back(happenings, last, at)) is not None:
            yield "worker.random", back


def _back(happenings: Sequence[Happening], number: int, at: float) -> float | None:
    """Seconds from `at` until the keys of this happening ended; of a request, until its function ended another."""
    missing = set(happenings[number].keys)
    function = happenings[number].function
    is_request = function in {"submit_job", "manage_jobs", "receive_callback", "relay_events", "expire_items"}
    for later in happenings[number + 1 :]:
        if later.what != "end" or later.function != function or later.at < at:
            continue
        missing -= set(later.keys)
        if is_request or not missing:
            return later.at - at
    return None


def _outages(
    happenings: Sequence[Happening], database_faults: Sequence[tuple[str, float]]
) -> Iterator[tuple[str, float]]:
    for kind, at in database_faults:
        begun: set[int] = set()
        for happened in happenings:
            if happened.at < at or happened.function in _NO_DATABASE:
                continue
            if happened.what == "start":
                begun.add(happened.pid)
            elif happened.what == "end" and happened.keys and happened.pid in begun:
                yield kind, happened.at - at
                break


def _robot(journal: Mapping[str, Any], database: Database) -> Iterator[tuple[str, float]]:
    closed = {
        f"{job_id}" if dispatch == 1 else f"{job_id}.{dispatch}": float(at)
        for job_id, dispatch, at in database.rows(_CLOSED)
    }
    taken = {asked["job_id"]: asked["at"] for asked in journal["asked"] if asked["taken"] == "accepted"}
    for asked in journal["asked"]:
        if asked["fault"] is not None:
            over = (taken if asked["fault"] == "refuse" else closed).get(asked["job_id"])
            if over is not None:
                yield _ROBOT[asked["fault"]], over - asked["at"]
    for crash in journal["crashes"]:
        if crash["job_id"] in closed:
            yield "robot.crash", closed[crash["job_id"]] - crash["at"]


_CLOSED = """
SELECT job_id, dispatch, extract(epoch FROM closed_at) FROM robot_job_dispatches WHERE closed_at IS NOT NULL
"""
