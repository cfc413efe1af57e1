"""One operator's hands: what is asked again after no answer, what is written down, and what may be refused."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

import httpx

from local.chaos.person import now
from local.chaos.robot import SECONDS_PER_ORDER, force_fault, resend_reports, set_robot
from local.chaos.work import Work, Written
from local.cli.errors import ApiError, CommandError
from local.sample_order import sample_order

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Iterator, Sequence
    from random import Random

    from local.chaos.person import Desk, SeenItem
    from local.cli.models import Submission
    from local.stack.state import Stack

T = TypeVar("T")

CARRIER = "coordinadora"
_SERVER_ERROR = 500
_TRIES = 40
_POLL_S = 0.8
_NEVER = float("inf")
#: What whoever clicks at random is refused; anything else is a defect.
_REFUSALS = frozenset(
    {
        "duplicate_job",
        "order_in_open_job",
        "already_shipped",
        "shipment_unsettled",
        "nothing_to_ship",
        "nothing_to_look_up",
        "nothing_to_retry",
        "invalid_items",
        "invalid_transition",
        "nothing_to_settle",
        "hand_over_not_over",
        "number_in_use",
        "carrier_not_configured",
    }
)


class StoppedError(Exception):
    """The run is over; a request without an answer is not made again."""


def members_of(refusal: ApiError, name: str) -> list[dict[str, Any]]:
    """A list that a refusal carries."""
    listed = refusal.members.get(name)
    return listed if isinstance(listed, list) else []


class Clerk:
    """An operator who knows what API and portal show, and nothing else."""

    def __init__(self, stack: Stack, desk: Desk, work: Work, chance: Random, stopped: threading.Event) -> None:
        self.desk = desk
        self.work = work
        self.chance = chance
        self._stack = stack
        self._stopped = stopped

    def insist(self, request: Callable[[], T]) -> T:
        """Ask again after no answer or a server's error.

        Raises:
            StoppedError: told to stop meanwhile; what was asked may have been done.
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
            if self._stopped.wait(_POLL_S):
                raise StoppedError
        raise CommandError("The API did not answer, however often it was asked.")

    def click(self, request: Callable[[], T]) -> T | ApiError:
        """Ask for what may be refused; the answer, or the refusal.

        Raises:
            ApiError: it is refused for a reason that no click should meet.
        """
        try:
            return self.insist(request)
        except ApiError as error:
            if error.code not in _REFUSALS:
                raise
            return error

    def wait(self, seconds: float) -> None:
        """Do nothing for a while.

        Raises:
            StoppedError: told to stop.
        """
        if self._stopped.wait(seconds):
            raise StoppedError

    def wait_for(self, job: UUID, status: str, count: int, timeout_s: float) -> list[SeenItem]:
        """Look at a job until so many items are of a status; those that are, in vain or not."""
        for _ in range(int(timeout_s / _POLL_S)):
            found = self.insist(lambda: self.desk.look(job, status))
            if len(found) >= count:
                return found
            self.wait(_POLL_S)
        return []

    def take_orders(self, count: int) -> list[UUID]:
        """Import new orders, each of a name of its own: the portal is searched by it."""
        orders = []
        for _ in range(count):
            name = f"P-{len(self.work.names) + 1}"
            order = sample_order(self.chance.randint(1, 99), name=name)
            self.work.names[UUID(order["id"])] = name
            orders.append(order)
        self.insist(lambda: self.desk.import_orders(orders))
        return [UUID(order["id"]) for order in orders]

    def submit(
        self, orders: Sequence[UUID], *, again: bool = False, urgent: bool = False, wave_size: int | None = None
    ) -> UUID | None:
        """Submit orders; `again` asks for one more shipment of each. The job, where one was made."""
        key = str(uuid4())  # makes it safe to ask again after no answer
        return self._made(
            self.click(
                lambda: self.desk.submit(
                    orders,
                    idempotency_key=key,
                    allow_reshipment=again,
                    priority="urgent" if urgent else None,
                    wave_size=wave_size,
                )
            )
        )

    def look_up(self, orders: Sequence[UUID] = ()) -> UUID | None:
        """Have guides looked up, those of the orders or all that lack one; the job, where one was made."""
        key = str(uuid4())
        return self._made(self.click(lambda: self.desk.look_up_guides(orders, idempotency_key=key)))

    def _made(self, made: Submission | ApiError) -> UUID | None:
        """Write a job down that was made, or that an earlier request without an answer had made."""
        if not isinstance(made, ApiError):
            self.work.jobs[made.job_id] = {item.order_id for item in made.items}
            return made.job_id
        if made.code == "duplicate_job":
            job = UUID(str(made.members["existingJobId"]))
            self.work.jobs[job] = {item.order_id for item in self.insist(lambda: self.desk.look(job))}
            return job
        return None

    def all_jobs(self) -> list[UUID]:
        """Every job of the workspace, also one whose submission nobody answered."""
        jobs: list[UUID] = []
        cursor: str | None = None
        while True:
            page = self.insist(lambda cursor=cursor: self.desk.list_jobs(limit=500, cursor=cursor))  # type: ignore[misc] # bound in the loop
            jobs += [job.id for job in page.jobs]
            if (cursor := page.next_cursor) is None:
                break
        for job in set(jobs) - self.work.jobs.keys():
            self.work.jobs[job] = {item.order_id for item in self.insist(lambda job=job: self.desk.look(job))}  # type: ignore[misc] # the same
        return jobs

    def retry(self, job: UUID, items: Sequence[UUID] = ()) -> tuple[set[str], list[dict[str, Any]]]:
        """Retry all that failed, or the items named; those handed over again, and those skipped."""
        self.lift(job)
        answer = self.click(lambda: self.desk.retry_told(job, items))
        if isinstance(answer, ApiError):
            return set(), members_of(answer, "skipped")
        with self.work.lock:
            self.work.retried_items += map(UUID, answer[0])
        return answer

    def pause(self, job: UUID) -> bool:
        """Let no further wave of a job start; whether it is paused."""
        is_paused = not isinstance(self.click(lambda: self.desk.pause(job)), ApiError)
        if is_paused:
            self.work.hold(job, now())
        return is_paused

    def resume(self, job: UUID) -> None:
        """Let a paused job go on."""
        self.lift(job)
        self.click(lambda: self.desk.resume(job))

    def lift(self, job: UUID) -> None:
        """Note that a job may go on from now: by a resume, or by a retry after its end, which clears a pause."""
        self.work.lift(job, now())

    def stop_all(self) -> None:
        """Let no wave of the workspace start: the emergency stop."""
        self.insist(lambda: self.desk.put_carrier_config(CARRIER, {"isEnabled": False}))
        self.work.hold(None, now())

    def let_go_on(self) -> None:
        """Let all go on, the jobs too that errors have paused."""
        self.work.lift(None, now())
        self.insist(lambda: self.desk.put_carrier_config(CARRIER, {"isEnabled": True}))
        for job in self.insist(self.desk.stand_still):
            self.resume(job)

    def wait_until_it_waits(self, job: UUID, reasons: Collection[str], timeout_s: float) -> bool:
        """Look at a job until it stands still for one of these reasons; whether it does."""
        for _ in range(int(timeout_s / _POLL_S)):
            if self.insist(lambda: self.desk.waits_for(job)) in reasons:
                return True
            self.wait(_POLL_S)
        return False

    def write_number(self, order: UUID, number: str | None) -> bool:
        """Write an order's number by hand, or clear it; whether it stands."""
        return self._write(self.work.numbers, order, number, trackingNumber=number)

    def write_address(self, order: UUID, address: str) -> bool:
        """Correct an order's address."""
        return self._write(self.work.addresses, order, address, shippingAddress=address)

    def _write(self, book: list[Written], order: UUID, value: str | None, **fields: object) -> bool:
        asked_at = now()
        try:
            answer = self.click(lambda: self.desk.write(order, **fields))
        except StoppedError:
            # It may have been done.
            book.append(Written(order, value, asked_at, _NEVER))
            raise
        if isinstance(answer, ApiError):
            return False
        book.append(Written(order, value, asked_at, now()))
        return True

    def stage(self, order: UUID, fault: str) -> None:
        """Let the robot meet a fault with this order. That is the run's doing; no operator knows of it."""
        force_fault(self._stack, self.work.workspace, order, fault)

    @contextlib.contextmanager
    def robot_that(self, **settings: object) -> Iterator[None]:
        """Let the robot behave so to this workspace for a while, or until the run's weather changes."""
        workspace = str(self.work.workspace)
        set_robot(self._stack, {"workspaceId": workspace, **settings})
        try:
            yield
        finally:
            set_robot(self._stack, {"workspaceId": workspace, "secondsPerOrder": SECONDS_PER_ORDER, "faults": {}})

    def let_robot_resend(self) -> None:
        """Let the robot's owner report again what nobody confirmed of this workspace."""
        resend_reports(self._stack, self.work.workspace)
