"""Expire what the robot did not report in time, or will not since it restarted, unless the report may wait."""

import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

from shared.aws.queues import QueueUnavailableError, count_messages, peek
from shared.domain import (
    DispatchRef,
    Expired,
    SilentWave,
    UnreadMail,
    expire_dispatches,
    find_silent_waves,
    note_restarted,
)
from shared.logs import logger

#: An uptime so much shorter than the time since acceptance proves that the robot has restarted.
CLOCKS_APART_S = 10
#: Robots, in one run: each takes 10 s at most, so that one which does not answer delays no other.
ASKED_AT_ONCE = 50


def expire(has_time: Callable[[], bool] = lambda: True) -> Expired:
    """Close what was not reported in time, over every workspace, as far as no report of it may wait in the queues.

    First the robots that have been silent are asked since when they run: one that has restarted since it took a wave
    works on it no more.

    Raises:
        psycopg.Error: the database did not answer; the next run does it.
    """
    silent = find_silent_waves()
    # The queues are looked at after the robots were: what a robot reported before it restarted is in them by then.
    restarted = _restarted(silent) if silent else []
    mail = _unread_mail()
    closed = note_restarted([(each.workspace_id, DispatchRef(each.job_id, each.dispatch)) for each in restarted], mail)
    expired = expire_dispatches(mail, has_time)
    if expired.closed_despite_mail:
        logger.error("items were closed though their reports may wait", closed_despite_mail=expired.closed_despite_mail)
    return replace(expired, closed_items=expired.closed_items + closed)


def _restarted(silent: Sequence[SilentWave]) -> list[SilentWave]:
    """Return the waves whose robot says that it runs for a shorter time than it has had them."""
    from shared.robot.health import uptime_s  # noqa: PLC0415 - few runs ask a robot, and each start would pay for it

    begun = time.monotonic()
    urls = list(dict.fromkeys(wave.robot_url for wave in silent))[:ASKED_AT_ONCE]

    def runs_since(url: str) -> float | None:
        # As seconds before `begun`, at the latest: it was asked no earlier than that.
        asked_after_s = time.monotonic() - begun
        uptime = uptime_s(url)
        return None if uptime is None else uptime - asked_after_s

    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        uptimes = dict(zip(urls, pool.map(runs_since, urls), strict=True))
    found = []
    for wave in silent:
        uptime = uptimes.get(wave.robot_url)
        if uptime is not None and uptime + CLOCKS_APART_S < wave.seconds_since_accepted:
            found.append(wave)
    for wave in found:
        logger.warning(
            "a robot has restarted", workspace_id=wave.workspace_id, job_id=wave.job_id, dispatch=wave.dispatch
        )
    return found


def _unread_mail() -> UnreadMail:
    try:
        mail = _look(os.environ["RECORD_QUEUE_URL"], os.environ["RECORD_DEAD_LETTER_QUEUE_URL"])
    except (QueueUnavailableError, KeyError):
        # Nobody knows what waits in them.
        logger.exception("the queues of reports can't be asked")
        return UnreadMail(is_anyones=True)
    if mail != UnreadMail():
        logger.info("reports wait to be recorded", is_anyones=mail.is_anyones, workspaces=len(mail.workspace_ids))
    return mail


def _look(queue_url: str, dead_letters_url: str) -> UnreadMail:
    # How old a queue's oldest message is, SQS says of those alone that were never given back: so any one counts.
    if count_messages(queue_url):
        return UnreadMail(is_anyones=True)
    count = count_messages(dead_letters_url)
    letters = peek(dead_letters_url, count) if count else []
    # A second time: what somebody has redriven meanwhile was in neither when it was looked for there.
    if len(letters) < count or count_messages(queue_url):
        return UnreadMail(is_anyones=True)
    try:
        return UnreadMail(workspace_ids=frozenset(_workspace_of(letter) for letter in letters))
    except (ValueError, TypeError, KeyError):
        # A letter that names no workspace may be any one's.
        return UnreadMail(is_anyones=True)


def _workspace_of(letter: str) -> UUID:
    return UUID(str(json.loads(letter)["detail"]["workspaceId"]))
