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
    #: Requests that got no answer, or a server's error, and were made again.
    repeated_requests: int = 0
    #: How often each situation came about that only who clicks can know of.
    situations: Counter[str] = field(default_factory=Counter)
    #: Two clicks of one person may be answered at once.
    lock: threading.Lock = field(default_factory=threading.Lock)

    def jobs_of(self, order_id: UUID) -> list[UUID]:
        """The jobs that an order was in."""
        return [job for job, orders in list(self.jobs.items()) if order_id in orders]
