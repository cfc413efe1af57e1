"""The bus of a chaos run fails as it is told to, and knows what arrived all the same."""

from __future__ import annotations

import json
import socket
import threading
import time
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from local.chaos import bus as module
from local.chaos.bus import Bus, BusFaults, key_of
from local.stack import aws

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRIES = [{"DetailType": "t", "Detail": json.dumps({"number": number})} for number in range(4)]


class Emulator:
    """Takes what the proxy lets through."""

    def __init__(self) -> None:
        self.taken: list[int] = []

    def client(self, *_: object, **__: object) -> Emulator:
        return self

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - the SDK's name
        self.taken += [json.loads(entry["Detail"])["number"] for entry in Entries]
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Emulator:
    emulator = Emulator()
    monkeypatch.setattr(aws, "session", lambda: emulator)
    monkeypatch.setattr(module, "_LATE_S", (0.05, 0.1))
    return emulator


@pytest.fixture
def bus(emulator: Emulator) -> Iterator[Bus]:
    assert emulator

    class NoStack:
        aws_endpoint_url = ""

    with Bus(NoStack(), Random(1)) as bus:  # type: ignore[arg-type] # only the address is read  # noqa: S311 - repeatable
        yield bus


def test_half_a_call_is_none(bus: Bus, emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    threading.Thread(target=bus.handle_request, daemon=True).start()
    with socket.create_connection(bus.server_address[:2]) as caller:  # type: ignore[arg-type] # an IPv4 address
        caller.sendall(b"POST / HTTP/1.1\r\nX-Amz-Target: AWSEvents.PutEvents\r\nContent-Length: 90\r\n\r\n{")
        caller.shutdown(socket.SHUT_WR)
        assert caller.recv(100) == b""
    assert emulator.taken == []
    assert capsys.readouterr().err == ""


def test_without_faults_everything_arrives_once_in_its_order(bus: Bus, emulator: Emulator) -> None:
    status, answer = bus.put(ENTRIES)
    assert (status, answer["FailedEntryCount"], emulator.taken) == (200, 0, [0, 1, 2, 3])
    assert bus.arrived[key_of("t", '{"number":2}')] == 1


def test_a_refused_call_has_no_effect(bus: Bus, emulator: Emulator) -> None:
    bus.faults = BusFaults(refused_calls=1)
    assert bus.put(ENTRIES)[0] == 500
    assert emulator.taken == []
    bus.faults = BusFaults()
    bus.put(ENTRIES)
    assert [fault for fault, _ in bus.recovered] == ["bus.calls"] * 4


def test_what_was_sent_again_by_hand_has_not_recovered(bus: Bus, emulator: Emulator) -> None:
    bus.faults = BusFaults(refused_calls=1)
    bus.put(ENTRIES)
    bus.forget_refusals()
    bus.faults = BusFaults()
    bus.put(ENTRIES)
    assert (len(emulator.taken), bus.recovered) == (4, [])


def test_an_unanswered_call_has_its_effect(bus: Bus, emulator: Emulator) -> None:
    bus.faults = BusFaults(unanswered_calls=1)
    assert bus.put(ENTRIES)[0] == 500
    assert emulator.taken == [0, 1, 2, 3]


def test_a_refused_entry_is_told_beside_those_that_were_taken(bus: Bus, emulator: Emulator) -> None:
    bus.faults = BusFaults(refused_entries=0.5)
    status, answer = bus.put(ENTRIES)
    refused = [number for number, entry in enumerate(answer["Entries"]) if "ErrorCode" in entry]
    assert (status, answer["FailedEntryCount"]) == (200, len(refused))
    assert 0 < len(refused) < 4
    assert sorted(refused + emulator.taken) == [0, 1, 2, 3]


def test_entries_arrive_twice_late_and_in_another_order(bus: Bus, emulator: Emulator) -> None:
    bus.faults = BusFaults(repeated=1)
    bus.put(ENTRIES)
    assert emulator.taken == [0, 0, 1, 1, 2, 2, 3, 3]
    emulator.taken.clear()
    bus.faults = BusFaults(shuffled=1)
    bus.put(ENTRIES)
    assert emulator.taken != [0, 1, 2, 3]
    assert sorted(emulator.taken) == [0, 1, 2, 3]
    emulator.taken.clear()
    bus.faults = BusFaults(late=1)
    bus.put(ENTRIES)
    assert (emulator.taken, bus.on_their_way) == ([], 4)
    until = time.monotonic() + 5
    while bus.on_their_way and time.monotonic() < until:
        time.sleep(0.01)
    assert sorted(emulator.taken) == [0, 1, 2, 3]
