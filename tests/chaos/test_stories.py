"""Stories are told until they came to what they are about; what nobody answered may have been done."""

from __future__ import annotations

import math
import threading
from random import Random
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import pytest

from local.chaos import stories
from local.chaos.clerk import Clerk, StoppedError
from local.chaos.situations import SITUATIONS
from local.chaos.work import Work
from local.cli.errors import CommandError

if TYPE_CHECKING:
    from uuid import UUID

    from local.chaos.person import Desk
    from local.stack.state import Stack

URGENT = "urgent overtakes"


class DeadDesk:
    """Never answers."""

    def write(self, order: UUID, **fields: object) -> None:
        raise CommandError(f"no answer about {order}: {fields}")


@pytest.fixture
def clerk() -> Clerk:
    stopped = threading.Event()
    stopped.set()
    return Clerk(cast("Stack", None), cast("Desk", DeadDesk()), Work(uuid4()), Random(1), stopped)  # noqa: S311


@pytest.mark.parametrize(("comes_about_at", "tellings"), [(1, 1), (2, 2), (9, 3)])
def test_a_story_is_told_until_it_came_to_its_situation(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch, comes_about_at: int, tellings: int
) -> None:
    told: list[str] = []

    def story(clerk: Clerk) -> None:
        told.append(URGENT)
        clerk.work.situations[stories.TOLD_FOR[URGENT]] += len(told) >= comes_about_at

    monkeypatch.setattr(stories, "STORIES", {URGENT: story})
    stories.tell(clerk, URGENT)
    assert len(told) == tellings


def test_what_stories_are_told_for_is_what_the_verdict_is_about() -> None:
    assert set(stories.TOLD_FOR.values()) <= set(SITUATIONS)
    assert stories.TOLD_FOR.keys() <= stories.STORIES.keys()


def test_what_was_written_without_an_answer_is_noted_as_such(clerk: Clerk) -> None:
    with pytest.raises(StoppedError):
        clerk.write_number(order := uuid4(), None)
    [written] = clerk.work.numbers
    assert (written.order_id, written.value, written.answered_at) == (order, None, math.inf)
