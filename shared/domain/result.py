"""What a domain function answers: data, or a refusal that a person can act on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from shared.sentences import Sentence

T = TypeVar("T")


class ErrorCode(StrEnum):
    """Why a call was refused, in the few kinds that a caller must tell apart."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"


@dataclass(frozen=True)
class Success(Generic[T]):
    """The call was carried out and committed."""

    data: T
    success: Literal[True] = field(default=True, init=False)


@dataclass(frozen=True)
class Failure:
    """The call was refused and left nothing behind.

    `reason` is the stable name of the refusal (`order_in_open_job`); `details` hold what it is about.
    """

    error: str
    code: ErrorCode
    reason: str
    details: Mapping[str, object] = field(default_factory=dict)
    #: What `error` was made of, so that the API can spell the fields' names its own way.
    sentence: Sentence | None = field(default=None, compare=False, repr=False, kw_only=True)
    success: Literal[False] = field(default=False, init=False)


DomainResult = Success[T] | Failure
