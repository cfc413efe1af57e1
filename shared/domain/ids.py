"""Ids are UUIDs of version 7, made by the program: they sort by the time they were made."""

import os
import threading
import time
from datetime import datetime
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_SUB_MILLISECOND_BITS = 12
_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """Return a new UUID v7, greater than every one that this process made before.

    Source: RFC 9562, section 5.7 and section 6.2 method 3 (the fraction of the millisecond in rand_a).
    """
    return uuid7s(1)[0]


def uuid7s(count: int) -> list[UUID]:
    """Return `count` new UUIDs v7 in ascending order."""
    global _last  # noqa: PLW0603 - one clock a process is what makes the ids ascend
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    now = (milliseconds << _SUB_MILLISECOND_BITS) | (nanoseconds << _SUB_MILLISECOND_BITS) // 1_000_000
    with _lock:
        first = max(now, _last + 1)
        _last = first + count - 1
    random = os.urandom(8 * count)
    return [
        UUID(
            int=(tick >> _SUB_MILLISECOND_BITS) << 80
            | _VERSION_7
            | (tick & 0xFFF) << 64
            | _VARIANT
            | int.from_bytes(random[8 * n : 8 * n + 8]) >> 2
        )
        for n, tick in enumerate(range(first, first + count))
    ]


def first_id_of(moment: datetime) -> UUID:
    """Return what no UUID v7 of a moment (to the millisecond) or later is smaller than."""
    return UUID(int=int(moment.timestamp() * 1_000) << 80)
