"""What a carrier is to the program."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from shared.logistics import CoveredCity, Parcel, PedidoInput, Recipient, ShipmentDefaults, Unshippable
from shared.words import ErrorType, JobKind, ReportStatus

#: accepted; refused for now as busy or as unreachable; refused for good; or nobody knows whether the executor has it.
Kind = Literal["accepted", "busy", "unreachable", "refused", "unknown"]
_LOGIN = "login"


@dataclass(frozen=True)
class Answer:
    """What came of a call, in one of five kinds, and in the other side's words."""

    kind: Kind
    words: str


@dataclass(frozen=True)
class TaskOrder:
    """An order of a task: what is typed in of a shipment, or the number that a guide is looked up by."""

    item_id: UUID
    order_id: UUID
    pedido_input: Mapping[str, Any]
    pedido_number: str | None = None


@dataclass(frozen=True)
class Task:
    """One hand-over: what a wave asks for, with all that its executor needs to do it and to report it."""

    kind: JobKind
    workspace_id: UUID
    #: The job's id as it is told, another one for each hand-over.
    job_id: str
    username: str
    password: str = field(repr=False)
    callback_url: str
    callback_secret: str = field(repr=False)
    orders: Sequence[TaskOrder]


@dataclass(frozen=True)
class ItemAnswer:
    """What became of one order, where the executor says it at once."""

    item_id: UUID
    status: ReportStatus
    tracking_number: str | None = None
    error_type: ErrorType | None = None
    error_message: str | None = None
    guide_found: bool | None = None


@dataclass(frozen=True)
class Execution:
    """What came of a hand-over; what is not answered here is reported by callbacks."""

    answer: Answer
    items: Sequence[ItemAnswer] = ()


#: POSTs a body to a path of the account's address, once, and tells what is known after it.
Post = Callable[[str, bytes], Answer]


class Executor(Protocol):
    """Who makes a carrier's shipments, or finds its guides."""

    def execute(self, task: Task, post: Post) -> Execution:
        """Hand a task over, at most once, and say what is known after it."""


def is_login_failure(words: str | None) -> bool:
    """Tell whether an executor's words say that the portal did not let it in: no order is at fault.

    Source: the robots' words, "Login fallido en el portal de …".
    """
    return words is not None and _LOGIN in words.lower()


@dataclass(frozen=True)
class Carrier:
    """A carrier: what it can do, how it is asked, and what its words mean."""

    name: str
    #: What people call it, and where they look for a shipment: the portal's list of them.
    title: str
    portal_url: str
    #: What jobs it can be given.
    abilities: frozenset[JobKind]
    executor: Executor
    #: What is typed in for a parcel, or why it can't be shipped as it is.
    fill_in: Callable[[Parcel, Recipient, CoveredCity | None, ShipmentDefaults], PedidoInput | Unshippable]
    #: Words of an error of type `validation` or `portal` that prove nothing of the shipment.
    unsure_words: tuple[str, ...] = ()
    #: The event that tells automations of a shipment's number; None: nobody is told.
    completed_event: str | None = None
