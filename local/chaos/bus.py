"""A bus that fails: what the functions publish passes through here on its way to the emulator."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from local.stack import aws
from local.stack.ports import LOOPBACK

if TYPE_CHECKING:
    from random import Random

    from local.stack.state import Stack

_LATE_S = (0.5, 4.0)
_TARGET = "AWSEvents.PutEvents"


@dataclass(frozen=True)
class BusFaults:
    """Shares, 0 to 1, of calls or of entries that meet each fault."""

    #: Calls that are answered 500 and had no effect.
    refused_calls: float = 0
    #: Calls that are answered 500 and had their effect all the same.
    unanswered_calls: float = 0
    #: Entries that are refused, beside others of their call that are taken.
    refused_entries: float = 0
    #: Entries that arrive twice.
    repeated: float = 0
    #: Entries that arrive seconds after they were taken, behind younger ones.
    late: float = 0
    #: Calls whose entries arrive in another order.
    shuffled: float = 0


class Bus(ThreadingHTTPServer):
    """The proxy before the emulator's PutEvents, with a record of what arrived."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, stack: Stack, chance: Random) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self._events = aws.session().client("events", endpoint_url=stack.aws_endpoint_url)
        self._chance = chance
        self._lock = threading.Lock()
        self._on_their_way = 0
        self.faults = BusFaults()
        #: How often each fault was met.
        self.met: Counter[str] = Counter()
        #: How often each event has arrived: detail type and detail, members in order.
        self.arrived: Counter[tuple[str, str]] = Counter()
        self._refused_at: dict[tuple[str, str], tuple[str, float]] = {}
        #: How long each refused event took to arrive after all, in seconds, by fault.
        self.recovered: list[tuple[str, float]] = []

    @property
    def url(self) -> str:
        """Where the functions find the bus."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    @property
    def on_their_way(self) -> int:
        """How many late entries are still to arrive."""
        with self._lock:
            return self._on_their_way

    def put(self, entries: list[dict[str, str]]) -> tuple[int, dict[str, Any]]:
        """Take a call's entries as the faults let it; the status and the answer."""
        faults = self.faults
        if self._meets(faults.refused_calls, "bus.calls"):
            self._note_refused(entries, "bus.calls")
            return 500, {"__type": "InternalException", "message": "refused on purpose"}
        unanswered = self._meets(faults.unanswered_calls, "bus.unanswered")
        results: list[dict[str, str]] = [{"EventId": "taken"} for _ in entries]
        order = list(range(len(entries)))
        if len(order) > 1 and self._meets(faults.shuffled, "bus.order"):
            self._chance.shuffle(order)
        for number in order:
            entry = entries[number]
            if self._meets(faults.refused_entries, "bus.entries"):
                self._note_refused([entry], "bus.entries")
                results[number] = {"ErrorCode": "ThrottlingException", "ErrorMessage": "refused on purpose"}
            elif self._meets(faults.late, "bus.late"):
                self._forward_later(entry)
            else:
                self._forward(entry)
                if self._meets(faults.repeated, "bus.twice"):
                    self._forward(entry)
        if unanswered:
            return 500, {"__type": "InternalException", "message": "taken, and not said so on purpose"}
        return 200, {"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results}

    def forget_refusals(self) -> None:
        """What arrives from now on has not recovered by itself."""
        with self._lock:
            self._refused_at.clear()

    def handle_error(self, request: object, client_address: object) -> None:
        """A function that was killed meanwhile hears no answer; anything else is a defect."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # as it came

    def _meets(self, rate: float, fault: str) -> bool:
        with self._lock:
            if rate <= 0 or self._chance.random() >= rate:
                return False
            self.met[fault] += 1
            return True

    def _note_refused(self, entries: list[dict[str, str]], fault: str) -> None:
        with self._lock:
            for entry in entries:
                self._refused_at.setdefault(key_of(entry["DetailType"], entry["Detail"]), (fault, time.monotonic()))

    def _forward_later(self, entry: dict[str, str]) -> None:
        with self._lock:
            self._on_their_way += 1
            delay_s = self._chance.uniform(*_LATE_S)
        timer = threading.Timer(delay_s, self._forward_late, args=(entry,))
        timer.daemon = True
        timer.start()

    def _forward_late(self, entry: dict[str, str]) -> None:
        try:
            self._forward(entry)
        finally:
            with self._lock:
                self._on_their_way -= 1

    def _forward(self, entry: dict[str, str]) -> None:
        answer = self._events.put_events(Entries=[entry])  # type: ignore[list-item] # as the functions' SDK wrote it
        if answer["FailedEntryCount"]:
            raise BusError(f"the emulator refused an event: {answer['Entries']}")
        key = key_of(entry["DetailType"], entry["Detail"])
        with self._lock:
            self.arrived[key] += 1
            if key in self._refused_at:
                fault, since = self._refused_at.pop(key)
                self.recovered.append((fault, time.monotonic() - since))


class BusError(Exception):
    """The emulator did not take what the proxy let through."""


def key_of(detail_type: str, detail: str) -> tuple[str, str]:
    """What an event is recognised by, however its JSON is written."""
    return detail_type, json.dumps(json.loads(detail), sort_keys=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bus

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            # Who was to send the rest was killed.
            self.close_connection = True
            return
        if self.headers.get("X-Amz-Target") == _TARGET:
            status, answer = self.server.put(json.loads(body)["Entries"])
        else:
            status, answer = 400, {"__type": "UnknownOperationException", "message": "only PutEvents passes here"}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Calls are counted, not logged."""
