"""Operators of several workspaces at work: they submit, click, look into the portal and settle until told to stop."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from local.chaos.clerk import CARRIER, Clerk, StoppedError
from local.chaos.clicks import click_at_random
from local.chaos.person import Desk
from local.chaos.settling import settle_job
from local.chaos.stories import STORIES, tell
from local.chaos.work import Work
from local.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from local.stack.state import Stack

#: Clicks between two stories.
_CLICKS = 5
#: Small, so that a job of few orders has several.
_WAVE_SIZE = 3
#: More than a job of a story has that is about something else.
_STOP_AFTER_ERRORS = 4


class Operator:
    """One workspace's operator, in a thread."""

    def __init__(
        self, stack: Stack, chance: Random, stopped: threading.Event, first: Sequence[str], stories: Sequence[str]
    ) -> None:
        self.work = Work(uuid4())
        self._stack = stack
        self._chance = chance
        self._stopped = stopped
        #: Told once before anything else.
        self._first = first
        #: Told over and over from then on, random clicks between them.
        self._stories = stories
        self.has_told = False
        self._thread = threading.Thread(target=self._run, name=f"operator {self.work.workspace}", daemon=True)
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait until the operator has stopped.

        Raises:
            CommandError: the API refused what it should not, or the operator did not stop.
        """
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise CommandError("An operator did not get an answer and does not stop.")
        if self.failure is not None:
            raise CommandError(f"An operator could not go on: {self.failure}") from self.failure

    def ship_last(self) -> None:
        """Submit once more, after all work has ended.

        Raises:
            CommandError: the API refused what it should not.
        """
        with self._clerk(threading.Event()) as clerk:
            clerk.submit(clerk.take_orders(2))

    def let_go_on(self) -> None:
        """Let go on, after all work has ended, what is held back or paused.

        Raises:
            CommandError: the API refused what it should not.
        """
        with self._clerk(threading.Event()) as clerk:
            clerk.let_go_on()

    def settle_all(self) -> None:
        """Settle, after all work has ended, what can be settled by now.

        Raises:
            CommandError: the API refused what it should not.
        """
        with self._clerk(threading.Event()) as clerk:
            for job in clerk.all_jobs():
                settle_job(clerk, job)

    @contextlib.contextmanager
    def _clerk(self, stopped: threading.Event) -> Iterator[Clerk]:
        with Desk(self._stack, self.work.workspace) as desk:
            yield Clerk(self._stack, desk, self.work, self._chance, stopped)

    def _run(self) -> None:
        try:
            with self._clerk(self._stopped) as clerk:
                clerk.insist(lambda: clerk.desk.put_carrier_config(CARRIER, _account(self._stack)))
                for story in self._first:
                    tell(clerk, story)
                self.has_told = True
                while not self._stopped.is_set():
                    for story in self._stories:
                        STORIES[story](clerk)
                        for _ in range(_CLICKS):
                            click_at_random(clerk)
                            self._pause(clerk)
        except StoppedError:
            pass
        except (CommandError, httpx.HTTPError) as error:
            self.failure = error

    def _pause(self, clerk: Clerk) -> None:
        clerk.wait(self._chance.uniform(0.05, 0.3))


def _account(stack: Stack) -> dict[str, Any]:
    return {
        "portalUsername": "chaos",
        "portalPassword": "chaos",
        "robotUrl": stack.robot_url,
        "isEnabled": True,
        "waveSize": _WAVE_SIZE,
        "stopAfterErrors": _STOP_AFTER_ERRORS,
    }
