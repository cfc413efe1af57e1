"""Ids are UUIDs of version 7 that ascend."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

import pytest

from shared.domain import ids
from shared.domain.ids import first_id_of, uuid7, uuid7s


def test_an_id_is_a_uuid_of_version_7_that_tells_its_time() -> None:
    before = time.time_ns() // 1_000_000
    id_ = uuid7()
    after = time.time_ns() // 1_000_000
    assert (id_.version, id_.variant) == (7, RFC_4122)
    assert before <= id_.int >> 80 <= after


def test_ids_ascend_one_by_one_and_many_at_once() -> None:
    made = [uuid7(), *uuid7s(10_000), uuid7(), *uuid7s(3)]
    assert made == sorted(set(made))
    assert [str(id_) for id_ in made] == sorted(str(id_) for id_ in made)


def test_ids_ascend_when_the_clock_stands_still_or_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns() + 3_600 * 10**9
    clock = iter([now, now, now - 10**9, now])
    monkeypatch.setattr(ids, "_last", 0)
    monkeypatch.setattr(time, "time_ns", lambda: next(clock))
    made = [uuid7() for _ in range(4)]
    assert made == sorted(set(made))


def test_ids_made_in_threads_differ() -> None:
    with ThreadPoolExecutor(4) as threads:
        made = [id_ for some in threads.map(lambda _: uuid7s(500), range(20)) for id_ in some]
    assert len(set(made)) == 10_000
    assert len({id_.int >> 62 for id_ in made}) == 10_000


def test_no_ids_are_an_empty_list() -> None:
    assert uuid7s(0) == []


def test_what_is_random_in_an_id_is_not_repeated() -> None:
    assert len({id_.int & (1 << 62) - 1 for id_ in uuid7s(1_000)}) == 1_000


@pytest.mark.parametrize("milliseconds", [0, 1, 999])
def test_what_was_made_since_a_moment_has_no_smaller_id_and_what_was_made_before_has(
    monkeypatch: pytest.MonkeyPatch, milliseconds: int
) -> None:
    """Naive: seconds for milliseconds, or a bit too far; a list of the last days is empty, or has everything."""
    moment = datetime(2040, 2, 29, 23, 59, 59, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    since_epoch = int(moment.timestamp()) * 1_000 + milliseconds
    clock = iter(since_epoch + after for after in (-2, 0, 1))
    monkeypatch.setattr(ids, "_last", 0)
    monkeypatch.setattr(time, "time_ns", lambda: next(clock) * 1_000_000)
    assert [uuid7() >= first_id_of(moment) for _ in range(3)] == [False, True, True]
