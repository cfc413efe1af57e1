"""What can go wrong with a robot, on purpose: chosen by `POST /settings`, drawn from the settings' seed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

#: How a robot says "not now"; the contract has 409 for busy, and servers before it have the others.
REFUSALS = (409, 429, 503)


class Faults(BaseModel):
    """Shares of the hand-overs or of the orders, 0 to 1, that meet each fault; none by default."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid", allow_inf_nan=False
    )

    #: Hand-overs that are refused for now, with 409, 429 or 503.
    refuse_rate: float = Field(default=0, ge=0, le=1)
    #: Hand-overs that are accepted and answered with 500 all the same.
    fail_after_accept_rate: float = Field(default=0, ge=0, le=1)
    #: Hand-overs that are accepted and answered `hang_seconds` late.
    hang_rate: float = Field(default=0, ge=0, le=1)
    hang_seconds: float = Field(default=30, ge=0)
    #: Orders in the midst of which the robot crashes: every batch stops, every jobId is forgotten.
    crash_rate: float = Field(default=0, ge=0, le=1)
    #: Reports that are sent twice.
    repeat_rate: float = Field(default=0, ge=0, le=1)
    #: Reports that are sent after those of the orders behind them.
    reorder_rate: float = Field(default=0, ge=0, le=1)
    #: Reports that are sent `late_seconds` late.
    late_rate: float = Field(default=0, ge=0, le=1)
    late_seconds: float = Field(default=30, ge=0)
    #: Reports before which another one is made up: a success of an item of some other job.
    foreign_rate: float = Field(default=0, ge=0, le=1)
