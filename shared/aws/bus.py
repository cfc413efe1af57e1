"""The event bus: PutEvents, with the answer read entry by entry."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.aws.clients import client
from shared.events.source import SOURCE

if TYPE_CHECKING:
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    from shared.events import Event

#: Source: EventBridge takes ten entries a call, of 1 MB together.
MAX_ENTRIES = 10
MAX_BYTES = 1_000_000
#: A larger entry is never sent: beside it the call has members of its own.
MAX_ENTRY_BYTES = 900_000

#: Source: PutEventsResultEntry names these errors of an entry retryable; the other codes are about the entry itself.
_RETRYABLE = {"ThrottlingException", "InternalFailure", "InternalException"}
#: A call is refused as a whole where one of its entries can't be read.
_ABOUT_AN_ENTRY = {"ValidationException", "SerializationException", "InvalidArgument", "MalformedDetail"}


#: A robot reports once and may wait 10 s for the answer; a bus that throttles takes the event a moment later.
_PATIENCE_S = 6.0
_FIRST_PAUSE_S = 0.1
#: No call for further entries is begun later: who publishes holds a lock, and its transaction has an end.
_BEGIN_WITHIN_S = 8.0


@dataclass(frozen=True)
class Entry:
    """One event on its way to the bus; `detail` is JSON."""

    detail_type: str
    detail: str

    @property
    def size_bytes(self) -> int:
        """What the entry counts for on the bus."""
        return len(self.detail.encode()) + len(self.detail_type) + len(SOURCE)


@dataclass(frozen=True)
class NotTaken:
    """Why the bus does not have an event, and whether that is because of the event: then it is refused for ever."""

    words: str
    is_refused: bool


class BusUnavailableError(Exception):
    """The bus did not take the event."""


class _CallFailedError(Exception):
    """A call failed as a whole; `is_about_an_entry` where one of its entries is the reason."""

    def __init__(self, words: str, *, is_about_an_entry: bool) -> None:
        super().__init__(words)
        self.words = words
        self.is_about_an_entry = is_about_an_entry


def put_event(event: "Event") -> None:
    """Publish one event that is kept nowhere else: what the bus does not take at once is put again for 6 s.

    Raises:
        BusUnavailableError: the bus did not answer in that time, or refused it.
    """
    entry = Entry(event.detail_type, event.to_detail())
    last_try_at = time.monotonic() + _PATIENCE_S
    pause_s = _FIRST_PAUSE_S
    while True:
        [not_taken] = put_entries([entry])
        if not_taken is None:
            return
        if not_taken.is_refused or time.monotonic() > last_try_at:
            raise BusUnavailableError(not_taken.words)
        time.sleep(pause_s)
        pause_s *= 2


def put_entries(entries: Sequence[Entry]) -> list[NotTaken | None]:
    """Publish events in calls of at most ten and 1 MB, and return for each None or why the bus did not take it.

    A bus that fails is not asked again at once: the list then ends with the entries of that call, and the entries
    after it were not tried; nor are those that a slow bus leaves no time for. An entry that makes its call fail takes
    no other one with it.
    """
    outcomes: list[NotTaken | None] = []
    last_begin_at = time.monotonic() + _BEGIN_WITHIN_S
    for chunk in _chunks(entries):
        if outcomes and time.monotonic() > last_begin_at:
            break
        try:
            outcomes += _put_readable(chunk)
        except _CallFailedError as error:
            return outcomes + [NotTaken(error.words, is_refused=False)] * len(chunk)
    return outcomes


def _put_readable(chunk: Sequence[Entry]) -> list[NotTaken | None]:
    try:
        return _put(chunk)
    except _CallFailedError as error:
        if not error.is_about_an_entry:
            raise
        if len(chunk) == 1:
            return [NotTaken(error.words, is_refused=True)]
    # Alone, each shows whether it is the one.
    return [outcome for entry in chunk for outcome in _put_readable([entry])]


def _put(entries: Sequence[Entry]) -> list[NotTaken | None]:
    if largest := max((entry.size_bytes for entry in entries if entry.size_bytes > MAX_ENTRY_BYTES), default=0):
        raise _CallFailedError(f"an entry of {largest} bytes, of at most {MAX_ENTRY_BYTES}", is_about_an_entry=True)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - boto3 is imported when it is needed

    bus = os.environ["EVENT_BUS_NAME"]
    request: list[PutEventsRequestEntryTypeDef] = [
        {"EventBusName": bus, "Source": SOURCE, "DetailType": entry.detail_type, "Detail": entry.detail}
        for entry in entries
    ]
    try:
        answer = client("events").put_events(Entries=request)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise _CallFailedError(f"{code}: {error}", is_about_an_entry=code in _ABOUT_AN_ENTRY) from error
    except BotoCoreError as error:
        raise _CallFailedError(f"{type(error).__name__}: {error}", is_about_an_entry=False) from error
    return [
        NotTaken(f"{entry['ErrorCode']}: {entry.get('ErrorMessage', '')}", entry["ErrorCode"] not in _RETRYABLE)
        if entry.get("ErrorCode")
        else None
        for entry in answer["Entries"]
    ]


def _chunks(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    chunk: list[Entry] = []
    size = 0
    for entry in entries:
        if chunk and (len(chunk) == MAX_ENTRIES or size + entry.size_bytes > MAX_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += entry.size_bytes
    if chunk:
        yield chunk
