"""What can go wrong with a robot, on purpose: by share (`POST /settings`), or for one order (`POST /force`)."""

from __future__ import annotations

from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

#: How a robot says "not now"; the contract has 409 for busy, and servers before it have the others.
REFUSALS = (409, 429, 503)

#: What an order can meet. Those that make a shipment: all but `refusal`, `no_answer`, `exception_before` and `in_work`.
OrderFault = Literal[
    "refusal",  # the portal refuses the data
    "no_answer",  # the form was not saved, and no popup came
    "answer_lost",  # the form was saved, and no popup came
    "number_slip",  # the same, and the next order of the batch is reported with this one's number
    "popup",  # the form was saved, and the popup that says so is taken for an error
    "exception_before",  # the browser fails before the form is saved
    "exception_after",  # the browser fails after it was saved
    "fatal",  # the batch fails: every order of it is reported as an error, also those reported as done
    "crash",  # the robot restarts, after the shipment and before its report
    "unreported",  # the report is lost
    "late",  # the report is `late_seconds` late
    "in_work",  # another batch has the order in work
]
ORDER_FAULTS: Final[tuple[OrderFault, ...]] = get_args(OrderFault)
#: A lookup saves no form.
LOOKUP_FAULTS: Final[tuple[OrderFault, ...]] = ("fatal", "crash", "unreported", "late")
#: They come before the form is saved.
NOTHING_MADE: Final = frozenset[OrderFault | None]({"refusal", "no_answer", "exception_before"})


class _Wire(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid", allow_inf_nan=False
    )


class Faults(_Wire):
    """Shares of the hand-overs or of the orders, 0 to 1, that meet each fault; none by default."""

    #: Hand-overs that are refused for now, with 409, 429 or 503.
    refuse_rate: float = Field(default=0, ge=0, le=1)
    #: Hand-overs that are accepted and answered with 500 all the same.
    fail_after_accept_rate: float = Field(default=0, ge=0, le=1)
    #: Hand-overs that are accepted and answered `hang_seconds` late.
    hang_rate: float = Field(default=0, ge=0, le=1)
    hang_seconds: float = Field(default=30, ge=0)
    #: Hand-overs for which the login fails: each order is reported so, nothing is made.
    login_failed_rate: float = Field(default=0, ge=0, le=1)

    #: Orders that the portal refuses; `portalErrorRate` of the settings does the same, by the settings' seed.
    refusal_rate: float = Field(default=0, ge=0, le=1)
    no_answer_rate: float = Field(default=0, ge=0, le=1)
    answer_lost_rate: float = Field(default=0, ge=0, le=1)
    #: Of the orders whose answer is lost: those with whose number the next order of the batch is reported.
    number_slip_rate: float = Field(default=0, ge=0, le=1)
    popup_rate: float = Field(default=0, ge=0, le=1)
    exception_before_rate: float = Field(default=0, ge=0, le=1)
    exception_after_rate: float = Field(default=0, ge=0, le=1)
    #: Of these exceptions: those that the robot catches itself and reports as `portal`, not `unknown`.
    exception_caught_rate: float = Field(default=0, ge=0, le=1)
    fatal_rate: float = Field(default=0, ge=0, le=1)
    #: Orders in the midst of which the robot crashes: every batch stops, every jobId is forgotten.
    crash_rate: float = Field(default=0, ge=0, le=1)
    #: How long nobody answers after a crash.
    away_seconds: float = Field(default=0, ge=0)
    unreported_rate: float = Field(default=0, ge=0, le=1)

    #: Reports that are sent twice.
    repeat_rate: float = Field(default=0, ge=0, le=1)
    #: Reports that are sent after those of the orders behind them.
    reorder_rate: float = Field(default=0, ge=0, le=1)
    #: Reports that are sent `late_seconds` late.
    late_rate: float = Field(default=0, ge=0, le=1)
    late_seconds: float = Field(default=30, ge=0)
    #: Reports before which another one is made up: a success of an item of some other job.
    foreign_rate: float = Field(default=0, ge=0, le=1)

    def order_rate(self, fault: OrderFault) -> float:
        """The share of the orders that meet this fault; that of `late` is the reports' own."""
        return 0.0 if fault in _DRAWN_ELSEWHERE else float(getattr(self, f"{fault}_rate"))


#: `number_slip` with a lost answer, `late` with the report; `in_work` comes of itself.
_DRAWN_ELSEWHERE: Final = frozenset[OrderFault]({"number_slip", "late", "in_work"})


class Forced(_Wire):
    """The body of `POST /force`: a fault that an order meets the next times that it is worked on."""

    #: Its itemId or orderId, the reference in its form or, in a lookup, its pedidoNumber.
    order: str = Field(min_length=1)
    fault: OrderFault
    times: int = Field(default=1, ge=1)
    workspace_id: str | None = None
