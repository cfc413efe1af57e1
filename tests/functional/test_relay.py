"""The relay over many workspaces: to the end, each in its order, within its time; a backlog is its own."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count
from uuid import UUID

import pytest
from psycopg import Connection

from shared.aws.bus import Entry, NotTaken
from shared.db import outbox
from shared.domain import DomainContext
from shared.domain.ids import uuid7
from shared.workflow.publish import publish_committed
from shared.workflow.relay import LANES, Relayed, relay


@pytest.fixture
def waiting(owner: Connection, fresh_database: str) -> dict[UUID, int]:
    """Give workspaces with events that nobody has published, of one more than of all others."""
    assert fresh_database
    counts = {uuid7(): events for events in (700, *[3] * 70)}
    for workspace_id, events in counts.items():
        owner.execute(_INSERT, [workspace_id, events])
    return counts


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[UUID, list[int]]:
    """Give what a bus has taken, a list a workspace; each other call is slow."""
    taken: dict[UUID, list[int]] = defaultdict(list)
    calls = count()

    def put_entries(entries: Sequence[Entry]) -> list[None]:
        if next(calls) % 2:
            time.sleep(0.1)
        for detail in (json.loads(entry.detail) for entry in entries):
            taken[UUID(detail["workspaceId"])].append(detail["n"])
        return [None] * len(entries)

    monkeypatch.setattr("shared.workflow.publish.put_entries", put_entries)
    return taken


def test_all_is_published_each_workspace_s_in_its_order(
    waiting: dict[UUID, int], as_system: Callable[[], None], told: dict[UUID, list[int]]
) -> None:
    """Naive: lanes side by side share a workspace's events, and later ones leave first."""
    as_system()
    relayed = relay(lambda: True)
    assert (relayed.published, relayed.failed) == (sum(waiting.values()), 0)
    assert told == {workspace_id: list(range(1, events + 1)) for workspace_id, events in waiting.items()}


def test_what_the_bus_refuses_is_counted_over_all_lanes(
    waiting: dict[UUID, int], as_system: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def put_entries(entries: Sequence[Entry]) -> list[NotTaken]:
        return [NotTaken("no such event", is_refused=True)] * len(entries)

    monkeypatch.setattr("shared.workflow.publish.put_entries", put_entries)
    as_system()
    assert relay(lambda: True) == Relayed(0, sum(waiting.values()))


def test_without_time_the_rest_is_left_to_the_next_run(
    waiting: dict[UUID, int], as_system: Callable[[], None], told: dict[UUID, list[int]]
) -> None:
    as_system()
    relayed = relay(lambda: False)
    assert 0 < relayed.published <= outbox.MAX_ROWS < sum(waiting.values())
    assert sum(map(len, told.values())) == relayed.published


def test_who_has_just_committed_leaves_a_backlog_to_the_relay(
    waiting: dict[UUID, int], owner: Connection, told: dict[UUID, list[int]]
) -> None:
    """Naive: a request publishes what an outage has left, until its time is over."""
    large = max(waiting, key=lambda each: waiting[each])
    owner.execute("UPDATE outbox SET created_at = now() - interval '2 minutes'")
    publish_committed(large)
    assert len(told[large]) == outbox.MAX_ROWS
    owner.execute("UPDATE outbox SET created_at = now()")
    publish_committed(large)
    assert len(told[large]) == waiting[large]


def test_one_workspace_s_backlog_beside_a_few_is_not_left_over(
    owner: Connection, fresh_database: str, as_system: Callable[[], None], told: dict[UUID, list[int]]
) -> None:
    """Naive: a batch that is not full is taken for the last, though each workspace has but its share of it."""
    assert fresh_database
    large, small, delayed = uuid7(), uuid7(), uuid7()
    for workspace_id, events in ((large, 1_000), (small, 1), (delayed, 1)):
        owner.execute(_INSERT, [workspace_id, events])
    owner.execute("UPDATE outbox SET next_attempt_at = now() + interval '1 hour' WHERE workspace_id = %s", [delayed])
    as_system()
    assert relay(lambda: True).published == 1_001
    assert (told[large], told[small], told[delayed]) == (list(range(1, 1_001)), [1], [])


@pytest.mark.parametrize("events", [0, 3])
def test_a_run_that_finds_little_is_one_look(
    owner: Connection, fresh_database: str, as_system: Callable[[], None], told: dict[UUID, list[int]], events: int
) -> None:
    """Naive: a connection a lane, each minute, for nothing."""
    assert fresh_database
    owner.execute(_INSERT, [uuid7(), events])
    as_system()

    def has_time() -> bool:
        raise AssertionError("a lane was opened")

    assert relay(has_time) == Relayed(events, 0)
    assert sum(map(len, told.values())) == events


def test_a_bus_that_is_down_is_asked_once_a_run(
    waiting: dict[UUID, int], as_system: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: each lane waits for its time-out again, and the run is over before anything else is done."""
    asked: list[int] = []

    def put_entries(entries: Sequence[Entry]) -> list[NotTaken]:
        asked.append(len(entries))
        return [NotTaken("no answer", is_refused=False)] * 10

    monkeypatch.setattr("shared.workflow.publish.put_entries", put_entries)
    as_system()
    assert relay(lambda: True) == Relayed(0, 10)
    assert len(asked) == 1 < len(waiting)


@pytest.mark.parametrize("more", [0, 1])
def test_many_workspaces_with_one_event_each_are_all_come_to(
    owner: Connection, fresh_database: str, as_system: Callable[[], None], told: dict[UUID, list[int]], more: int
) -> None:
    """Naive: the first fifty have no more events, which is taken for the end."""
    assert fresh_database
    workspace_ids = {uuid7() for _ in range(outbox.MAX_WORKSPACES + more)}
    for workspace_id in workspace_ids:
        owner.execute(_INSERT, [workspace_id, 1])
    as_system()
    assert relay(lambda: True).published == len(workspace_ids)
    assert told.keys() == workspace_ids


def test_workspaces_are_shared_out_between_the_lanes(
    owner: Connection, fresh_database: str, as_system: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: the first lane takes all that wait, and the others find nothing and end."""
    assert fresh_database
    for _ in range(LANES):
        owner.execute(_INSERT, [uuid7(), 400])
    threads: set[int] = set()

    def put_entries(entries: Sequence[Entry]) -> list[None]:
        threads.add(threading.get_ident())
        time.sleep(0.05)
        return [None] * len(entries)

    monkeypatch.setattr("shared.workflow.publish.put_entries", put_entries)
    as_system()
    assert relay(lambda: True).published == 400 * LANES
    assert len(threads) == LANES


def test_who_has_just_committed_leaves_its_events_to_who_publishes_already(
    owner: Connection, ctx: DomainContext, told: dict[UUID, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: a request waits for as long as a slow bus holds another one up."""
    monkeypatch.setattr("shared.db.outbox.PUBLISHING_LOCK_MS", 100)
    owner.execute(_INSERT, [ctx.workspace_id, 1])
    with owner.transaction():
        outbox.lock_publishing(owner, ctx.workspace_id)
        publish_committed(ctx.workspace_id)
        assert told[ctx.workspace_id] == []
    publish_committed(ctx.workspace_id)
    assert told[ctx.workspace_id] == [1]


_INSERT = """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT workspace_id, 'x', json_build_object('workspaceId', workspace_id, 'n', n)
  FROM (SELECT %s::uuid AS workspace_id) AS one, generate_series(1, %s) AS n
"""
