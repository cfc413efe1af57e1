"""What an operator of a chaos run did, as far as the API acknowledged it: the other half of what the verdict needs."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True)
class Written:
    """What a person wrote on an order: when it was asked for, and when the API answered, in seconds since 1970."""

    order_id: UUID
    value: str | None
    asked_at: float
    answered_at: float


@dataclass(frozen=True)
class Hold:
    """A job, or all (None), held back: from the API's answer on, until somebody asked to let it go on."""

    job_id: UUID | None
    answered_at: float
    lifted_at: float


@dataclass
class Work:
    """What one operator did."""

    workspace: UUID
    #: Job → orders of its items, as the API answered.
    jobs: dict[UUID, set[UUID]] = field(default_factory=dict)
    #: Order → the name that is its reference in the portal.
    names: dict[UUID, str] = field(default_factory=dict)
    #: Tracking numbers written by hand, or cleared.
    numbers: list[Written] = field(default_factory=list)
    addresses: list[Written] = field(default_factory=list)
    #: Item → the numbers that it was settled with.
    settled_numbers: defaultdict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: Orders of which the operator said that nothing was made without having looked well.
    overlooked: set[UUID] = field(default_factory=set)
    #: Unsettled items that the API has shown.
    seen_unsettled: set[UUID] = field(default_factory=set)
    retried_items: list[UUID] = field(default_factory=list)
    cancelled_jobs: int = 0
    #: Holds that are over, and since when the others last.
    holds: list[Hold] = field(default_factory=list)
    held_since: dict[UUID | None, float] = field(default_factory=dict)
    #: Requests that got no answer, or a server's error, and were made again.
    repeated_requests: int = 0
    #: How often each situation came about that only who clicks can know of.
    situations: Counter[str] = field(default_factory=Counter)
    #: Two clicks of one person may be answered at once.
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hold(self, job: UUID | None, answered_at: float) -> None:
        """Note that a job, or all, was held back."""
        self.held_since.setdefault(job, answered_at)

    def lift(self, job: UUID | None, asked_at: float) -> None:
        """Note that it is about to be let go on."""
        since = self.held_since.pop(job, None)
        if since is not None:
            self.holds.append(Hold(job, since, asked_at))

    def jobs_of(self, order_id: UUID) -> list[UUID]:
        """The jobs that an order was in."""
        return [job for job, orders in list(self.jobs.items()) if order_id in orders]
