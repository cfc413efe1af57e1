"""The event bus: PutEvents, with the answer read entry by entry."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.aws.clients import client
from shared.events import SOURCE, Event

if TYPE_CHECKING:
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef

#: Source: EventBridge takes ten entries a call, of 1 MB together.
MAX_ENTRIES = 10
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Entry:
    """One event on its way to the bus; `detail` is JSON."""

    detail_type: str
    detail: str

    @property
    def size_bytes(self) -> int:
        """What the entry counts for on the bus."""
        return len(self.detail.encode()) + len(self.detail_type) + len(SOURCE)


class BusUnavailableError(Exception):
    """The bus did not take the event."""


def put_event(event: Event) -> None:
    """Publish one event.

    Raises:
        BusUnavailableError: the bus did not answer, or refused it.
    """
    [error] = put_entries([Entry(event.detail_type, event.to_detail())])
    if error is not None:
        raise BusUnavailableError(error)


def put_entries(entries: Sequence[Entry]) -> list[str | None]:
    """Publish events in calls of at most ten and 1 MB, and return for each None or why the bus did not take it."""
    errors: list[str | None] = []
    for chunk in _chunks(entries):
        errors += _put(chunk)
    return errors


def _put(entries: Sequence[Entry]) -> list[str | None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - boto3 is imported when it is needed

    bus = os.environ["EVENT_BUS_NAME"]
    request: list[PutEventsRequestEntryTypeDef] = [
        {"EventBusName": bus, "Source": SOURCE, "DetailType": entry.detail_type, "Detail": entry.detail}
        for entry in entries
    ]
    try:
        answer = client("events").put_events(Entries=request)
    except (BotoCoreError, ClientError) as error:
        return [f"{type(error).__name__}: {error}"] * len(entries)
    return [
        f"{entry['ErrorCode']}: {entry.get('ErrorMessage', '')}" if entry.get("ErrorCode") else None
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
