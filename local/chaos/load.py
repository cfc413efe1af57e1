"""Operators of several workspaces at work: they import, submit, cancel and retry until they are told to stop."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

import httpx

from local.chaos.robot import ask_robot
from local.cli.api import RobotJobsApi
from local.cli.connection import SCOPES
from local.cli.errors import ApiError, CommandError
from local.sample_order import sample_order
from local.stack.tokens import issue_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from local.stack.state import Stack

T = TypeVar("T")

_CARRIER = "coordinadora"
_TOKEN_LIFETIME_S = 3600
_SERVER_ERROR = 500
_TRIES = 40
_OPEN_JOBS = 4
#: Shares of the jobs that an operator cancels at once, and looks back at to retry what failed.
_CANCELS, _RETRIES = 0.1, 0.5


@dataclass
class Work:
    """What one operator did, as far as the API acknowledged it."""

    workspace: UUID
    #: Job → orders of its items, as the API answered.
    jobs: dict[UUID, set[UUID]] = field(default_factory=dict)
    retried_items: list[UUID] = field(default_factory=list)
    cancelled_jobs: int = 0
    #: Requests that got no answer, or a server's error, and were made again.
    repeated_requests: int = 0


class Operator:
    """One workspace's operator, in a thread."""

    def __init__(self, stack: Stack, chance: Random, stopped: threading.Event) -> None:
        self.work = Work(uuid4())
        self._stack = stack
        self._chance = chance
        self._stopped = stopped
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
        with self._api() as api, contextlib.suppress(_StoppedError):
            self._ship(api)

    def _api(self) -> RobotJobsApi:
        token = issue_token(self.work.workspace, list(SCOPES), _TOKEN_LIFETIME_S)
        return RobotJobsApi(self._stack.api_url, token)

    def _run(self) -> None:
        try:
            with self._api() as api:
                self._insist(lambda: api.put_carrier_config(_CARRIER, _account(self._stack)))
                while not self._stopped.is_set():
                    if self._may_submit(api):
                        self._ship(api)
                    self._stopped.wait(self._chance.uniform(0.2, 0.8))
        except _StoppedError:
            pass
        except (CommandError, httpx.HTTPError) as error:
            self.failure = error

    def _may_submit(self, api: RobotJobsApi) -> bool:
        """Whether few enough jobs wait: the robot works one batch of a workspace after the other."""
        newest = self._insist(lambda: api.list_jobs(limit=_OPEN_JOBS)).jobs
        return len(newest) < _OPEN_JOBS or any(job.has_ended for job in newest)

    def _ship(self, api: RobotJobsApi) -> None:
        orders = [sample_order(number) for number in range(self._chance.randint(2, 6))]
        ids = [UUID(str(order["id"])) for order in orders]
        self._insist(lambda: api.import_orders(orders))
        # The key makes it safe to submit again after no answer.
        key = str(uuid4())
        try:
            made = self._insist(lambda: api.submit(ids, idempotency_key=key))
        except ApiError as error:
            if error.code != "duplicate_job":
                raise
            self.work.jobs[UUID(str(error.members["existingJobId"]))] = set(ids)
        else:
            self.work.jobs[made.job_id] = {item.order_id for item in made.items}
        if self._chance.random() < _CANCELS:
            self._cancel(api, list(self.work.jobs)[-1])
        if self._chance.random() < _RETRIES:
            self._retry(api, self._chance.choice(list(self.work.jobs)))

    def _cancel(self, api: RobotJobsApi, job: UUID) -> None:
        try:
            if self._insist(lambda: api.cancel(job)):
                self.work.cancelled_jobs += 1
        except ApiError as error:
            if error.code != "invalid_transition":
                raise

    def _retry(self, api: RobotJobsApi, job: UUID) -> None:
        """Retry what failed and was not shipped: after a timeout an operator looks at the robot first."""
        items = self._insist(lambda: api.get_items(job, status="error"))
        shipped = {made["itemId"] for made in ask_robot(self._stack, "/ledger")["shipments"]}
        wanted = [item.id for item in items if str(item.id) not in shipped]
        if not wanted:
            return
        # What an unanswered retry did shows when it is made again: there is nothing left to retry.
        self.work.retried_items += wanted
        try:
            self._insist(lambda: api.retry(job, wanted))
        except ApiError as error:
            if error.code not in {"invalid_items", "nothing_to_retry"}:
                raise

    def _insist(self, request: Callable[[], T]) -> T:
        """Ask again after no answer or a server's error.

        Raises:
            _StoppedError: told to stop meanwhile; what was asked may have been done.
        """
        for _ in range(_TRIES):
            try:
                return request()
            except ApiError as error:
                if error.status < _SERVER_ERROR:
                    raise
            except (CommandError, httpx.HTTPError):
                pass
            self.work.repeated_requests += 1
            if self._stopped.wait(0.3):
                raise _StoppedError
        raise CommandError("The API did not answer, however often it was asked.")


class _StoppedError(Exception):
    """The run is over; a request without an answer is not made again."""


def _account(stack: Stack) -> dict[str, Any]:
    return {"portalUsername": "chaos", "portalPassword": "chaos", "robotUrl": stack.robot_url, "isEnabled": True}
